"""Commerce: what was sold."""
