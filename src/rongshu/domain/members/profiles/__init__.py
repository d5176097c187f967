"""Profiles: a member by external id, phone or e-mail. Phone, e-mail and name are encrypted; a keyed hash finds them."""
