"""Coupons: what can be had, what members hold, what was used on which order.

Words: kind 优惠券种类 (its definition), coupon 优惠券 (one, held by a member), batch 券码批次 and code 券码, claim 领取, send 发放, share 转赠,
budget 预算, worth (the most one coupon can cost) 单张最高金额, trace 核销记录.

The money budget holds by what could be used, not by what was: a coupon given takes its worth from the budget, using it turns that
into what was really saved, its end frees it. So a coupon that somebody holds can always be used, and the budget is never exceeded.
"""
