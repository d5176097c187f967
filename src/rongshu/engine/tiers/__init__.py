"""Tiers of members and growth value: documents, assessment, how well a ladder fits, what it costs. Pure."""
