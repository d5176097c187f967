"""Templates of posters: made from those that everybody has, changed box by box beside a drawing that follows."""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Mapping
from typing import Any

import orjson
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.actions import MOST_BYTES, keep_picture
from rongshu.domain.commerce.products.queries import best_sellers
from rongshu.domain.marketing.posters.actions import Sample, preview, put_template
from rongshu.domain.marketing.posters.layout import ALIGNS, FILLINGS, STARTERS, Layout, read_layout
from rongshu.domain.marketing.posters.queries import template as template_of
from rongshu.domain.marketing.posters.queries import templates as templates_of
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.posters import (
    BoxFields,
    Drawing,
    PosterTemplate,
    PosterTemplates,
    TemplateRow,
)
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

_NUMBERS = ("x", "y", "w", "h", "size")
_BOX = ("filling", *_NUMBERS, "colour", "align", "text")
SPARE = 2
"""Empty boxes at the end of the form."""


def _fillings() -> tuple[tuple[str, str], ...]:
    names = {
        "picture": _("Product's picture"), "title": _("Product's title"), "price": _("Price"), "name": _("Promoter's name"),
        "text": _("Text of your own"), "qr": _("QR code"), "label": _("Label 广告"),
    }  # fmt: skip
    return tuple((one, names[one]) for one in FILLINGS)


def _aligns() -> tuple[tuple[str, str], ...]:
    names = {"left": _("left"), "center": _("centred"), "right": _("right")}
    return tuple((one, names[one]) for one in ALIGNS)


@page("materials", Permission.SEE_MATERIALS)
def poster_templates(visit: Visit) -> PosterTemplates:
    """All templates, each as it is drawn."""
    return PosterTemplates(
        rows=tuple(
            TemplateRow(
                outside("ptl", one.id) if one.own else str(one.id), one.name, f"{one.layout.width} × {one.layout.height}",
                one.used, one.own, _address(one.layout),
            )
            for one in templates_of()
        ),
        may_edit=visit.may(Permission.EDIT_MATERIALS),
    )  # fmt: skip


@page("materials", Permission.EDIT_MATERIALS)
def poster_template(visit: Visit, id: str) -> PosterTemplate | HttpResponse:
    """One template; one that everybody has is the beginning of a new one."""
    identifier = int(id) if id in map(str, STARTERS) else inside("ptl", id)
    if identifier is None:
        raise missing("unknown_template", "There is no such template.")
    found = template_of(identifier)
    own = id if found.own else ""
    if visit.request.method != "POST":
        name = found.name if found.own else _("%(name)s, our own") % {"name": found.name}
        return _form(own, name, found.used, _fields(found.layout), found.layout.picture, visit)
    form = visit.request.POST
    fields = _asked(form)
    backdrop = "" if form.get("plain") else form.get("backdrop", "")
    try:
        given = visit.request.FILES.get("background_picture")
        if given is not None:
            if (given.size or 0) > MOST_BYTES:
                raise invalid("picture_too_large", "A picture has at most 8 MB.", at="picture")
            backdrop = keep_picture(content=given.read(), now=visit.now)
        put_template(
            name=form.get("name", ""),
            document=_document(fields, backdrop),
            used=form.get("used") == "yes",
            identifier=identifier if found.own else None,
            by=visit.login.actor,
            now=visit.now,
        )
    except Refusal as refusal:
        return _form(
            own, form.get("name", "")[:100], form.get("used") == "yes", fields, backdrop, visit, said(refusal), refusal.at or ""
        )  # fmt: skip
    messages.success(visit.request, _("The template is kept; posters are drawn by it from now on."))
    return redirect("console:poster_templates")


@page("materials", Permission.EDIT_MATERIALS)
def look(visit: Visit) -> Drawing:
    """What is being written, drawn; or what is wrong with it."""
    form = visit.request.POST
    return _drawing(_asked(form), "" if form.get("plain") else form.get("backdrop", ""))


