"""Orders: orders, their lines, their refunds. `paid` is what the buyer really paid, without freight and tax."""
