from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from rongshu.domain.referral.links.models import CODE, HOUSE, KINDS, Link, LinkChange, TargetHost
from rongshu.domain.referral.links.queries import count_leading_to, hosts, link
from rongshu.domain.referral.links.targets import checked_host, checked_target
from rongshu.domain.referral.promoters.queries import promoter, which_promote
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid
from rongshu.kernel.ids import new_ids
from rongshu.kernel.outbox.actions import announce
from rongshu.kernel.short import new_codes
from rongshu.kernel.tenancy.scope import current_tenant

MOST = 10_000
"""Links of one call."""
LONGEST_TAG = 40
LONGEST_LABEL = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """A link to be made; `promoter_id` is HOUSE for one of the house's own."""

    promoter_id: int
    kind: str = "link"
    target: str = ""
    channel: str = ""
    label: str = ""
    expires_at: datetime | None = None


def ensure_codes(*, promoter_ids: Sequence[int], by: Actor, now: datetime) -> dict[int, str]:
    """Every one of these promoters' code, made where they have none. Raises `invalid` for whoever is no promoter."""
    wanted = sorted(set(promoter_ids))
    if len(which_promote(wanted)) < len(wanted):
        raise invalid("no_promoter", "Only promoters have codes.", at="promoter")
    known = _codes(wanted)
    lacking = [one for one in wanted if one not in known]
    if lacking:
        rows = [
            Link(tenant_id=current_tenant(), id=identifier, slug=slug, promoter_id=one, kind=CODE, made_at=now)
            for one, identifier, slug in zip(
                lacking, new_ids(len(lacking)).tolist(), new_codes(len(lacking)), strict=True
            )
        ]
        Link.objects.bulk_create(rows, ignore_conflicts=True)  # two may ask for one promoter's first code at once
        record("codes.made", subject=f"{len(rows)} codes", by=by, now=now)
        known |= _codes(lacking)
    return known


def _codes(promoter_ids: Sequence[int]) -> dict[int, str]:
    rows = Link.objects.filter(promoter_id__in=list(promoter_ids), kind=CODE, disabled_at=None)
    return dict(rows.values_list("promoter_id", "slug"))


def make_links(*, wanted: Sequence[Wanted], by: Actor, now: datetime) -> list[Link]:
    """Makes links, in one go. Raises `invalid` for a target outside the allow-list, an end in the past, or no promoter."""
    if not 1 <= len(wanted) <= MOST:
        raise invalid("link_count", "Ask for 1 to %(most)s links.", at="links", most=MOST)
    allowed = hosts()
    people = {one.promoter_id for one in wanted} - {HOUSE}
    if len(which_promote(sorted(people))) < len(people):
        raise invalid("no_promoter", "Only promoters have codes.", at="promoter")
    rows = []
    for one, identifier, slug in zip(wanted, new_ids(len(wanted)).tolist(), new_codes(len(wanted)), strict=True):
        if one.kind not in KINDS or one.kind == CODE:
            raise invalid("bad_kind", "A link leads to something, or invites to join.", at="kind")
        if one.expires_at is not None and one.expires_at <= now:
            raise invalid("ends_in_past", "The end lies in the past.", at="expires_at")
        if len(one.channel) > LONGEST_TAG or len(one.label) > LONGEST_LABEL:
            raise invalid("too_long", "This is too long.", at="channel" if len(one.channel) > LONGEST_TAG else "label")
        rows.append(
            Link(
                tenant_id=current_tenant(), id=identifier, slug=slug, promoter_id=one.promoter_id, kind=one.kind,
                target=checked_target(one.target, allowed), channel=one.channel.strip(), label=one.label.strip(),
                made_at=now, expires_at=one.expires_at,
            )
        )  # fmt: skip
    Link.objects.bulk_create(rows)
    record("links.made", subject=f"{len(rows)} links", by=by, now=now, first=str(rows[0].id))
    return rows


