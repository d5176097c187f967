"""Tenancy: who the rows belong to. Words: tenant, scope (the tenant a transaction acts for), wall (row-level security)."""
