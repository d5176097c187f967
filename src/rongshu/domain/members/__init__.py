"""Members: everyone a tenant knows."""
