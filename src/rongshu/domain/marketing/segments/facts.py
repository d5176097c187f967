"""What this tenant's segments can ask: what every tenant's can, its own fields, and its tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.limits import titled
from rongshu.domain.members.profiles.models import CHOICE, CHOICES, DATE, NUMBER, TEXT, YES_NO, ProfileField
from rongshu.domain.members.tags.queries import tags
from rongshu.engine.segments.facts import FACTS, OWN, OWN_PREFIX, Fact, Kind
from rongshu.kernel.ids import outside

_KINDS = {
    TEXT: Kind.CHOICE, CHOICE: Kind.CHOICE, CHOICES: Kind.CHOICE, NUMBER: Kind.DECIMAL, DATE: Kind.DAY, YES_NO: Kind.YES_NO,
}  # fmt: skip


def house_facts(language: str = "zh") -> Mapping[str, Fact]:
    """Every fact by its name; own fields titled in the language, also those that are switched off, since segments may ask for them.

    Sealed fields are not among them: nothing can be searched by them. Two small reads.
    """
    own = [one for one in profile_fields(off=True) if not one.sealed]
    found = {**FACTS, **{one.name: one for one in (_fact(field, language) for field in own) if one is not None}}
    known = tuple(outside("tag", one.id) for one in tags(off=True))
    if known:
        found["tag"] = replace(FACTS["tag"], choices=known)
    else:
        del found["tag"]
    return found


def _fact(field: ProfileField, language: str) -> Fact | None:
    choices = tuple(one["code"] for one in field.limits.get("options", ()))
    if field.kind in (CHOICE, CHOICES) and not choices:
        return None
    title = titled(field.names, language)
    return Fact(OWN_PREFIX + field.code, _KINDS[field.kind], OWN, title, choices=choices, own=True, ref=field.id)
