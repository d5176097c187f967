"""Configuration: settings, addresses, the entry points of the servers."""
