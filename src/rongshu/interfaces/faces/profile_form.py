"""Profiles as forms: filled from what is kept, read from what was sent."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _

from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.consents.queries import consents_of, text_numbers, texts_in_force
from rongshu.domain.members.profiles.birthdays import birthday_of
from rongshu.domain.members.profiles.editing import OPERATOR, PREFERENCES
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.limits import day_of, titled
from rongshu.domain.members.profiles.models import CHOICES, DATE, NUMBER, TEXT, YES_NO, Member, ProfileField
from rongshu.domain.members.profiles.regions import REGIONS, region_name
from rongshu.domain.members.profiles.values import values_of
from rongshu.interfaces.faces.profile_parts import ConsentPart, FieldPart, OptionPart, ProfilePart
from rongshu.kernel.secrets import unseal

PREFERENCE_NAMES = {
    "discount": gettext_noop("Discounts"),
    "gift": gettext_noop("Gifts"),
    "novelty": gettext_noop("New things"),
}


def profile_part(member: Member, *, sent: QueryDict | None = None, problem: str = "", at: str = "") -> ProfilePart:
    """A member's profile for a page; with `sent`, what was sent and refused stands in the form."""
    language = get_language() or "zh-hans"
    born, fields = birthday_of(member), profile_fields()
    values = values_of([member.id], fields)[member.id]
    part: dict[str, str] = {
        "name": unseal(member.name) if member.name else "",
        "birth_year": "" if born is None or born.year is None else str(born.year),
        "birth_month": "" if born is None else str(born.month),
        "birth_day": "" if born is None else str(born.day),
        "region": region_name(member.region, language),
        "city": member.city,
        "preference": member.preference,
    }
    if sent is not None:
        part |= {name: sent.get(name, part[name])[:200] for name in part}
        values |= {one.code: _sent(one, sent) for one in fields if f"field-{one.code}-there" in sent}
    return ProfilePart(
        **part,
        birthday="" if born is None else born.text,
        preferences=tuple(OptionPart(one, _(PREFERENCE_NAMES[one]), part["preference"] == one) for one in PREFERENCES),
        regions=tuple(region_name(code, language) for code in REGIONS),
        fields=tuple(_field(one, values.get(one.code), language) for one in fields),
        problem=problem,
        at=at,
    )


def _field(field: ProfileField, value: Any, language: str) -> FieldPart:
    chosen = value if isinstance(value, list) else [value]
    options = tuple(
        OptionPart(one["code"], titled(one, language), one["code"] in chosen)
        for one in field.limits.get("options", ())
        if not one.get("off") or one["code"] in chosen
    )
    written = "" if value is None or isinstance(value, list) else str(value)
    if field.kind == YES_NO:
        written = {True: "yes", False: "no"}.get(value, written)
        options = (OptionPart("yes", _("Yes"), written == "yes"), OptionPart("no", _("No"), written == "no"))
    shown = " · ".join(one.name for one in options if one.chosen) if options else written
    if field.kind == DATE and (day := day_of(written)) is not None:
        shown = date_format(day, "DATE_FORMAT")
    return FieldPart(
        field.code, field.kind, titled(field.names, language), written, shown, field.required, options,
        _hint(field), field.by_member,
    )  # fmt: skip


def _hint(field: ProfileField) -> str:
    limits = field.limits
    if field.kind == TEXT:
        return _("At most %(most)s characters.") % {"most": limits.get("longest", 200)}
    low, high = (limits.get(one, "") for one in (("since", "until") if field.kind == DATE else ("least", "most")))
    if field.kind not in (NUMBER, DATE) or not (low or high):
        return ""
    if low and high:
        return _("From %(low)s to %(high)s.") % {"low": low, "high": high}
    return _("At least %(least)s.") % {"least": low} if low else _("At most %(most)s.") % {"most": high}


def _sent(field: ProfileField, sent: QueryDict) -> Any:
    name = f"field-{field.code}"
    if field.kind == CHOICES:
        return [one[:60] for one in sent.getlist(name)]
    text = str(sent.get(name, "")).strip()[:1000]
    if field.kind == YES_NO:
        return {"yes": True, "no": False}.get(text)
    return text or None


def changes_of(sent: QueryDict, said_by: str = OPERATOR) -> dict[str, Any]:
    """What a form sent, as `change_member` takes it; parts the form did not have are left out."""
    found: dict[str, Any] = {
        name: sent[name][:300] for name in ("name", "region", "city", "preference") if name in sent
    }
    if said_by == OPERATOR:  # these show masked values beside an empty field: empty leaves them as they are
        found |= {
            name: str(sent[name]).strip()[:300]
            for name in ("phone", "email", "external_id")
            if sent.get(name, "").strip()
        }
    if "birth_month" in sent:
        year, month, day = (str(sent.get(f"birth_{one}", "")).strip()[:4] for one in ("year", "month", "day"))
        found["birthday"] = "-".join(one for one in (year, month, day) if one) if year or month or day else None
    fields = {}
    for field in profile_fields():
        if f"field-{field.code}-there" in sent and (said_by == OPERATOR or field.by_member):
            value = _sent(field, sent)
            fields[field.code] = None if value == [] else value
    return found | ({"fields": fields} if fields else {})


def consent_parts(member_id: int) -> tuple[ConsentPart, ...]:
    """The purposes with the words in force and what the member said of each."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    own, said = texts_in_force(), consents_of([member_id])[member_id]
    parts = []
    for purpose in PURPOSES.values():
        text, word = own.get(purpose.code), said.get(purpose.code)
        parts.append(
            ConsentPart(
                purpose.code, _(purpose.name), _(purpose.words) if text is None else text.words[language],
                0 if text is None else text.number, None if word is None else word.given, None if word is None else word.at,
            )
        )  # fmt: skip
    return tuple(parts)


def consents_sent(member_id: int, sent: QueryDict) -> tuple[dict[str, bool], dict[str, int]]:
    """What a form of consents says, and the texts that were shown: ticked gives, not ticked withdraws what was given."""
    said, latest = consents_of([member_id])[member_id], text_numbers()
    given: dict[str, bool] = {}
    shown: dict[str, int] = {}
    for code in PURPOSES:
        number = sent.get(f"consent-{code}-text", "")
        if not number.isdecimal() or len(number) > 6:
            continue
        if sent.get(f"consent-{code}") == "yes":
            given[code], shown[code] = True, min(int(number), latest.get(code, 0))
        elif code in said and said[code].given:
            given[code] = False
    return given, shown
