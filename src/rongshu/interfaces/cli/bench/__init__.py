"""Measurements: speed as a ratio to a limit measured in the same run, so that they mean the same on every machine."""
