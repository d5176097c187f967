"""Cycles: runs that ask for withdrawals on the promoters' behalf, by the clock or begun by a person, portion by portion.

Words: cycle 结算周期, run 结算批次, portion 一份, left out 未列入.
"""
