"""Outbox: facts announced in the transaction that made them true, delivered afterwards, at least once, in order.

An event names its subjects in one array, so that a batch of thousands announces itself in one row.
"""
