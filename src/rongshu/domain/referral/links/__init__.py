"""Links and codes: what a promoter shares. Words: code 推广码, link 推广链接, channel 渠道, target 落地页, takeover 转让.

A code is a promoter's own and lasting one; a link leads to one target, for one channel. Both answer at `/s/<slug>`.
"""
