from rongshu.domain.commerce.checkouts.models import Checkout
from rongshu.domain.commerce.coupons.models import (
    Coupon,
    CouponBatch,
    CouponCode,
    CouponKind,
    CouponRedemption,
    CouponTaker,
    CouponUse,
)
from rongshu.domain.commerce.inbox.models import InboxItem, ParkedItem
from rongshu.domain.commerce.mall.models import MallExchange, MallItem, MallTaker
from rongshu.domain.commerce.orders.models import CreditCorrection, Order, OrderLine, Refund
from rongshu.domain.commerce.prices.models import PriceDraft, PriceVersion
from rongshu.domain.commerce.products.models import Picture, Product
from rongshu.domain.commerce.purchases.models import Purchases, PurchasesHead

__all__ = [
    "Checkout",
    "Coupon",
    "CouponBatch",
    "CouponCode",
    "CouponKind",
    "CouponRedemption",
    "CouponTaker",
    "CouponUse",
    "CreditCorrection",
    "InboxItem",
    "MallExchange",
    "MallItem",
    "MallTaker",
    "Order",
    "OrderLine",
    "ParkedItem",
    "Picture",
    "PriceDraft",
    "PriceVersion",
    "Product",
    "Purchases",
    "PurchasesHead",
    "Refund",
]
