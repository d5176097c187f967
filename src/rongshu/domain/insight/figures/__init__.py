"""Figures: one row a day, counted from events, in the tenant's time zone."""
