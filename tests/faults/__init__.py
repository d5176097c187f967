"""Faults: processes killed at random points, connections cut at COMMIT, entries that cannot be worked off."""
