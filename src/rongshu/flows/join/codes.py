"""Proving a phone by a code: sent to whatever number is typed, so that an answer never tells whether somebody has it."""

from __future__ import annotations

from datetime import datetime

import structlog

from rongshu.domain.marketing.texting.adapters import TextTrouble
from rongshu.domain.marketing.texting.channel import account
from rongshu.kernel.access.codes import make_code, spend_code
from rongshu.kernel.errors import Refusal, conflict, invalid, unavailable
from rongshu.kernel.throttle import allow

log = structlog.get_logger(__name__)

PAUSE = 30
"""Seconds between two codes to one phone."""
TO_A_PHONE, FROM_AN_ADDRESS, IN_A_DAY = 5, 30, 5_000
"""Codes sent to one phone and asked for from one address in an hour, and for one purpose in a day."""
TRIES = 30
"""Attempts from one address in ten minutes, whatever the phones."""


def clean_phone(text: str) -> str:
    """A phone number without what people write between its digits; China's own code in front is left out."""
    digits = "".join(text[:40].split()).replace("-", "")
    return digits.removeprefix("+86") if len(digits) == 14 else digits


def can_send() -> bool:
    """Whether codes can be sent at all."""
    return account() is not None


def send_code(*, what: str, phone: str, address: str, now: datetime) -> None:
    """Sends a code to a phone. Raises `invalid` for what is no number, `conflict` for too many, `unavailable` when it was not sent.

    To be called outside a transaction: the network is asked.
    """
    way = account()
    if way is None:
        raise _away()
    digits = phone.removeprefix("+")
    if not (digits.isascii() and digits.isdigit() and 6 <= len(digits) <= 15):
        raise _no_phone()
    if not allow("code-pause", f"{what}|{phone}", limit=1, seconds=PAUSE):
        raise conflict("wait_for_code", "A code was sent a moment ago. Wait half a minute before you ask for another.")
    if (
        not allow("code-to", phone, limit=TO_A_PHONE, seconds=3600)
        or not allow("code-from", address, limit=FROM_AN_ADDRESS, seconds=3600)
        or not allow("code-of", what, limit=IN_A_DAY, seconds=86_400)
    ):
        raise conflict("too_many_codes", "Too many codes were asked for. Try again in an hour.")
    code = make_code(what=what, who=phone, now=now)
    try:
        way.send_code(phone, code, now=now)
    except TextTrouble as trouble:
        log.warning("a code was not sent", what=what, code=trouble.code, said=trouble.said)
        raise (_no_phone() if trouble.code == "bad_phone" else _away()) from None


def prove(*, what: str, phone: str, code: str, address: str, now: datetime) -> None:
    """Uses a code up. Raises `invalid` for a wrong or old one, `conflict` after too many attempts."""
    if not allow("code-try", address, limit=TRIES, seconds=600):
        raise conflict("too_many_tries", "Too many attempts. Wait ten minutes, then try again.")
    if not spend_code(what=what, who=phone, code="".join(code.split()), now=now):
        raise invalid("wrong_code", "This code is not right, or too old. Check it, or ask for a new one.", at="sms")


def _away() -> Refusal:
    return unavailable("no_sms", "Codes cannot be sent here at the moment.")


def _no_phone() -> Refusal:
    return invalid("bad_phone", "A phone number has 6 to 15 digits, perhaps with a + before them.", at="phone")
