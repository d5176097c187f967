"""The plan lab on a tenant's own orders: plans tried, compared and forecast; what was computed once is kept while nothing changes."""
