from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from rongshu.domain.commerce.products.queries import products_by_sku
from rongshu.domain.marketing.materials.models import Exemption, Material, Pack, PackItem, Version, Withdrawn
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.domain.referral.links.queries import code_of_promoter
from rongshu.engine.attribution import METHODS, Fate
from rongshu.engine.copycheck import Hit, check_copy
from rongshu.engine.money import format_units
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import least_at
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

PLACES = ("code", "link", "name", "product", "price")
"""What a text may leave open as `{code}`; filled in for whoever takes it."""


@dataclass(frozen=True, slots=True)
class Copy:
    """A material as one promoter may share it now: the text with nothing left open. `picture` a hash, `video` an address, "" for none."""

    material_id: int
    version_id: int
    kind: str
    title: str
    text: str
    language: str
    occasion: str
    channel: str
    picture: str = ""
    video: str = ""


_ID_SLACK = timedelta(days=1)
"""Ids tell when they were made, but not to the hour: another machine's clock may go after ours."""


def copies_for(
    *,
    promoter_id: int,
    sku: str | None = None,
    occasion: str | None = None,
    now: datetime,
    link: str = "",
    channel: str = "",
    language: str = "",
    limit: int = 20,
) -> list[Copy]:
    """What a promoter may share now, the most fitting first: for the product, then its category, then for everything.

    `link` is the short address that is filled in; without it the one of the promoter's code. Withdrawn and outdated materials, and those
    of a pack whose time it is not, are not offered.
    """
    chosen = products_by_sku([sku]).get(sku) if sku else None
    rows = offered(now).filter(Q(sku="") | Q(sku=sku or ""))
    rows = rows.filter(Q(category="") | Q(category=chosen.category if chosen else ""))
    if occasion is not None:
        rows = rows.filter(occasion=occasion)
    if channel:
        rows = rows.filter(channel__in=("", channel))
    if language:
        rows = rows.filter(language=language)
    found = sorted(rows.order_by("-id")[:200], key=lambda one: (one.sku == "", one.category == "", -one.id))[:limit]
    if not found:
        return []
    versions = {one.id: one for one in Version.objects.filter(id__in=[one.offered_id for one in found])}
    code = code_of_promoter(promoter_id) or ""
    values = {
        "code": code,
        "link": link or (f"{environment().site_url.rstrip('/')}/s/{code}" if code else ""),
        "name": shown_names([promoter_id]).get(promoter_id, ""),
        "product": chosen.title if chosen else "",
        "price": price_text(chosen.price) if chosen and chosen.price is not None else "",
    }
    return [
        Copy(
            one.id, version.id, one.kind, one.title, fill(version.text, values), one.language, one.occasion,
            one.channel, version.picture, version.video,
        )
        for one in found
        if (version := versions[one.offered_id])
    ]  # fmt: skip


def offered(now: datetime):  # type: ignore[no-untyped-def]
    """The materials offered at an instant, as rows to be narrowed."""
    running = Pack.objects.filter(starts_at__lte=now, ends_at__gt=now).values("id")
    packed = PackItem.objects.values("material_id")
    return Material.objects.filter(
        Q(valid_from=None) | Q(valid_from__lte=now),
        Q(valid_until=None) | Q(valid_until__gt=now),
        ~Q(id__in=packed) | Q(id__in=PackItem.objects.filter(pack_id__in=running).values("material_id")),
        offered_id__isnull=False,
    )


def fill(text: str, values: Mapping[str, str]) -> str:
    """A text with its places filled in, in one pass: what is filled in is never read again."""
    import re

    return re.sub(r"\{(" + "|".join(PLACES) + r")\}", lambda place: values.get(place[1], ""), text)


def price_text(units: int) -> str:
    """A price as it is shown: `¥39.90`."""
    signs = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£"}
    currency = house().currency
    return f"{signs.get(currency, currency + ' ')}{format_units(units, currency)}"


def material(identifier: int) -> Material:
    """One material. Raises `missing`."""
    found = Material.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_material", "There is no such material.")
    return found  # type: ignore[no-any-return]


def version(identifier: int) -> Version:
    """One version. Raises `missing`."""
    found = Version.objects.filter(id=identifier).first()
    if found is None:
        raise missing("unknown_version", "There is no such version.")
    return found  # type: ignore[no-any-return]


def materials(*, kind: str = "", search: str = "", after: int | None = None, limit: int = 50) -> list[Material]:
    """The library, the latest made first; `search` is a part of title, occasion or sku."""
    rows = Material.objects.filter(kind=kind) if kind else Material.objects.all()
    if search:
        rows = rows.filter(Q(title__icontains=search) | Q(occasion__icontains=search) | Q(sku__iexact=search))
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def versions_of(material_id: int) -> list[Version]:
    """A material's versions, latest first."""
    return list(Version.objects.filter(material_id=material_id).order_by("-number"))


