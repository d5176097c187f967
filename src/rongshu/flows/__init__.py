"""Flows: what crosses the apps of the domain, each told in one place."""
