"""The pages of the console: what each one shows, as frozen dataclasses that its template renders.

Amounts are `Money` (minor units with a currency), instants are aware datetimes, ids are outside ids (`ord_…`), texts are
ready to show. A list carries a `Cursor`; `filters` repeats what was asked, so that the form shows it.
"""
