"""Plans: drafts that may change, published versions that never do, scheduled ones that may be withdrawn in time."""
