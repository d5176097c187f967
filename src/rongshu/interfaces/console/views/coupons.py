"""Coupons in the console: kinds with what they brought and cost, their terms, sending, codes, and the trace of their uses."""

from __future__ import annotations

from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.domain.commerce.coupons import actions
from rongshu.domain.commerce.coupons.models import ALWAYS, NEVER, WHOLE, CouponKind
from rongshu.domain.commerce.coupons.queries import batch, batches, coupons_of_kind, kind, kinds, uses
from rongshu.domain.commerce.orders.queries import orders_by_id
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import ids_by_external_id, phone_hash, shown_names
from rongshu.engine.prices.frames import STACKS
from rongshu.interfaces.console import sendings
from rongshu.interfaces.console.coupon_form import EMPTY, filled, meaning, terms_of, typed
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.coupons import (
    BatchRow,
    Choice,
    GivenRow,
    KindForm,
    KindPage,
    KindRow,
    Kinds,
    Look,
    UseRow,
)
from rongshu.interfaces.console.price_tiers import offered_tiers
from rongshu.interfaces.faces.codes_file import codes_file
from rongshu.interfaces.faces.coupon_words import KINDS, OCCASIONS, OTHERS, WAYS, face_of
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit, said
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.parts import Cursor, Money
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, new_id, outside

PAGE = 50
MOST_NAMED = 5_000
TABS = ("send", "codes", "given", "uses")


@page("offers", Permission.SEE_MEMBERS)
def coupons(visit: Visit) -> Kinds:
    """The kinds, the latest made first."""
    q = visit.request.GET.get("q", "").strip()[:100]
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = kinds(search=q, after=None if token is None else token[0], limit=PAGE + 1)
    return Kinds(
        q=q,
        rows=tuple(_row(visit, one) for one in found[:PAGE]),
        cursor=Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
    )


def _row(visit: Visit, one: CouponKind) -> KindRow:
    face, currency = face_of(one, visit.house.currency, now=visit.now), visit.house.currency
    ways = [_("Can be claimed")] if one.claimable else []
    if one.occasion:
        ways.append(str(OCCASIONS[one.occasion]))
    if one.shareable:
        ways.append(_("Can be given on"))
    return KindRow(
        id=outside("cpk", one.id), name=one.name, worth=face.worth, what=face.what, state="open" if one.open else "closed",
        given=one.given, number=one.number, used=one.used, spent=Money(one.spent, currency),
        promised=Money(one.promised, currency), budget=None if one.budget is None else Money(one.budget, currency),
        used_ppm=one.used * 1_000_000 // one.given if one.given else None, ways=tuple(ways),
    )  # fmt: skip


@page("offers", Permission.SET_MEMBERSHIP)
def new(visit: Visit) -> KindForm | HttpResponse:
    """A new kind."""
    return _kept(visit, None) if visit.request.method == "POST" else _form(visit, None, EMPTY)


@page("offers", Permission.SET_MEMBERSHIP)
def edit(visit: Visit, id: str) -> KindForm | HttpResponse:
    """One kind's terms; posting changes them."""
    one = kind(inside("cpk", id) or 0)
    return _kept(visit, one) if visit.request.method == "POST" else _form(visit, one, filled(one, visit.house))


def _kept(visit: Visit, one: CouponKind | None) -> KindForm | HttpResponse:
    values = typed(visit.request.POST)
    if one is not None and one.given:  # what holders were promised is not among the fields any more
        values |= {name: value for name, value in filled(one, visit.house).items() if name in _PROMISED_FIELDS}
    try:
        terms = terms_of(values, visit.house, visit.now if one is None else one.valid_from)
        if one is None:
            one = actions.make_kind(terms=terms, by=visit.login.actor, now=visit.now)
        else:
            actions.change_kind(kind_id=one.id, terms=terms, by=visit.login.actor, now=visit.now)
    except Refusal as refusal:
        return _form(visit, one, values, problem=said(refusal), at=refusal.at or "")
    messages.success(visit.request, _("The coupon is kept."))
    return redirect(reverse("console:coupon", args=(outside("cpk", one.id),)))


_PROMISED_FIELDS = (
    "kind", "amount", "percent", "max_minus", "min_spend", "skus", "categories", "except_skus", "tiers", "gift_sku", "returns",
    *(f"with-{one}" for one in STACKS),
)  # fmt: skip


