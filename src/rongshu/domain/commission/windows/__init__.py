"""Windows: the orders a tenant was paid in a time, as the frames rating reads, ready to be tried, rated again or exported."""
