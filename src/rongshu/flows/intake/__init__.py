"""Intake: what comes from outside is accepted (checked, credited, made durable) and then worked off in batches.

Acceptance claims the key in the journal and puts the entry into the inbox, in one transaction: from then on it happens, exactly once.
"""
