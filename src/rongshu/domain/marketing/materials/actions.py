from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from django.db import connection

from rongshu.domain.commerce.products.actions import keep_picture
from rongshu.domain.marketing.materials.models import (
    COPIED,
    DOWNLOADED,
    KINDS,
    PICTURE,
    VIDEO,
    Exemption,
    Material,
    Pack,
    PackItem,
    Taking,
    Version,
    Withdrawn,
)
from rongshu.domain.marketing.materials.queries import PLACES, look_at, material, version
from rongshu.domain.marketing.messages.actions import tell
from rongshu.engine.copycheck import PACKS, VERSION, check_copy
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, forbidden, invalid, missing
from rongshu.kernel.tenancy.scope import current_tenant

LABEL = "【广告】"
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Described:
    """A material as it is to be kept."""

    kind: str
    title: str
    language: str = "zh"
    occasion: str = ""
    channel: str = ""
    sku: str = ""
    category: str = ""
    trades: tuple[str, ...] = ()
    valid_from: datetime | None = None
    valid_until: datetime | None = None


def add_material(*, described: Described, by: Actor, now: datetime) -> Material:
    """A new material, offered to nobody before it has a version that was looked at. Raises `invalid`."""
    one = described
    if one.kind not in KINDS:
        raise invalid("bad_kind", "A material is copy, a picture or a video.", at="kind")
    if not one.title.strip() or len(one.title) > 100:
        raise invalid("bad_title", "Give a title of at most 100 letters.", at="title")
    if any(len(text) > 100 for text in (one.occasion, one.channel, one.sku, one.category)):
        raise invalid("too_long", "This is too long.", at="occasion")
    if one.language not in ("zh", "en"):
        raise invalid("bad_language", "Choose a language.", at="language")
    if any(trade not in PACKS for trade in one.trades):
        raise invalid("bad_trade", "There are no rules of this name.", at="trades")
    if one.valid_from and one.valid_until and one.valid_until <= one.valid_from:
        raise invalid("ends_before", "The end lies before the beginning.", at="valid_until")
    made = Material.add(
        kind=one.kind, title=one.title.strip(), language=one.language, occasion=one.occasion.strip(),
        channel=one.channel.strip(), sku=one.sku.strip(), category=one.category.strip(), trades=sorted(set(one.trades)),
        valid_from=one.valid_from, valid_until=one.valid_until, made_at=now,
    )  # fmt: skip
    record("material.added", subject=str(made.id), by=by, now=now, title=made.title)
    return made


def add_version(
    *, material_id: int, text: str, picture: bytes = b"", video: str = "", by: Actor, now: datetime
) -> Version:
    """A new version; the label 广告 is put before it where it is lacking. It is offered by `offer`. Raises `missing`, `invalid`."""
    one = _held(material_id)
    text, video = text.strip().replace("\r\n", "\n"), video.strip()
    if not text or len(text) > LONGEST:
        raise invalid("bad_text", "Give a text of at most %(most)s letters.", at="text", most=LONGEST)
    unknown = sorted(set(re.findall(r"\{([^{}]*)\}", text)) - set(PLACES))
    if unknown:
        raise invalid(
            "bad_place", "{%(name)s} is not filled in; use one of the places below.", at="text", name=unknown[0]
        )
    if one.kind == PICTURE and not picture:
        raise invalid("no_picture", "Choose a picture.", at="picture")
    if one.kind == VIDEO and not (urlsplit(video).scheme == "https" and urlsplit(video).hostname):
        raise invalid("bad_video", "Give the video's address; it begins with https://.", at="video")
    labelled = any(hit.rule == "label" for hit in check_copy(text))
    last = Version.objects.filter(material_id=one.id).order_by("-number").values_list("number", flat=True).first()
    made = Version.add(
        material_id=one.id, number=(last or 0) + 1, text=f"{LABEL}{text}" if labelled else text,
        picture=keep_picture(content=picture, now=now) if one.kind == PICTURE else "",
        video=video if one.kind == VIDEO else "", labelled=labelled, lexicon=VERSION, at=now, actor=str(by),
    )  # fmt: skip
    record("material.written", subject=str(one.id), by=by, now=now, number=made.number, lexicon=VERSION)
    return made


def accept_hit(*, version_id: int, rule: str, words: str, reason: str, by: Actor, now: datetime) -> Exemption:
    """Lets words stand that a rule minds, in this version only. Accepted before: nothing happens.

    Raises `forbidden` for whoever wrote it, `invalid` without a reason or for a hit that is none.
    """
    one = version(version_id)
    _held(one.material_id)
    if one.actor == str(by):
        raise forbidden("own_text", "Somebody other than the writer has to accept it.")
    if len(reason.strip()) < 4:
        raise invalid("no_reason", "Say why it may stand, with the source.", at="reason")
    found = [
        row for row in look_at(one, material(one.material_id).trades) if (row.hit.rule, row.hit.words) == (rule, words)
    ]
    if not found:
        raise invalid("no_hit", "The rules do not mind this.", at="rule")
    if found[0].exemption is not None:
        return found[0].exemption
    made = Exemption.add(
        version_id=one.id, rule=rule, words=words, reason=reason.strip()[:500], lexicon=VERSION, at=now, actor=str(by)
    )
    record(
        "material.accepted",
        subject=str(one.material_id),
        by=by,
        now=now,
        rule=rule,
        words=words,
        lexicon=VERSION,
        reason=made.reason,
    )
    return made


