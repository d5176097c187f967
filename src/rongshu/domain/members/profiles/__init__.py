"""Profiles: a member by external id, phone or e-mail, with birthday, region, preference and the fields a tenant defines.

Phone, e-mail, name and year of birth are encrypted; a keyed hash finds the first two. `editing.py` changes a profile, `fields.py` defines
fields, `values.py` keeps their values in a column of their kind."""
