"""Statements: what a month brought a promoter and what left, from the ledger's own rows.

Words: statement 对账单, opening 期初, closing 期末.
"""
