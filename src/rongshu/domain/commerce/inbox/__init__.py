"""Inbox: what was accepted and not yet worked off, whole batches in a row; what is parked until its order comes; what was refused."""
