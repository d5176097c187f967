"""A tenant's own fields: defined, changed, put in order, switched off and on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rongshu.domain.members.profiles.limits import limits_of, names_of
from rongshu.domain.members.profiles.models import KINDS, TEXT, ProfileField
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.tenancy.scope import lock_background_writing

MOST_ON, MOST = 40, 200
RESERVED = frozenset(
    [
        "id",
        "name",
        "phone",
        "email",
        "external_id",
        "tier",
        "birthday",
        "region",
        "city",
        "preference",
        "tags",
        "consents",
        "fields",
        "created_at",
        "joined_at",
    ]
)
_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def profile_fields(*, off: bool = False) -> list[ProfileField]:
    """The fields that are switched on, in their order; with `off` all of them."""
    rows = ProfileField.objects.all() if off else ProfileField.objects.filter(active=True)
    return list(rows.order_by("position", "id"))


def add_field(
    *,
    code: str,
    kind: str,
    names: Mapping[str, str],
    required: bool = False,
    by_member: bool = False,
    sealed: bool = False,
    limits: Mapping[str, Any] | None = None,
    by: Actor,
    now: datetime,
) -> ProfileField:
    """A new field, the last in the order. Raises `invalid` naming what is wrong, `conflict` for a code or a field too many."""
    if not _CODE.fullmatch(code) or code in RESERVED:
        raise invalid(
            "bad_field_code",
            "A code has up to 40 small letters, digits and _, begins with a letter, and is none that every member has.",
            at="code",
        )
    if kind not in KINDS:
        raise invalid("bad_field_kind", "There is no kind %(kind)s of field.", at="kind", kind=kind)
    if sealed and kind != TEXT:
        raise invalid("sealed_no_text", "Only texts are kept encrypted.", at="sealed")
    lock_background_writing()
    held = ProfileField.objects.count()
    if held >= MOST or ProfileField.objects.filter(active=True).count() >= MOST_ON:
        raise conflict("fields_full", "There are %(most)s fields already; switch one off first.", most=MOST_ON)
    if ProfileField.objects.filter(code=code).exists():
        raise conflict("field_exists", "There is a field %(name)s already.", name=code)
    made = ProfileField.add(
        code=code,
        kind=kind,
        names=names_of(names, "names"),
        required=required,
        by_member=by_member,
        sealed=sealed,
        limits=limits_of(kind, limits or {}, {}),
        position=held,
        created_at=now,
    )
    record("profile_field.added", subject=code, by=by, now=now, kind=kind, by_member=by_member)
    return made


def change_field(
    *,
    code: str,
    names: Mapping[str, str],
    required: bool,
    by_member: bool,
    limits: Mapping[str, Any],
    by: Actor,
    now: datetime,
) -> None:
    """Another name, other limits or editors. Values that are there stay, even beyond new limits; an option left out is no longer
    offered. Raises `missing`, `invalid`.
    """
    held = _held(code)
    ProfileField.objects.filter(id=held.id).update(
        names=names_of(names, "names"),
        required=required,
        by_member=by_member,
        limits=limits_of(held.kind, limits, held.limits),
    )
    record("profile_field.changed", subject=code, by=by, now=now, required=required, by_member=by_member)


def switch_field(*, code: str, active: bool, by: Actor, now: datetime) -> None:
    """Switches a field off (its values are kept) or on again. The same again changes nothing."""
    held = _held(code)
    if held.active == active:
        return
    if active and ProfileField.objects.filter(active=True).count() >= MOST_ON:
        raise conflict("fields_full", "There are %(most)s fields already; switch one off first.", most=MOST_ON)
    ProfileField.objects.filter(id=held.id).update(active=active)
    record("profile_field.on" if active else "profile_field.off", subject=code, by=by, now=now)


def order_fields(*, codes: Sequence[str], by: Actor, now: datetime) -> None:
    """Puts fields in order; those not named follow in the order they had. Raises `invalid` for a code nobody knows."""
    lock_background_writing()
    held = {one.code: one for one in profile_fields(off=True)}
    if unknown := [code for code in codes if code not in held]:
        raise invalid("unknown_profile_field", "There is no field %(name)s.", at="codes", name=unknown[0])
    order = [*dict.fromkeys(codes), *(code for code in held if code not in set(codes))]
    for place, code in enumerate(order):
        held[code].position = place
    ProfileField.objects.bulk_update(held.values(), ["position"])
    record("profile_field.ordered", subject="fields", by=by, now=now, codes=order)


def _held(code: str) -> ProfileField:
    held = ProfileField.objects.select_for_update().filter(code=code).first()
    if held is None:
        raise missing("unknown_profile_field", "There is no field %(name)s.", name=code)
    return held  # type: ignore[no-any-return]
