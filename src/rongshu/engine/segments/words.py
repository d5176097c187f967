"""A segment's conditions in words."""

from __future__ import annotations

from collections.abc import Callable

from rongshu.engine.segments.facts import LIFE_TITLES, Kind
from rongshu.engine.segments.model import AllOf, Condition, Node, Not, bound_text
from rongshu.engine.wording import gettext_noop as _

AND, OR, NOT, LIST = _(" and "), _(" or "), _("not (%(what)s)"), _(", ")
LEAST, MOST, SPAN, SAME = (
    _("%(fact)s at least %(least)s"),
    _("%(fact)s at most %(most)s"),
    _("%(fact)s from %(least)s to %(most)s"),
    _("%(fact)s exactly %(least)s"),
)
SINCE, UNTIL = _("%(fact)s since %(least)s"), _("%(fact)s until %(most)s")
AMONG, YES, NO = _("%(fact)s: %(values)s"), _("%(fact)s"), _("%(fact)s: no")
WITHIN = _("%(what)s, within %(days)s days")

Translate = Callable[[str], str]


Named = Callable[[str, str], str]
"""The name of a fact's value, for people; of one it does not know the value itself."""


def itself(fact: str, value: str) -> str:
    """The value as it was written."""
    return value


def say(node: Node, currency: str, translate: Translate, named: Named = itself) -> str:
    """The conditions as one sentence; `translate` gives a template's text in the reader's language."""
    if isinstance(node, Condition):
        return _condition(node, currency, translate, named)
    if isinstance(node, Not):
        return translate(NOT) % {"what": say(node.part, currency, translate, named)}
    parts = [say(part, currency, translate, named) for part in node.parts]
    if len(parts) == 1:
        return parts[0]
    inner = [
        f"({text})" if not isinstance(part, Condition | Not) and type(part) is not type(node) else text
        for part, text in zip(node.parts, parts, strict=True)
    ]
    return translate(AND if isinstance(node, AllOf) else OR).join(inner)


def _condition(one: Condition, currency: str, translate: Translate, named: Named) -> str:
    kind, title = one.about.kind, one.about.title if one.about.own else translate(one.about.title)
    if kind is Kind.YES_NO:
        text = translate(YES if one.wanted else NO) % {"fact": title}
    elif kind is Kind.CHOICE:
        values = [
            translate(LIFE_TITLES[value]) if one.fact == "life" else named(one.fact, value) for value in one.values
        ]
        text = translate(AMONG) % {"fact": title, "values": translate(LIST).join(values)}
    else:
        least, most = one.at_least, one.at_most
        template = MOST if least is None else LEAST if most is None else SAME if least == most else SPAN
        if kind is Kind.DAY:
            template = {MOST: UNTIL, LEAST: SINCE}.get(template, template)

        def number(bound: int | None) -> str:
            return "" if bound is None else bound_text(kind, bound, currency)

        text = translate(template) % {"fact": title, "least": number(least), "most": number(most)}
    if one.within_days is not None:
        text = translate(WITHIN) % {"what": text, "days": one.within_days}
    return text
