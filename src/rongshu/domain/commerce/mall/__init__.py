"""The points mall: what can be had for points, and what became of each exchange.

Words: item 商品 (goods 实物, coupon 优惠券, privilege 权益), exchange 兑换, taken 已兑 (how many are gone, by all or by one member).

Locks are taken in one order: the member's account of points, the house's books, the item, the kind of coupon. So nothing
deadlocks, and the item, for which many race, is held the shortest.
"""
