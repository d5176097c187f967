"""Audit: who wrote what, when. One entry a write; entries are never changed."""
