"""Tiers of members: ladders in versions, where each member stands, how they got there, assessment by the clock."""
