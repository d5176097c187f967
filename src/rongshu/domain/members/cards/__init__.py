"""The member card: which doors lead to it, in versions; who holds one, and who waits for a decision."""
