"""Segments: conditions on members as a document that is read or refused, put in words; and where a buyer is in life."""
