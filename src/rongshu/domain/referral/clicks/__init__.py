"""Clicks: who came by which link, kept durably and without personal data.

A click is written to a spool (a file, by one append) before it is answered, and brought from there into the database in
batches: a killed process loses none, a second bringing of the same file changes nothing. Words: click 点击, visitor 访客, spool 暂存.
"""
