"""Evidence recomputed: from the parts of a bundle alone to what should stand in it, and what differs.

A bundle's parts are JSON values: money as decimal text in the currency of the house, rates as integer ppm, instants as
ISO 8601 with a zone, nobody named but whom it is for. Nothing here reads anything else, so that whoever holds the file can
check it. `orders` recomputes an order's commissions, `rewards` what a promoter has of a closed period; `weights` commits the
house to who shares a pool without naming anybody.
"""
