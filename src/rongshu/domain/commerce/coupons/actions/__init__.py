"""Writes of coupons: kinds, giving, codes, using and giving back, the end of their time."""

from rongshu.domain.commerce.coupons.actions.codes import close_batch, close_batches, make_codes, redeem_code
from rongshu.domain.commerce.coupons.actions.ending import due_reminders, end_coupons_of, expire_coupons
from rongshu.domain.commerce.coupons.actions.giving import (
    claim_coupon,
    give_on,
    gives_on,
    send_coupons,
    send_portion,
    take_shared,
)
from rongshu.domain.commerce.coupons.actions.kinds import change_kind, make_kind, open_kind
from rongshu.domain.commerce.coupons.actions.using import (
    UsedOn,
    release_coupon,
    release_coupons,
    reserve_coupon,
    return_coupon,
    return_coupons,
    use_coupon,
    use_coupons,
)
from rongshu.domain.commerce.coupons.terms import Terms

__all__ = [
    "Terms",
    "UsedOn",
    "change_kind",
    "claim_coupon",
    "close_batch",
    "close_batches",
    "due_reminders",
    "end_coupons_of",
    "expire_coupons",
    "give_on",
    "gives_on",
    "make_codes",
    "make_kind",
    "open_kind",
    "redeem_code",
    "release_coupon",
    "release_coupons",
    "reserve_coupon",
    "return_coupon",
    "return_coupons",
    "send_coupons",
    "send_portion",
    "take_shared",
    "use_coupon",
    "use_coupons",
]
