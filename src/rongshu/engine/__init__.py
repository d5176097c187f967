"""The engine: pure functions over numbers and arrays. No Django, no clock, no I/O.

Live rating, simulation, re-rating and explanation all call these functions, so that nothing is computed two ways.
"""
