"""Ranks: the ladder in its versions, who holds which rank since when and why, and the assessment by the clock."""
