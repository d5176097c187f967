from rongshu.domain.commerce.inbox.models import InboxItem, ParkedItem
from rongshu.domain.commerce.orders.models import CreditCorrection, Order, OrderLine, Refund

__all__ = ["CreditCorrection", "InboxItem", "Order", "OrderLine", "ParkedItem", "Refund"]
