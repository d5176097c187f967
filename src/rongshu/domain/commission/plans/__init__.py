"""Plans: drafts that may change, published versions that never do."""
