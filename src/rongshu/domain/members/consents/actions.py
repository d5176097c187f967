from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.members.consents.models import Consent, ConsentNow, ConsentText
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.consents.queries import text_numbers
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.tenancy.scope import current_tenant, lock_background_writing

PLACES = ("portal", "console", "api", "card", "joining", "import")
LONGEST = 1000


def say_consents(
    *,
    member_id: int,
    given: Mapping[str, bool],
    place: str,
    by: Actor,
    now: datetime,
    texts: Mapping[str, int] | None = None,
) -> list[str]:
    """Gives (True) and withdraws (False) by purpose; the purposes whose word changed. What stands already is not written again,
    except when it is given to a newer text. `texts` are the numbers of the texts that were shown, the latest where none is named.

    Raises `missing`, `invalid` for a purpose, a place or a text nobody knows.
    """
    if place not in PLACES:
        raise invalid("unknown_place", "Consents are given at one of: %(known)s.", at="place", known=", ".join(PLACES))
    for purpose in given:
        if purpose not in PURPOSES:
            raise invalid(
                "unknown_purpose", "There is no purpose %(name)s; there are: %(known)s.", at=purpose[:60], name=purpose[:60],
                known=", ".join(PURPOSES),
            )  # fmt: skip
    if not Member.objects.select_for_update().filter(id=member_id).exists():
        raise missing("unknown_member", "There is no such member.")
    latest, shown = text_numbers(), dict(texts or {})
    for purpose, number in shown.items():
        if not 0 <= number <= latest.get(purpose, 0):
            raise invalid("unknown_text", "There is no such version of the text.", at=purpose[:60])
    held = {one.purpose: one for one in ConsentNow.objects.filter(member_id=member_id)}
    rows = []
    for purpose, yes in given.items():
        number = shown.get(purpose, latest.get(purpose, 0))
        before = held.get(purpose)
        if before is not None and before.given == yes and (not yes or before.text >= number):
            continue
        rows.append((purpose, yes, number))
    tenant = current_tenant()
    Consent.objects.bulk_create(
        Consent(
            tenant_id=tenant, member_id=member_id, purpose=purpose, given=yes, text=number, place=place, at=now, actor=str(by)
        )
        for purpose, yes, number in rows
    )  # fmt: skip
    ConsentNow.objects.bulk_create(
        [
            ConsentNow(tenant_id=tenant, member_id=member_id, purpose=purpose, given=yes, text=number, at=now)
            for purpose, yes, number in rows
        ],
        update_conflicts=True,
        unique_fields=["tenant_id", "member_id", "purpose"],
        update_fields=["given", "text", "at"],
    )
    if rows:
        record(
            "consent.said",
            subject=str(member_id),
            by=by,
            now=now,
            place=place,
            given=[purpose for purpose, yes, _text in rows if yes],
            withdrawn=[purpose for purpose, yes, _text in rows if not yes],
        )
    return [purpose for purpose, _yes, _text in rows]


@dataclass(frozen=True, slots=True)
class Brought:
    """A word of a member from a file, with the day it was said."""

    member_id: int
    purpose: str
    given: bool
    at: datetime


def bring_consents(said: Sequence[Brought], *, source: str, by: Actor) -> None:
    """Writes words from a file, two statements however many; the caller holds the members and has left out what is no news.

    `source` says where and how they were agreed to: it was to no text of ours, which is why the text is number 0. No audit of its own:
    it is part of the caller's write.
    """
    if not said:
        return
    tenant = current_tenant()
    Consent.objects.bulk_create(
        [
            Consent(
                tenant_id=tenant, member_id=one.member_id, purpose=one.purpose, given=one.given, text=0, place="import",
                source=source, at=one.at, actor=str(by),
            )
            for one in said
        ],
        batch_size=2000,
    )  # fmt: skip
    ConsentNow.objects.bulk_create(
        [
            ConsentNow(
                tenant_id=tenant, member_id=one.member_id, purpose=one.purpose, given=one.given, text=0, at=one.at
            )
            for one in said
        ],
        update_conflicts=True,
        unique_fields=["tenant_id", "member_id", "purpose"],
        update_fields=["given", "text", "at"],
        batch_size=2000,
    )


def write_text(
    *, purpose: str, words: Mapping[str, str], by: Actor, now: datetime, instead_of: int | None = None
) -> ConsentText | None:
    """The tenant's own words for a purpose from now on, in both languages; None when they are the words in force.

    Consents given before stay with the text they were given to. Raises `invalid`, `conflict` when `instead_of` is no longer the latest.
    """
    if purpose not in PURPOSES:
        raise missing("unknown_purpose", "There is no purpose %(name)s; there are: %(known)s.", name=purpose[:60],
                      known=", ".join(PURPOSES))  # fmt: skip
    said = {language: " ".join(str(words.get(language, "")).split()) for language in ("zh", "en")}
    for language, text in said.items():
        if not text:
            raise invalid("no_words", "Write what members agree to, in both languages.", at=language)
        if len(text) > LONGEST:
            raise invalid("long_value", "At most %(most)s characters.", at=language, most=LONGEST)
    lock_background_writing()
    last = ConsentText.objects.filter(purpose=purpose).order_by("-number").first()
    number = 0 if last is None else last.number
    if instead_of is not None and instead_of != number:
        raise conflict("text_moved", "Somebody changed this text meanwhile; look at it before changing it.")
    if last is not None and last.words == said:
        return None
    made = ConsentText.add(purpose=purpose, number=number + 1, words=said, at=now, actor=str(by))
    record("consent_text.written", subject=purpose, by=by, now=now, number=number + 1)
    return made
