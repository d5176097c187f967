"""Bonds: a customer's lasting tie to the promoter their orders are credited to when an order names nobody."""
