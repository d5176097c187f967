"""Payees: who a promoter is by law and where their money goes; sealed at rest, masked on every screen.

Words: payee 收款人, real name 实名, account 收款账户, agreement 协议.
"""
