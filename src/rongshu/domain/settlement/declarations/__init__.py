"""Declarations: what a payer tells the tax office about a month, what was filed, and what has to be corrected since.

Words: declaration 扣缴申报, payer 扣缴义务人, filed 已申报, corrected return 更正申报.
"""
