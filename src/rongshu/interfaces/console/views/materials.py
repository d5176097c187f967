"""The library of materials: found, written, looked at by the rules and by a second person, offered, withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.queries import products_by_sku
from rongshu.domain.marketing.materials.actions import (
    LABEL,
    LONGEST,
    Described,
    accept_hit,
    add_material,
    add_version,
    offer,
    withdraw,
)
from rongshu.domain.marketing.materials.library import STATES, count_takers, find_materials, states_of, takers
from rongshu.domain.marketing.materials.models import KINDS, Material, Version
from rongshu.domain.marketing.materials.queries import (
    look_at,
    occasions,
    statistics,
    versions_of,
    withdrawn_of,
)
from rongshu.domain.marketing.materials.queries import material as material_of
from rongshu.domain.marketing.materials.queries import version as version_of
from rongshu.engine.copycheck import PACKS, Hit, check_copy
from rongshu.engine.copycheck.rules import ALWAYS
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.materials import (
    Looked,
    MaterialPage,
    MaterialRow,
    Materials,
    Minded,
    NewMaterial,
    TakerRow,
    VersionShown,
)
from rongshu.interfaces.faces.channels import CHANNELS, channel_name
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.interfaces.faces.people import People, actor_name
from rongshu.interfaces.faces.pictures import picture_address
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

PAGE = 40
_FIELDS = ("kind", "title", "language", "occasion", "channel", "sku", "category", "from", "until", "text", "video")


def kind_names() -> tuple[tuple[str, str], ...]:
    """The kinds of materials, in words."""
    names = {"copy": _("Text"), "picture": _("Picture with text"), "video": _("Video by link")}
    return tuple((kind, names[kind]) for kind in KINDS)


@page("materials", Permission.SEE_MATERIALS)
def materials(visit: Visit) -> Materials:
    """Materials by kind, occasion and state."""
    asked = visit.request.GET
    kind, state = asked.get("kind", ""), asked.get("state", "")
    kind, state = kind if kind in KINDS else "", state if state in STATES else ""
    occasion, q = asked.get("occasion", "").strip()[:100], asked.get("q", "").strip()[:100]
    token = unpack(asked.get("cursor", ""), 1)
    found = find_materials(
        now=visit.now, kind=kind, occasion=occasion, state=state, search=q,
        after=None if token is None else token[0], limit=PAGE + 1,
    )  # fmt: skip
    return Materials(
        kind=kind,
        occasion=occasion,
        state=state,
        q=q,
        kinds=kind_names(),
        states=STATES,
        occasions=tuple(occasions()),
        rows=rows_of(visit, found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_edit=visit.may(Permission.EDIT_MATERIALS),
    )


def rows_of(visit: Visit, found: Sequence[Material]) -> tuple[MaterialRow, ...]:
    """Materials as a list shows them, with what they brought."""
    brought, states = statistics([one.id for one in found]), states_of(found, visit.now)
    titles = products_by_sku([one.sku for one in found if one.sku])
    names = dict(kind_names())
    rows = []
    for one in found:
        figures = brought.get(one.id)
        about = [titles[one.sku].title if one.sku in titles else one.sku, one.category]
        if one.channel:
            about.append(channel_name(one.channel))
        rows.append(
            MaterialRow(
                id=outside("mat", one.id), kind=names[one.kind], title=one.title, occasion=one.occasion,
                about=" · ".join(part for part in about if part), state=states[one.id],
                valid_from=one.valid_from, valid_until=one.valid_until, taken=figures.taken if figures else 0,
                clicks=figures.clicks if figures else 0, orders=figures.orders if figures else 0,
            )
        )  # fmt: skip
    return tuple(rows)


@page("materials", Permission.EDIT_MATERIALS)
def new(visit: Visit) -> NewMaterial | HttpResponse:
    """A new material with its first text."""
    form = visit.request.POST if visit.request.method == "POST" else visit.request.GET
    values = {name: form.get(name, "").strip()[:LONGEST] for name in _FIELDS}
    trades = form.getlist("trades")
    if visit.request.method != "POST":
        return _new(values, trades)
    by, now = visit.login.actor, visit.now
    try:
        described = Described(
            kind=values["kind"], title=values["title"], language=values["language"], occasion=values["occasion"],
            channel=values["channel"], sku=values["sku"], category=values["category"],
            trades=tuple(one for one in trades if one not in ALWAYS),
            valid_from=_day(visit, values["from"], "from"), valid_until=_day(visit, values["until"], "until"),
        )  # fmt: skip
        made = add_material(described=described, by=by, now=now)
        add_version(
            material_id=made.id, text=values["text"], picture=_uploaded(visit.request), video=values["video"], by=by, now=now
        )  # fmt: skip
    except Refusal as refusal:
        return _new(values, trades, said(refusal), refusal.at or "")
    messages.success(visit.request, _("Written. A second person looks at it before promoters are offered it."))
    return redirect("console:material", outside("mat", made.id))


def _new(values: dict[str, str], trades: Sequence[str], problem: str = "", at: str = "") -> NewMaterial:
    return NewMaterial(
        values=values,
        trades=tuple((key, _(name), key in trades) for key, name in PACKS.items() if key not in ALWAYS),
        channels=tuple((key, str(name)) for key, name in CHANNELS.items()),
        occasions=tuple(occasions()),
        looked=Looked(_minded(check_copy(values["text"], tuple(trades), leads_to_buying=False)), bool(values["text"])),
        problem=problem,
        at=at,
    )


@page("materials", Permission.EDIT_MATERIALS)
def look(visit: Visit) -> Looked:
    """What the rules mind in a text while it is being written; the label is left out, since it is put there by us."""
    form = visit.request.POST
    text = form.get("text", "").strip()[:LONGEST]
    trades = tuple(one for one in form.getlist("trades") if one in PACKS)
    return Looked(_minded(check_copy(text, trades, leads_to_buying=False)), bool(text))


def _minded(hits: Sequence[Hit]) -> tuple[Minded, ...]:
    return tuple(_shown(hit) for hit in hits)


def _shown(hit: Hit, accepted: str = "") -> Minded:
    family = PACKS.get(hit.pack, "")
    return Minded(
        rule=hit.rule, family=_(family) if family else _("Label"), words=hit.words, reason=_(hit.reason),
        basis=hit.basis, remedy=_(hit.remedy), accepted=accepted,
    )  # fmt: skip


@page("materials", Permission.SEE_MATERIALS)
def material(visit: Visit, id: str) -> MaterialPage | HttpResponse:
    """One material; posting writes a version, accepts a hit, offers or withdraws a version."""
    identifier = inside("mat", id)
    if identifier is None:
        raise missing("unknown_material", "There is no such material.")
    one = material_of(identifier)
    if visit.request.method != "POST":
        return _material(visit, one)
    visit.demand(Permission.EDIT_MATERIALS)
    try:
        messages.success(visit.request, _done(visit, one))
    except Refusal as refusal:
        return _material(visit, one, said(refusal))
    return redirect("console:material", id)


def _done(visit: Visit, one: Material) -> str:
    form, by, now = visit.request.POST, visit.login.actor, visit.now
    if form.get("do") == "write":
        add_version(
            material_id=one.id, text=form.get("text", ""), picture=_uploaded(visit.request), video=form.get("video", ""), by=by, now=now
        )  # fmt: skip
        return _("Written. A second person looks at it before promoters are offered it.")
    identifier = inside("mav", form.get("version", ""))
    if identifier is None or version_of(identifier).material_id != one.id:
        raise missing("unknown_version", "There is no such version.")
    match form.get("do"):
        case "accept":
            accept_hit(
                version_id=identifier, rule=form.get("rule", ""), words=form.get("words", ""),
                reason=form.get("reason", ""), by=by, now=now,
            )  # fmt: skip
            return _("It may stand, in this version only.")
        case "offer":
            offer(version_id=identifier, by=by, now=now)
            return _("Promoters are offered it.")
        case "withdraw":
            gone = withdraw(version_id=identifier, reason=form.get("reason", ""), by=by, now=now)
            return _("Withdrawn. Told of those who took it: %(number)s.") % {"number": gone.told}
        case _:
            raise missing("unknown_act", "There is no such thing to do.")


def _material(visit: Visit, one: Material, problem: str = "") -> MaterialPage:
    one = material_of(one.id)
    found = versions_of(one.id)[:30]
    gone, people = withdrawn_of([row.id for row in found]), count_takers([row.id for row in found])
    figures = statistics([one.id]).get(one.id)
    latest = next((row for row in found if row.id == one.offered_id), None) or next(
        (row for row in found if row.id in people), None
    )
    took = takers(latest.id) if latest else []
    known = People(row.promoter_id for row in took)
    return MaterialPage(
        row=rows_of(visit, [one])[0],
        promoters=figures.promoters if figures else 0,
        commission=Money(figures.commission if figures else 0, visit.house.currency),
        versions=tuple(
            _version(visit, one, row, gone[row.id].reason if row.id in gone else "", people.get(row.id, 0))
            for row in found
        ),
        takers=tuple(TakerRow(known.person(row.promoter_id), row.times, row.last) for row in took),
        taken_number=latest.number if latest else 0,
        may_edit=visit.may(Permission.EDIT_MATERIALS),
        problem=problem,
        typed=visit.request.POST.get("text", "")[:LONGEST] if problem else (found[0].text if found else LABEL),
    )


def _version(visit: Visit, one: Material, row: Version, withdrawn: str, people: int) -> VersionShown:
    minded = tuple(
        _shown(
            seen.hit,
            ""
            if seen.exemption is None
            else _("Accepted by %(who)s: %(reason)s")
            % {"who": actor_name(seen.exemption.actor), "reason": seen.exemption.reason},
        )
        for seen in look_at(row, one.trades)
    )
    return VersionShown(
        id=outside("mav", row.id), number=row.number, text=row.text,
        picture=picture_address(visit.house.slug, row.picture), video=row.video,
        at=row.at, who=actor_name(row.actor), offered=row.id == one.offered_id, withdrawn=withdrawn, minded=minded,
        people=people, mine=row.actor == str(visit.login.actor),
    )  # fmt: skip


def _uploaded(request: HttpRequest) -> bytes:
    given = request.FILES.get("picture")
    if given is None:
        return b""
    if (given.size or 0) > 8 * 2**20:
        raise invalid("picture_too_large", "A picture has at most 8 MB.", at="picture")
    return bytes(given.read())


def _day(visit: Visit, text: str, at: str) -> datetime | None:
    """The instant a first day begins or a last day is over; None for no day. Raises `invalid`."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text)
        return visit.starts(day) if at == "from" else visit.ends(day)
    except (ValueError, OverflowError):
        raise invalid("bad_day", "This is no day; write it like 2026-05-01.", at=at) from None
