"""Re-rating: a window of orders rated anew, by another version or with corrected attributions, and the difference posted.

Words: window 时段, correction of attribution 归属更正, preview 预览, difference 差异, post 入账, replaced row 被替换的明细. A re-rating never
edits: the old row is taken back whole, a new row is accrued beside it, and both name the order.
"""
