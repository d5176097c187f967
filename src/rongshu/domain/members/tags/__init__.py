"""Tags: the tenant's own words on members, put on by hand or by a rule; who did it and when."""
