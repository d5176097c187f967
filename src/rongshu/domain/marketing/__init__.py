"""Settlement: the way from an available balance to a person's account."""
