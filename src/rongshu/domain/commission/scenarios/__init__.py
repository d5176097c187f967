"""Scenarios: what was tried in the plan lab and kept, with its result, to be looked at again and shared inside the console."""
