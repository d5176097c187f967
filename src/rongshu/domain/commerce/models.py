from rongshu.domain.commerce.inbox.models import InboxItem, ParkedItem
from rongshu.domain.commerce.orders.models import Order, OrderLine, Refund

__all__ = ["InboxItem", "Order", "OrderLine", "ParkedItem", "Refund"]
