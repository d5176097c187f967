"""Surfaces: they parse, make one call, and render. None of them knows another."""
