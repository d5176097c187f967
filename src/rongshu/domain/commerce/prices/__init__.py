"""Price rules: member prices, sales, bundles, full reductions and shipping, in versions; a draft is written on until it is published.

Words: price rules 价格规则, version 版本, draft 草稿, member price 会员价, sale 限时特价, bundle 组合优惠, full reduction 满减.
What they mean is the engine's business (`engine/prices`).
"""
