"""Periods: steps and pools closed once each, their rewards, and what arrives late carried into the next close."""
