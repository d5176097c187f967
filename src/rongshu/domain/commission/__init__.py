"""Commission: what is owed to whom for which order, by which plan, and why."""
