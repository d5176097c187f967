"""Consents: what members agreed to, by purpose, and when they took it back.

Words: purpose 用途, consent 同意, to withdraw 撤回. Every giving and withdrawing is a row of its own with the text that was shown; the
latest of each purpose stands beside it for filtering. Who never said anything has no row: that is neither.
"""
