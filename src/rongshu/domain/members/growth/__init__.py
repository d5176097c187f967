"""Growth value of members: rules in versions, what was earned and taken back, sums by month, on the ledger's book GROWTH."""
