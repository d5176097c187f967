"""Points: rules in versions; lots, and every move that says which lot it took from. The ledger holds the sums."""
