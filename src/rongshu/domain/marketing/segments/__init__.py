"""Segments: named conditions on members, in versions; who is in them, kept fresh by the clock; tags they put on their members."""
