"""Insight: what happened, in figures."""