def offer(*, version_id: int, by: Actor, now: datetime) -> Material:
    """Offers a version to promoters in place of the one before, looked at once more by today's rules.

    Raises `forbidden` for whoever wrote it, `conflict` while a hit is neither mended nor accepted, or for one that was withdrawn.
    """
    one = version(version_id)
    held = _held(one.material_id)
    if one.actor == str(by):
        raise forbidden("own_offer", "Somebody other than the writer looks at it and offers it.")
    if Withdrawn.objects.filter(version_id=one.id).exists():
        raise conflict("withdrawn", "This version was withdrawn; write a new one.")
    open_hits = [row for row in look_at(one, held.trades) if row.exemption is None]
    if open_hits:
        raise conflict(
            "hits_open",
            "%(count)s places have to be mended, or accepted by a second person, first.",
            count=len(open_hits),
        )
    if held.offered_id != one.id:
        held.offered_id = one.id
        held.save(force_update=True, update_fields=["offered_id"])
        record("material.offered", subject=str(held.id), by=by, now=now, number=one.number, lexicon=VERSION)
    return held


def withdraw(*, version_id: int, reason: str, by: Actor, now: datetime) -> Withdrawn:
    """Withdraws a version for good: it is not offered any more, and whoever took it is told. Again: nothing happens.

    Raises `invalid` without a reason.
    """
    if len(reason.strip()) < 2:
        raise invalid("no_reason", "Say why.", at="reason")
    one = version(version_id)
    held = _held(one.material_id)
    before = Withdrawn.objects.filter(version_id=one.id).first()
    if before is not None:
        return before  # type: ignore[no-any-return]
    people = sorted(Taking.objects.filter(version_id=one.id).values_list("promoter_id", flat=True).distinct())
    data = {"title": held.title, "reason": reason.strip()[:200]}
    told = tell(
        kind="material.withdrawn", recipients=people, about=[one.id] * len(people), data=[data] * len(people), at=now
    )
    made = Withdrawn.add(version_id=one.id, reason=reason.strip()[:500], told=told, at=now, actor=str(by))
    if held.offered_id == one.id:
        held.offered_id = None
        held.save(force_update=True, update_fields=["offered_id"])
    record("material.withdrawn", subject=str(held.id), by=by, now=now, number=one.number, told=told, reason=made.reason)
    return made


def take(*, version_id: int, promoter_id: int, how: str, now: datetime, link_id: int | None = None) -> Taking:
    """Notes that a promoter copied or downloaded a version, for a link where there is one.

    Raises `conflict` for a version that was withdrawn or replaced in the meantime.
    """
    if how not in (COPIED, DOWNLOADED):
        raise invalid("bad_taking", "A material is copied or downloaded.", at="how")
    one = version(version_id)
    if _held(one.material_id).offered_id != one.id:
        raise conflict("not_offered", "This text is not offered any more; take the present one.")
    return Taking.add(
        material_id=one.material_id, version_id=one.id, promoter_id=promoter_id, link_id=link_id, how=how, at=now
    )


def put_pack(
    *, name: str, starts_at: datetime, ends_at: datetime, material_ids: Sequence[int], by: Actor, now: datetime
) -> Pack:
    """A new pack of materials; they are offered while it lasts. Raises `invalid`."""
    wanted = sorted(set(material_ids))
    if not name.strip() or len(name) > 100:
        raise invalid("bad_title", "Give a title of at most 100 letters.", at="name")
    if ends_at <= starts_at:
        raise invalid("ends_before", "The end lies before the beginning.", at="ends_at")
    if not wanted or Material.objects.filter(id__in=wanted).count() < len(wanted):
        raise invalid("no_materials", "Choose what is in it.", at="materials")
    made = Pack.add(name=name.strip(), starts_at=starts_at, ends_at=ends_at)
    PackItem.objects.bulk_create(
        [PackItem(tenant_id=current_tenant(), pack_id=made.id, material_id=one) for one in wanted]
    )
    record("material.packed", subject=str(made.id), by=by, now=now, name=made.name, materials=len(wanted))
    return made


def end_pack(*, pack_id: int, by: Actor, now: datetime) -> Pack:
    """A pack ends now; one that has not begun is taken away. Over already: nothing happens. Raises `missing`."""
    found: Pack | None = Pack.objects.select_for_update().filter(id=pack_id).first()
    if found is None:
        raise missing("unknown_pack", "There is no such pack.")
    if found.ends_at <= now:
        return found
    if found.starts_at >= now:
        PackItem.objects.filter(pack_id=pack_id).delete()
        Pack.objects.filter(id=pack_id).delete()
    else:
        found.ends_at = now
        Pack.objects.filter(id=pack_id).update(ends_at=now)
    record("material.pack_ended", subject=str(pack_id), by=by, now=now, name=found.name)
    return found


def _held(identifier: int) -> Material:
    """A material nobody else changes before we are done. Raises `missing`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM marketing_material WHERE tenant_id = %s AND id = %s FOR UPDATE",
            [current_tenant(), identifier],
        )
    return material(identifier)
