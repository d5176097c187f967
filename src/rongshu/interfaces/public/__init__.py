"""Public pages, for everybody and without signing in: the rules by which a tenant's promoters earn."""
