"""The ledger: the one book of value. One row moves one amount from one account to another, so it cannot fail to balance.

Words: an account is (owner, book); a book's hundreds are its unit (1xx the tenant's currency); owners above 0 are members,
owners from 0 down to -15 are the house, spread over slots; a journal entry is the right to do a piece of work once.

The pending books (x01) are not stored as balances: they are the sum of open commissions, and `verify` holds the two together.
"""
