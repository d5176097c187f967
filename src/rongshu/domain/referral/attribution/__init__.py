"""Attribution: to whom orders are credited, by the tenant's published policy; what was considered is kept with the order.

Words: policy 归因规则, evidence 归因依据, candidate 候选, fate (what became of a candidate), what-if 试算.
"""