def _form(
    visit: Visit, one: CouponKind | None, values: Mapping[str, str], *, problem: str = "", at: str = ""
) -> KindForm:
    values = EMPTY | dict.fromkeys((f"with-{each}" for each in STACKS), "") | dict(values)
    returns = {
        WHOLE: _("When its order is refunded wholly"),
        ALWAYS: _("By any refund of its order"),
        NEVER: _("Never"),
    }
    return KindForm(
        id="" if one is None else outside("cpk", one.id),
        values=values,
        kinds=_choices(KINDS, values["kind"]),
        stacks=tuple(Choice(f"with-{key}", str(name), values[f"with-{key}"] == "yes") for key, name in OTHERS.items()),
        returns=_choices(returns, values["returns"]),
        occasions=_choices(OCCASIONS, values["occasion"]),
        look=_looked(visit, values),
        currency=visit.house.currency,
        locked=one is not None and bool(one.given),
        tiers=tuple(Choice(*each) for each in offered_tiers(values["tiers"].split(), visit.now)),
        problem=problem,
        at=at,
    )


def _choices(named: Mapping[str, object], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(key, str(name), key == chosen) for key, name in named.items())


@page("offers", Permission.SET_MEMBERSHIP)
def look(visit: Visit) -> Look:
    """What is being written, as whoever gets it would see it."""
    values = typed(visit.request.POST)
    held = inside("cpk", visit.request.POST.get("held", ""))
    if held is not None:
        values |= {name: value for name, value in filled(kind(held), visit.house).items() if name in _PROMISED_FIELDS}
    return _looked(visit, values)


def _looked(visit: Visit, values: Mapping[str, str]) -> Look:
    try:
        terms = terms_of(values, visit.house, visit.now)
        if terms.kind not in KINDS:
            raise invalid("bad_kind", "There is no such kind of coupon.", at="kind")
    except Refusal as refusal:
        return Look(None, said(refusal))
    return Look(face_of(terms, visit.house.currency, now=visit.now), words=meaning(terms, visit.house.currency))


@page("offers", Permission.SEE_MEMBERS)
def coupon(visit: Visit, id: str) -> KindPage | HttpResponse:
    """One kind with its sending, codes, holders and uses; posting opens, closes, sends or makes codes."""
    one = kind(inside("cpk", id) or 0)
    form = visit.request.POST
    if visit.request.method != "POST":
        return _kind_page(visit, one, visit.request.GET.get("tab", "send"), {"ref": f"once-{new_id()}"})
    here = reverse("console:coupon", args=(id,))
    if form.get("do") in ("open", "close"):
        visit.demand(Permission.SET_MEMBERSHIP)
        actions.open_kind(kind_id=one.id, open=form["do"] == "open", by=visit.login.actor, now=visit.now)
        return redirect(here)
    visit.demand(Permission.ISSUE_COUPONS)
    if form.get("do") == "stop":
        sendings.stop(visit, form)
        return redirect(here)
    tab = "codes" if form.get("do") == "codes" else "send"
    values = {
        name: form.get(name, "").strip()[:200_000] for name in ("members", "ref", "count", "name", "until", "segment")
    }
    try:
        if form.get("do") == "segment":
            size = sendings.begin(visit, one.id, values)
            said_so = ngettext("It is on its way to %(count)s member.", "It is on its way to %(count)s members.", size)
            messages.success(visit.request, said_so % {"count": f"{size:,}"})
            return redirect(here)
        if tab == "codes":
            made = _made(visit, one, values)
            messages.success(
                visit.request,
                ngettext("%(count)s code was made.", "%(count)s codes were made.", made) % {"count": f"{made:,}"},
            )
        else:
            sent = _sent(visit, one, values)
            messages.success(
                visit.request,
                ngettext("Sent to %(count)s member.", "Sent to %(count)s members.", sent) % {"count": f"{sent:,}"},
            )
    except Refusal as refusal:
        return _kind_page(visit, one, tab, values, problem=said(refusal), at=refusal.at or tab)
    return redirect(f"{here}?tab={tab if tab == 'codes' else 'given'}")


def _sent(visit: Visit, one: CouponKind, values: Mapping[str, str]) -> int:
    names = [
        name.strip() for name in values["members"].replace(",", "\n").replace("，", "\n").splitlines() if name.strip()
    ]
    if not 1 <= len(names) <= MOST_NAMED:
        raise invalid("member_count", "Name 1 to %(most)s members.", at="members", most=MOST_NAMED)
    known = ids_by_external_id(names)
    hashes = {phone_hash(name): name for name in names if name not in known}
    for found, member_id in Member.objects.filter(phone_hash__in=list(hashes)).values_list("phone_hash", "id"):
        known[hashes[bytes(found)]] = member_id
    unknown = [name for name in names if name not in known]
    if unknown:
        raise invalid("unknown_members", "Nobody is called %(names)s. Nothing was sent.", at="members", names=", ".join(unknown[:10]))  # fmt: skip
    return actions.send_coupons(
        kind_id=one.id, member_ids=list(known.values()), ref=values["ref"] or f"send-{new_id()}", by=visit.login.actor,
        now=visit.now,
    )  # fmt: skip


