"""Explanations: why this amount, and why nothing, for one order, in words.

Words: a sentence is a template with its parameters, said in a language only when asked; a step is a sentence of the
trace of one commission, with a stable code for programs; a silence is why somebody of the chain earned nothing.
"""