def withdrawn_of(version_ids: Sequence[int]) -> dict[int, Withdrawn]:
    """Which of some versions were withdrawn."""
    return {one.version_id: one for one in Withdrawn.objects.filter(version_id__in=list(version_ids))}


@dataclass(frozen=True, slots=True)
class Looked:
    """A hit by today's lexicon, and the exception made for it."""

    hit: Hit
    exemption: Exemption | None


def look_at(one: Version, trades: Sequence[str]) -> list[Looked]:
    """What the rules mind in a version today; an exception holds for the same words by the same rule."""
    made = {(row.rule, row.words): row for row in Exemption.objects.filter(version_id=one.id)}
    return [Looked(hit, made.get((hit.rule, hit.words))) for hit in check_copy(one.text, tuple(trades))]


@dataclass(frozen=True, slots=True)
class Statistics:
    """What a material brought: takings and those who took it, people's clicks on the links made for it, orders credited by these links and
    the commission of these orders (all levels, minor units, before refunds)."""

    taken: int = 0
    promoters: int = 0
    clicks: int = 0
    orders: int = 0
    commission: int = 0


def statistics(material_ids: Sequence[int]) -> dict[int, Statistics]:
    """What some materials brought. A link that was made for two materials counts for each of them."""
    credited = f"(e.fates >> {3 * (len(METHODS) - 1 - METHODS.index('touch'))}) & 7 = {int(Fate.WON)}"
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (SELECT material_id, count(*) AS n, count(DISTINCT promoter_id) AS people FROM marketing_material_taking "
            "  WHERE tenant_id = %(tenant)s AND material_id = ANY (%(ids)s) GROUP BY 1), "
            "links AS (SELECT DISTINCT material_id, link_id FROM marketing_material_taking "
            "  WHERE tenant_id = %(tenant)s AND material_id = ANY (%(ids)s) AND link_id IS NOT NULL), "
            "clicked AS (SELECT l.material_id, sum(f.clicks) AS n FROM links l JOIN referral_click_figures f "
            "  ON f.tenant_id = %(tenant)s AND f.link_id = l.link_id GROUP BY 1), "
            "brought AS (SELECT l.material_id, e.order_id FROM links l JOIN referral_evidence e "
            f"  ON e.tenant_id = %(tenant)s AND e.touch_link_id = l.link_id AND {credited}), "
            "ordered AS (SELECT material_id, count(*) AS n FROM brought GROUP BY 1), "
            "earned AS (SELECT b.material_id, sum(c.amount) AS n FROM brought b JOIN commission_commission c "
            "  ON c.tenant_id = %(tenant)s AND c.order_id = b.order_id AND c.state < 2 GROUP BY 1) "
            "SELECT t.material_id, t.n, t.people, coalesce(k.n, 0), coalesce(o.n, 0), coalesce(a.n, 0) FROM taken t "
            "LEFT JOIN clicked k USING (material_id) LEFT JOIN ordered o USING (material_id) LEFT JOIN earned a USING (material_id)",
            {"tenant": current_tenant(), "ids": list(material_ids)},
        )
        return {int(row[0]): Statistics(*map(int, row[1:])) for row in cursor.fetchall()}


def most_taken(*, since: datetime, limit: int = 50) -> list[Material]:
    """The materials taken most often since an instant, the most taken first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT material_id FROM marketing_material_taking WHERE tenant_id = %s AND id >= %s AND at >= %s "
            "GROUP BY 1 ORDER BY count(*) DESC, 1 DESC LIMIT %s",
            [current_tenant(), least_at(int((since - _ID_SLACK).timestamp() * 1000)), since, limit],
        )
        ids = [int(row[0]) for row in cursor.fetchall()]
    found = {one.id: one for one in Material.objects.filter(id__in=ids)}
    return [found[identifier] for identifier in ids if identifier in found]


def packs(*, limit: int = 100) -> list[tuple[Pack, list[Material]]]:
    """The packs with what is in them, the latest to end first."""
    found = list(Pack.objects.order_by("-ends_at", "-id")[:limit])
    items = list(PackItem.objects.filter(pack_id__in=[one.id for one in found]).order_by("material_id"))
    inside = {one.id: one for one in Material.objects.filter(id__in=[item.material_id for item in items])}
    return [(one, [inside[item.material_id] for item in items if item.pack_id == one.id]) for one in found]


def occasions() -> list[str]:
    """The occasions that materials are for."""
    return list(
        Material.objects.exclude(occasion="").values_list("occasion", flat=True).distinct().order_by("occasion")[:100]
    )