def _made(visit: Visit, one: CouponKind, values: Mapping[str, str]) -> int:
    count, day = values["count"].replace(",", ""), values["until"]
    if not (count.isascii() and count.isdigit() and len(count) <= 9):
        raise invalid("no_number", "Give a number.", at="count")
    try:
        until_at = visit.ends(visit.today.fromisoformat(day)) if day else None
    except ValueError:
        raise invalid("no_day", "This is not a day.", at="until") from None
    made = actions.make_codes(
        kind_id=one.id, count=int(count), name=values["name"], ref=values["ref"] or f"codes-{new_id()}", until_at=until_at,
        by=visit.login.actor, now=visit.now,
    )  # fmt: skip
    return int(made.count)


def _kind_page(
    visit: Visit, one: CouponKind, tab: str, values: dict[str, str], *, problem: str = "", at: str = ""
) -> KindPage:
    tab = tab if tab in TABS else "send"
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    after, currency = None if token is None else token[0], visit.house.currency
    traced = uses(kind_id=one.id, after=after, limit=PAGE + 1) if tab == "uses" else []
    given = coupons_of_kind(one.id, after=after, limit=PAGE + 1) if tab == "given" else []
    made = batches(kind_id=one.id, after=after, limit=PAGE + 1) if tab == "codes" else []
    running = sendings.rows_of(one.id) if tab == "send" else ()
    last = next((rows[PAGE - 1].id for rows in (traced, given, made) if len(rows) > PAGE), None)
    names = shown_names([*(row.member_id for row in traced[:PAGE]), *(row.member_id for row in given[:PAGE])])
    orders = orders_by_id([row.order_id for row in traced if row.order_id is not None])
    return KindPage(
        tab=tab,
        row=_row(visit, one),
        face=face_of(one, currency, now=visit.now),
        words=meaning(one, currency),
        values=values,
        batches=tuple(
            BatchRow(
                outside("cpb", row.id), row.name, row.count, row.redeemed, row.until_at, row.made_at,
                row.closed_at is not None,
            )
            for row in made[:PAGE]
        ),
        uses=tuple(
            UseRow(
                member_id=outside("mem", row.member_id),
                member=names.get(row.member_id, outside("mem", row.member_id)),
                state="returned" if row.returned_at else row.state,
                order="" if row.order_id is None else outside("ord", row.order_id),
                order_name=orders[row.order_id].external_id if row.order_id in orders else "",
                saved=Money(row.saved, currency) if row.order_id is not None else None,
                at=row.ended_at or row.reserved_at,
            )
            for row in traced[:PAGE]
        ),
        given=tuple(
            GivenRow(
                outside("mem", row.member_id), names.get(row.member_id, outside("mem", row.member_id)), str(WAYS.get(row.way, row.way)), row.state,
                row.got_at, row.until_at,
            )
            for row in given[:PAGE]
        ),
        segments=sendings.choices(values.get("segment", "")) if tab == "send" else (),
        sendings=running,
        under_way=sendings.under_way(running),
        cursor=Cursor(None if last is None else pack(last)),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
        may_issue=visit.may(Permission.ISSUE_COUPONS),
        problem=problem,
        at=at,
    )  # fmt: skip


@page("offers", Permission.ISSUE_COUPONS)
def codes(visit: Visit, id: str) -> HttpResponse:
    """The codes of a batch to download."""
    found = batch(inside("cpb", id) or 0)
    return attached(codes_file(found, visit.house.zone), f"codes-{id}.csv")


@page("offers", Permission.ISSUE_COUPONS)
def end_codes(visit: Visit, id: str) -> HttpResponse:
    """Ends a batch."""
    identifier = inside("cpb", id)
    if identifier is None:
        raise missing("unknown_batch", "There is no such batch of codes.")
    ended = actions.close_batch(batch_id=identifier, by=visit.login.actor, now=visit.now)
    messages.success(visit.request, _("The codes that nobody redeemed are void."))
    return redirect(reverse("console:coupon", args=(outside("cpk", ended.kind_id),)) + "?tab=codes")
