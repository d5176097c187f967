"""Where goods go, as it is kept: sealed."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from rongshu.domain.members.profiles.cleaning import clean_phone, one_line
from rongshu.kernel.errors import Refusal, invalid
from rongshu.kernel.secrets import seal, unseal


@dataclass(frozen=True, slots=True)
class Address:
    """Somebody's name, phone number, and where they live, on one line."""

    name: str
    phone: str
    place: str


def checked(address: Address | None) -> Address:
    """The address, cleaned. Raises `invalid` naming the part that is missing or wrong."""
    if address is None:
        raise invalid("no_address", "Say where it is to be sent.", at="place")
    name, place = one_line(address.name, 50, "name"), one_line(address.place, 200, "place")
    if not name:
        raise invalid("no_name", "Say who is to get it.", at="name")
    if len(place) < 5:
        raise invalid("no_place", "Write the whole address: province, city, street, house, door.", at="place")
    try:
        phone = clean_phone("".join(address.phone.split()).replace("-", ""))
    except Refusal as refusal:
        raise invalid(refusal.code, refusal.template, at="phone", **refusal.params) from None
    return Address(name, phone, place)


def sealed(address: Address) -> bytes:
    """As it is kept."""
    return seal(json.dumps(asdict(address), ensure_ascii=False))


def opened(kept: bytes | memoryview | None) -> Address | None:
    """As it was written; None where there is none, or it was erased."""
    return None if kept is None else Address(**json.loads(unseal(kept)))