def ensure_link(*, wanted: Wanted, by: Actor, now: datetime) -> Link:
    """The promoter's open link that is wanted, made where there is none: asked twice, or twice at once, it is one. Raises as `make_links`."""
    with connection.cursor() as cursor:  # two taps at once: the second waits for the first
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [wanted.promoter_id])
    kept = Link.objects.filter(
        promoter_id=wanted.promoter_id, kind=wanted.kind, channel=wanted.channel.strip(), label=wanted.label.strip(),
        target=checked_target(wanted.target, hosts()), expires_at=None, disabled_at=None,
    ).order_by("id").first()  # fmt: skip
    return kept or make_links(wanted=[wanted], by=by, now=now)[0]


def switch_link(*, identifier: int, on: bool, reason: str, by: Actor, now: datetime) -> Link:
    """Turns a link off, or on again; asked for what it is, nothing happens. Raises `missing`, `conflict` when another code took its place."""
    one = link(identifier)
    if (one.disabled_at is None) == on:
        return one
    one.disabled_at = None if on else now
    try:
        with transaction.atomic():
            one.save(force_update=True)
    except IntegrityError:
        raise conflict("has_code", "The promoter has another code by now; turn that off first.") from None
    what = "on" if on else "off"
    LinkChange.add(link_id=one.id, what=what, at=now, actor=str(by), reason=reason[:500])
    record(f"link.{what}", subject=str(one.id), by=by, now=now, reason=reason)
    announce("link.changed", subjects=[one.id], now=now)
    return one


def set_end(*, identifier: int, expires_at: datetime | None, reason: str, by: Actor, now: datetime) -> Link:
    """Lets a link end at an instant, or never. Raises `missing`, `invalid` for an end in the past."""
    one = link(identifier)
    if expires_at == one.expires_at:
        return one
    if expires_at is not None and expires_at <= now:
        raise invalid("ends_in_past", "The end lies in the past.", at="expires_at")
    one.expires_at = expires_at
    one.save(force_update=True)
    until = "" if expires_at is None else expires_at.isoformat()
    LinkChange.add(link_id=one.id, what="ends", at=now, actor=str(by), reason=reason[:500])
    record("link.ends", subject=str(one.id), by=by, now=now, until=until, reason=reason)
    announce("link.changed", subjects=[one.id], now=now)
    return one


def take_over_link(*, identifier: int, promoter_id: int, reason: str, by: Actor, now: datetime) -> Link:
    """Gives a link or a lost code to another promoter: what is clicked from now on is theirs, what was stays.

    Raises `missing`, `invalid` without a reason, `conflict` when the other has a code of their own (a code becomes a link then: say so first by turning that off).
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    one, old = link(identifier), 0
    promoter(promoter_id)
    if one.promoter_id == promoter_id:
        return one
    old, one.promoter_id = one.promoter_id, promoter_id
    if one.kind == CODE and _codes([promoter_id]):
        one.kind = "link"  # printed already: it goes on leading to the welcome page, beside the new holder's own code
    one.save(force_update=True)
    LinkChange.add(
        link_id=one.id, what="taken_over", old_promoter_id=old, new_promoter_id=promoter_id, at=now, actor=str(by),
        reason=reason[:500],
    )  # fmt: skip
    record("link.taken_over", subject=str(one.id), by=by, now=now, old=str(old), new=str(promoter_id), reason=reason)
    announce("link.changed", subjects=[one.id], now=now)
    return one


def allow_host(*, host: str, by: Actor, now: datetime) -> str:
    """Lets links lead to a host. Raises `invalid`."""
    name = checked_host(host)
    _row, made = TargetHost.objects.get_or_create(
        tenant_id=current_tenant(), host=name, defaults={"at": now, "actor": str(by)}
    )
    if made:
        record("target_host.allowed", subject=name, by=by, now=now)
    return name


def forbid_host(*, host: str, by: Actor, now: datetime) -> int:
    """Lets no link lead to a host any more: those that do, answer as turned off. How many they are."""
    gone, _ = TargetHost.objects.filter(host=host).delete()
    if gone:
        record("target_host.forbidden", subject=host, by=by, now=now)
    return count_leading_to(host)
