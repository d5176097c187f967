"""A stand-in for WeChat Pay and Alipay on the own machine: their protocols, real keys, a book of its own, faults on request.

For trying payouts without money and signing in by WeChat, and for the tests. It checks what the real ones check (signatures, names, scenes, numbers)
and pays a number once. It is no part of a running installation.
"""