@page("materials", Permission.SEE_MATERIALS)
def drawing(visit: Visit) -> HttpResponse:
    """The drawing of a layout, with the best seller or a made-up product."""
    try:
        packed = base64.urlsafe_b64decode(visit.request.GET.get("of", ""))
        reader = zlib.decompressobj()
        document = orjson.loads(reader.decompress(packed, 100_000))
    except (binascii.Error, zlib.error, orjson.JSONDecodeError, ValueError):
        raise invalid("bad_layout", "The template cannot be read.", at="of") from None
    if not isinstance(document, dict):
        raise invalid("bad_layout", "The template cannot be read.", at="of")
    pictured = [one for one in best_sellers(limit=10) if one.picture]
    sample = Sample(_("Camellia cream, 50 ml"), "¥389.00", _("Lin Xiuying"))
    content = preview(layout=read_layout(document), sample=sample, shown=pictured[0] if pictured else None)
    answer = HttpResponse(content, content_type="image/png")
    answer["Cache-Control"] = "private, max-age=600"
    return answer


def _address(layout: Layout) -> str:
    packed = zlib.compress(orjson.dumps(layout.document()), 9)
    return f"{reverse('console:poster_drawing')}?of={base64.urlsafe_b64encode(packed).decode()}"


def _fields(layout: Layout) -> dict[str, Any]:
    boxes = [{name: str(getattr(box, name)) for name in _BOX} for box in layout.boxes]
    return {"width": str(layout.width), "height": str(layout.height), "background": layout.background, "boxes": boxes}


def _asked(form: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in the form; boxes into which nothing goes are left out."""
    boxes = []
    for place in range(40):
        values = {name: str(form.get(f"box-{place}-{name}", "")).strip()[:200] for name in _BOX}
        if values["filling"]:
            boxes.append(values)
    texts = {name: str(form.get(name, "")).strip()[:20] for name in ("width", "height", "background")}
    return {**texts, "boxes": boxes}


def _document(fields: Mapping[str, Any], backdrop: str) -> dict[str, Any]:
    """The document of what stands in a form. Raises `invalid` for numbers that are none."""
    boxes = []
    for place, box in enumerate(fields["boxes"]):
        numbers = {name: box[name] for name in _NUMBERS}
        if not all(number.isascii() and number.isdigit() and len(number) < 6 for number in numbers.values()):
            raise invalid("box_numbers", "Box %(box)s: give whole pixels.", at=f"boxes.{place}", box=place + 1)
        boxes.append(box | {name: int(number) for name, number in numbers.items()})
    sides = {name: fields[name] for name in ("width", "height")}
    if not all(side.isascii() and side.isdigit() and len(side) < 6 for side in sides.values()):
        raise invalid("bad_sides", "Give width and height in whole pixels.", at="width")
    return {
        **{name: int(side) for name, side in sides.items()},
        "background": fields["background"], "picture": backdrop, "boxes": boxes,
    }  # fmt: skip


def _drawing(fields: Mapping[str, Any], backdrop: str) -> Drawing:
    try:
        layout = read_layout(_document(fields, backdrop))
    except Refusal as refusal:
        return Drawing(problem=said(refusal))
    return Drawing(_address(layout), layout.width, layout.height)


def _form(
    id: str, name: str, used: bool, fields: Mapping[str, Any], backdrop: str, visit: Visit, problem: str = "", at: str = ""
) -> PosterTemplate:  # fmt: skip
    empty = dict.fromkeys(_BOX, "") | {"size": "36", "colour": "#1f2a24", "align": "left"}
    boxes = [BoxFields(values, at == f"boxes.{place}") for place, values in enumerate(fields["boxes"])]
    return PosterTemplate(
        id=id, name=name, used=used, width=fields["width"], height=fields["height"], background=fields["background"],
        boxes=(*boxes, *(BoxFields(empty) for _each in range(SPARE))), fillings=_fillings(), aligns=_aligns(),
        drawing=_drawing(fields, backdrop), backdrop=backdrop,
        backdrop_address=picture_address(visit.house.slug, backdrop, small=True), problem=problem, at=at,
    )  # fmt: skip
