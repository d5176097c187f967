from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from rongshu.domain.commerce.products.models import Product
from rongshu.domain.commerce.products.queries import picture, product
from rongshu.domain.marketing.materials.queries import price_text
from rongshu.domain.marketing.posters.drawing import DRAWN, Content, draw
from rongshu.domain.marketing.posters.layout import Layout, read_layout
from rongshu.domain.marketing.posters.models import Poster, PosterTemplate
from rongshu.domain.marketing.posters.queries import template
from rongshu.domain.members.profiles.queries import shown_names
from rongshu.engine.copycheck import check_copy
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.environment import environment
from rongshu.kernel.errors import invalid, missing
from rongshu.kernel.tenancy.scope import current_tenant

LABELS = {"zh": "广告", "en": "Ad 广告"}
KEPT = timedelta(days=30)
FORGOTTEN_AT_ONCE = 20


@dataclass(frozen=True, slots=True)
class Sample:
    """What stands in a preview where there is no product or promoter yet."""

    title: str
    price: str
    name: str


def poster(
    *,
    template_id: int,
    promoter_id: int,
    link_slug: str,
    sku: str | None = None,
    language: str,
    site: str = "",
    name: str | None = None,
    now: datetime | None = None,
) -> bytes:
    """The poster of a promoter's link as PNG: from what is kept where the very same was drawn, else drawn and kept.

    `site` is the address people reach us by (`https://host`), the installation's own when it is left out; `name` what the promoter wants to
    be called by, else as they are shown on pages. Raises `missing` for a template or product that is not there, or without any site.
    """
    address = (site or environment().site_url).rstrip("/")
    if not address:
        raise missing("no_site", "The address of this installation is not set, so a QR code could lead nowhere.")
    shown = product(sku) if sku else None
    who = shown_names([promoter_id]).get(promoter_id, "") if name is None else name
    layout = template(template_id).layout
    given = {
        "title": shown.title if shown else "",
        "price": price_text(shown.price) if shown and shown.price is not None else "",
        "name": who[:100],
        "address": f"{address}/s/{link_slug}?q=1",
        "label": LABELS["en" if language.startswith("en") else "zh"],
    }
    pictures = [shown.picture if shown else "", layout.picture]
    whole = json.dumps([DRAWN, layout.document(), given, pictures], sort_keys=True, ensure_ascii=False)
    key = hashlib.sha256(whole.encode()).hexdigest()
    kept = Poster.objects.filter(hash=key).values_list("content", flat=True).first()
    if kept is not None:
        return bytes(kept)
    drawn = draw(layout, Content(**given, picture=_picture(pictures[0]), background=_picture(pictures[1])))
    _keep(key, drawn, now or timezone.now())
    return drawn


def checked_name(text: str) -> str:
    """What a promoter wants to be called by on posters, as it may stand there. Raises `invalid` for more than 20 letters, or words that the rules mind."""
    name = " ".join(text.split())
    if len(name) > 20:
        raise invalid("long_name", "A name on a poster has at most 20 letters.", at="name")
    for hit in check_copy(name, leads_to_buying=False):
        raise invalid(
            "minded_name", "“%(words)s” is minded by advertising law (%(basis)s). Write it otherwise.",
            at="name", words=hit.words, basis=hit.basis,
        )  # fmt: skip
    return name


def preview(*, layout: Layout, sample: Sample, shown: Product | None = None) -> bytes:
    """A template as it would look, with a code that leads nowhere; kept by nobody."""
    content = Content(
        title=shown.title if shown else sample.title,
        price=price_text(shown.price) if shown and shown.price is not None else sample.price,
        name=sample.name, address="https://example.com/s/preview?q=1", label=LABELS["zh"],
        picture=_picture(shown.picture) if shown else None, background=_picture(layout.picture),
    )  # fmt: skip
    return draw(layout, content)


def put_template(
    *,
    name: str,
    document: Mapping[str, Any],
    used: bool = True,
    identifier: int | None = None,
    by: Actor,
    now: datetime,
) -> PosterTemplate:
    """Makes a template of the tenant's own, or changes the one with this id. Raises `missing`, `invalid` with the place, for words too that the rules mind."""
    if not name.strip() or len(name) > 100:
        raise invalid("bad_title", "Give a title of at most 100 letters.", at="name")
    layout = read_layout(document)
    for place, box in enumerate(layout.boxes):
        for hit in check_copy(
            box.text, leads_to_buying=False
        ):  # nobody can accept these: a template stands on every poster
            raise invalid(
                "minded", "Box %(box)s: “%(words)s” is minded by advertising law (%(basis)s). Write it otherwise.",
                at=f"boxes.{place}", box=place + 1, words=hit.words, basis=hit.basis,
            )  # fmt: skip
    if layout.picture:
        picture(layout.picture)
    values = {"name": name.strip(), "document": layout.document(), "used": used, "updated_at": now}
    if identifier is None:
        made = PosterTemplate.add(**values)
    else:
        found = PosterTemplate.objects.filter(id=identifier).first()
        if found is None:
            raise missing("unknown_template", "There is no such template.")
        for field, value in values.items():
            setattr(found, field, value)
        found.save(force_update=True)
        made = found
    record("poster.template_put", subject=str(made.id), by=by, now=now, name=made.name, used=used)
    return made


def _picture(content_hash: str) -> bytes | None:
    return bytes(picture(content_hash).content) if content_hash else None


def _keep(key: str, content: bytes, now: datetime) -> None:
    """Keeps a drawing, and forgets some that are older than a month."""
    Poster.objects.bulk_create(
        [Poster(tenant_id=current_tenant(), hash=key, content=content, at=now)], ignore_conflicts=True
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM marketing_poster WHERE tenant_id = %s AND hash IN "
            "(SELECT hash FROM marketing_poster WHERE tenant_id = %s AND at < %s ORDER BY at LIMIT %s)",
            [current_tenant(), current_tenant(), now - KEPT, FORGOTTEN_AT_ONCE],
        )
