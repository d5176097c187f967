"""Statements and tax certificates on paper and as files: how they look is in the `.typ` of the same name, what they say in `statement.py` and `certificate.py`."""
