from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import Q

from rongshu.domain.referral.links.models import CODE, HOUSE, Link, LinkChange, TargetHost
from rongshu.domain.referral.links.targets import host_of
from rongshu.kernel.errors import missing
from rongshu.kernel.short import as_typed
from rongshu.kernel.tenancy.scope import current_tenant

State = Literal["open", "expired", "disabled"]


def link(identifier: int) -> Link:
    """One link. Raises `missing`."""
    found = Link.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_link", "There is no such link.")
    return found  # type: ignore[no-any-return]


def links_of(promoter_id: int, *, after: int | None = None, limit: int = 50) -> list[Link]:
    """A promoter's links and codes, latest first; `after` is the id of the page before's last."""
    rows = Link.objects.filter(promoter_id=promoter_id)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def links(*, after: int | None = None, limit: int = 50) -> list[Link]:
    """Everybody's links, latest first."""
    rows = Link.objects.all() if after is None else Link.objects.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def find_links(
    *, now: datetime, promoter_id: int | None = None, kind: str = "", channel: str = "", state: str = "",
    after: int | None = None, limit: int = 50,
) -> list[Link]:  # fmt: skip
    """Links that fit, latest first; what is "" or None asks for nothing. A promoter of HOUSE means the house's own."""
    rows = Link.objects.all() if after is None else Link.objects.filter(id__lt=after)
    if promoter_id is not None:
        rows = rows.filter(promoter_id=promoter_id)
    if kind:
        rows = rows.filter(kind=kind)
    if channel:
        rows = rows.filter(channel=channel)
    match state:
        case "open":
            rows = rows.filter(Q(expires_at=None) | Q(expires_at__gt=now), disabled_at=None)
        case "expired":
            rows = rows.filter(expires_at__lte=now, disabled_at=None)
        case "disabled":
            rows = rows.filter(disabled_at__isnull=False)
    return list(rows.order_by("-id")[:limit])


def allowed_hosts() -> list[TargetHost]:
    """The hosts outside to which links may lead, with who allowed them and when."""
    return list(TargetHost.objects.order_by("host"))


def count_leading_to(host: str) -> int:
    """How many links lead to a host."""
    targets = Link.objects.filter(target__startswith=f"https://{host}").values_list("target", flat=True)
    return sum(host_of(target) == host for target in targets)


def links_by_id(identifiers: Sequence[int]) -> dict[int, Link]:
    """Some links by their ids."""
    return {one.id: one for one in Link.objects.filter(id__in=list(identifiers))}


def link_by_slug(text: str) -> Link | None:
    """The link somebody typed or scanned, in whatever state; None when there is none."""
    return Link.objects.filter(slug=as_typed(text)).first()


def code_of_promoter(promoter_id: int) -> str | None:
    """A promoter's code, None while they have none."""
    return (
        Link.objects.filter(promoter_id=promoter_id, kind=CODE, disabled_at=None).values_list("slug", flat=True).first()
    )


def promoters_by_code(codes: Sequence[str], now: datetime) -> dict[str, int]:
    """Whose the codes and links are (as typed → promoter); those unknown, expired, turned off or of the house are left out."""
    typed = {code: as_typed(code) for code in codes}
    rows = Link.objects.filter(slug__in=sorted(set(typed.values())), disabled_at=None).values_list(
        "slug", "promoter_id", "expires_at"
    )
    known = {
        slug: promoter for slug, promoter, expires in rows if (expires is None or expires > now) and promoter != HOUSE
    }
    return {code: known[slug] for code, slug in typed.items() if slug in known}


def changes_of(link_id: int) -> list[LinkChange]:
    """What happened to a link, in order."""
    return list(LinkChange.objects.filter(link_id=link_id).order_by("id"))


def hosts() -> frozenset[str]:
    """The hosts outside to which links may lead."""
    return frozenset(TargetHost.objects.values_list("host", flat=True))


def state_of(one: Link, now: datetime) -> State:
    """Whether a link leads anywhere now."""
    if one.disabled_at is not None:
        return "disabled"
    return "expired" if one.expires_at is not None and one.expires_at <= now else "open"


@dataclass(frozen=True, slots=True)
class Route:
    """Where a slug leads: `location` is "" when it leads nowhere any more; `expires` in microseconds, None for never."""

    slug: str
    tenant: int
    link: int
    promoter: int
    kind: str
    location: str
    expires: int | None
    state: State


def routes(slugs: Sequence[str]) -> list[Route]:
    """Where slugs lead, over all tenants; the unknown are left out. Needs a system scope.

    A link to a host that is not allowed any more counts as turned off.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.slug, l.tenant_id, l.id, l.promoter_id, l.kind, l.target, t.slug, "
            "(extract(epoch FROM l.expires_at) * 1000000)::bigint, l.disabled_at IS NOT NULL, "
            "ARRAY(SELECT host FROM referral_target_host h WHERE h.tenant_id = l.tenant_id) "
            "FROM referral_link l JOIN kernel_tenant t ON t.id = l.tenant_id WHERE l.slug = ANY (%s)",
            [list(slugs)],
        )
        found = []
        for slug, tenant, identifier, promoter, kind, target, name, expires, disabled, allowed in cursor.fetchall():
            host = host_of(target)
            off = disabled or (host != "" and host not in allowed)
            place = target or f"/join/{name}?code={slug}"
            found.append(Route(slug, tenant, identifier, promoter, kind, place, expires, "disabled" if off else "open"))
        return found


def totals() -> tuple[int, int]:
    """How many links there are, and how many of them are turned off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), count(disabled_at) FROM referral_link WHERE tenant_id = %s", [current_tenant()]
        )
        every, off = cursor.fetchone()
    return int(every), int(off)
