"""What the tenant wants to know of members: fields, tags, and the words of consents."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _

from rongshu.domain.members.consents.actions import write_text
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.consents.queries import texts_in_force
from rongshu.domain.members.profiles.fields import (
    MOST_ON,
    add_field,
    change_field,
    order_fields,
    profile_fields,
    switch_field,
)
from rongshu.domain.members.profiles.limits import titled
from rongshu.domain.members.profiles.models import CHOICE, CHOICES, DATE, KINDS, NUMBER, TEXT, YES_NO, ProfileField
from rongshu.domain.members.tags.actions import add_tag, change_tag
from rongshu.domain.members.tags.queries import tags, worn_by
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.pages.profiles import ConsentTextRow, FieldForm, FieldRow, ProfileSettings, TagRow
from rongshu.interfaces.faces.door import Visit, said
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import Refusal, invalid, missing
from rongshu.kernel.ids import inside, outside

KIND_NAMES = {
    TEXT: gettext_noop("Text"),
    NUMBER: gettext_noop("Number"),
    DATE: gettext_noop("Date"),
    CHOICE: gettext_noop("One of several"),
    CHOICES: gettext_noop("Several of several"),
    YES_NO: gettext_noop("Yes or no"),
}


@page("members", Permission.SEE_MEMBERS)
def settings(visit: Visit) -> ProfileSettings | HttpResponse:
    """Fields in their order, tags with how many have them, the words of consents; posting does one thing and comes back."""
    if visit.request.method == "POST":
        try:
            _do(visit)
            messages.success(visit.request, _("Kept."))
        except Refusal as refusal:
            messages.error(visit.request, said(refusal))
        return redirect("console:profile_settings")
    language, count = get_language() or "zh-hans", worn_by()
    return ProfileSettings(
        fields=tuple(
            FieldRow(
                one.code, titled(one.names, language), _(KIND_NAMES[one.kind]), one.required, one.by_member, one.sealed, one.active
            )
            for one in profile_fields(off=True)
        ),
        most=MOST_ON,
        kinds=tuple((kind, _(KIND_NAMES[kind])) for kind in KINDS),
        tags=tuple(TagRow(outside("tag", one.id), one.name, one.active, count.get(one.id, 0)) for one in tags(off=True)),
        texts=_texts(),
        may_set=visit.may(Permission.SET_MEMBERSHIP),
        may_tag=visit.may(Permission.EDIT_MEMBERS),
    )  # fmt: skip


def _texts() -> tuple[ConsentTextRow, ...]:
    own, rows = texts_in_force(), []
    for purpose in PURPOSES.values():
        text, words = own.get(purpose.code), {}
        for language, key in (("zh-hans", "zh"), ("en", "en")):
            with override(language):
                words[key] = text.words[key] if text is not None else _(purpose.words)
        number = 0 if text is None else text.number
        rows.append(ConsentTextRow(purpose.code, _(purpose.name), number, words["zh"], words["en"]))
    return tuple(rows)


def _do(visit: Visit) -> None:
    how: dict[str, Any] = {"by": visit.login.actor, "now": visit.now}
    sent = visit.request.POST
    what, code = sent.get("do", ""), sent.get("code", "")[:60]
    visit.demand(Permission.EDIT_MEMBERS if what in ("add_tag", "change_tag") else Permission.SET_MEMBERSHIP)
    match what:
        case "add_tag":
            add_tag(name=sent.get("name", "")[:200], **how)
        case "change_tag":
            tag = inside("tag", sent.get("tag", ""))
            if tag is None:
                raise missing("unknown_tag", "There is no such tag.")
            change_tag(tag_id=tag, name=sent.get("name", "")[:200], active=sent.get("active") == "yes", **how)
        case "on" | "off":
            switch_field(code=code, active=what == "on", **how)
        case "up":
            codes = [one.code for one in profile_fields(off=True)]
            place = codes.index(code) if code in codes else 0
            if place:
                codes[place - 1], codes[place] = code, codes[place - 1]
                order_fields(codes=codes, **how)
        case "text":
            words = {language: sent.get(language, "")[:2000] for language in ("zh", "en")}
            number = sent.get("number", "")
            write_text(
                purpose=code, words=words, instead_of=int(number) if number.isdecimal() and len(number) < 7 else None, **how
            )  # fmt: skip
        case _:
            raise missing("unknown_act", "There is no such thing to do.")


@page("members", Permission.SET_MEMBERSHIP)
def field(visit: Visit, code: str = "") -> FieldForm | HttpResponse:
    """A field, new or to be changed. A refused one stands in its form again."""
    held = None
    if code:
        held = ProfileField.objects.filter(code=code).first()
        if held is None:
            raise missing("unknown_profile_field", "There is no field %(name)s.", name=code[:60])
    sent = visit.request.POST
    kind = held.kind if held is not None else (sent or visit.request.GET).get("kind", "")
    if kind not in KINDS:
        raise missing("bad_field_kind", "There is no kind %(kind)s of field.", kind=kind[:60])
    if visit.request.method != "POST":
        return _filled(kind, held)
    how: dict[str, Any] = {
        "names": {language: sent.get(language, "")[:200] for language in ("zh", "en")},
        "required": sent.get("required") == "yes",
        "by_member": sent.get("by_member") == "yes",
        "by": visit.login.actor,
        "now": visit.now,
    }
    try:
        how["limits"] = _limits(kind, visit)
        if held is None:
            new = sent.get("code", "").strip()[:60]
            add_field(code=new, kind=kind, sealed=sent.get("sealed") == "yes" and kind == TEXT, **how)
        else:
            change_field(code=held.code, **how)
    except Refusal as refusal:
        return _sent(visit, kind, held, said(refusal), refusal.at)
    messages.success(visit.request, _("Kept."))
    return redirect("console:profile_settings")


_LIMITS = {TEXT: ("longest",), NUMBER: ("least", "most", "places"), DATE: ("since", "until")}


def _limits(kind: str, visit: Visit) -> dict[str, Any]:
    sent = visit.request.POST
    if kind in (CHOICE, CHOICES):
        return {"options": _options(sent.get("options", ""))}
    return {name: sent.get(name, "").strip()[:40] for name in _LIMITS.get(kind, ())}


def _options(text: str) -> list[dict[str, str]]:
    """Options, one a line: `code = 中文 | English`."""
    found = []
    for number, line in enumerate((one for one in text[:20_000].splitlines() if one.strip()), 1):
        code, equals, names = line.partition("=")
        if not equals:
            raise invalid(
                "bad_option_line", "Line %(line)s: write code = 中文 | English.", at="limits.options", line=number
            )
        zh, _bar, en = names.partition("|")
        found.append({"code": code.strip(), "zh": zh.strip(), "en": en.strip()})
    return found


def _filled(kind: str, held: ProfileField | None) -> FieldForm:
    if held is None:
        return FieldForm(code="", kind=kind, kind_name=_(KIND_NAMES[kind]), new=True)
    options = "\n".join(
        f"{one['code']} = {one['zh']} | {one['en']}" for one in held.limits.get("options", ()) if not one.get("off")
    )
    limits = {name: str(value) for name, value in held.limits.items() if name != "options"}
    return FieldForm(
        code=held.code, kind=kind, kind_name=_(KIND_NAMES[kind]), new=False, zh=held.names["zh"], en=held.names["en"],
        required=held.required, by_member=held.by_member, sealed=held.sealed, options=options, limits=limits,
    )  # fmt: skip


def _sent(visit: Visit, kind: str, held: ProfileField | None, problem: str, at: str) -> FieldForm:
    sent = visit.request.POST
    return FieldForm(
        code=held.code if held is not None else sent.get("code", "")[:60], kind=kind, kind_name=_(KIND_NAMES[kind]), new=held is None,
        zh=sent.get("zh", "")[:200], en=sent.get("en", "")[:200], required=sent.get("required") == "yes",
        by_member=sent.get("by_member") == "yes", sealed=sent.get("sealed") == "yes", options=sent.get("options", "")[:20_000],
        limits={name: sent.get(name, "")[:40] for name in _LIMITS.get(kind, ())}, problem=problem, at=at,
    )  # fmt: skip
