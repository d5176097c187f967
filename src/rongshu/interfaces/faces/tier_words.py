"""Tiers and growth value in words, for members and operators alike."""

from __future__ import annotations

from django.utils.translation import get_language, gettext_lazy, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from rongshu.domain.members.growth.models import GrowthEntry
from rongshu.domain.members.tiers.models import TierChange
from rongshu.engine.money import MILLION
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.points.rules import write_factor
from rongshu.engine.tiers.assessment import Warning
from rongshu.engine.tiers.frames import Benefits, Gift, Ladder, Tier
from rongshu.engine.tiers.growth import GrowthRules
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.templatetags.faces import plain_money
from rongshu.interfaces.faces.tier_parts import GrowthLine, TierShown, TierStep

CAUSES = {
    "risen": gettext_lazy("risen by growth value"),
    "kept": gettext_lazy("kept at the assessment"),
    "grace": gettext_lazy("below what keeps it; there is time to make up for it"),
    "fallen": gettext_lazy("not kept at the assessment"),
    "ladder": gettext_lazy("the tiers were changed"),
}
SOURCES = {
    "order": pgettext_lazy("growth value", "Order"),
    "refund": pgettext_lazy("growth value", "Refund"),
    "hand": pgettext_lazy("growth value", "By hand"),
    "opening": gettext_lazy("Had before, brought in"),
    "merge": gettext_lazy("Members who are one were merged"),
}


def gives(benefits: Benefits) -> tuple[str, ...]:
    """What a tier gives, one sentence each."""
    said = []
    if benefits.discount:
        said.append(_("%(percent)s off every price") % {"percent": write_percent(benefits.discount)})
    if benefits.points_ppm != MILLION:
        said.append(_("Points × %(factor)s") % {"factor": write_factor(benefits.points_ppm // (MILLION // 100))})
    if benefits.free_shipping:
        said.append(_("Free shipping"))
    if benefits.gifts.birthday:
        said.append(_("On your birthday: %(gift)s") % {"gift": _gift(benefits.gifts.birthday)})
    if benefits.gifts.anniversary:
        said.append(_("On the day you joined, every year: %(gift)s") % {"gift": _gift(benefits.gifts.anniversary)})
    if hours := benefits.early_access_hours:
        said.append(ngettext("Sales begin %(hours)s hour earlier for you", "Sales begin %(hours)s hours earlier for you", hours) % {"hours": hours})  # fmt: skip
    if benefits.support:
        said.append(_("Your own support: %(way)s") % {"way": benefits.support})
    return tuple(said)


def _gift(gift: Gift) -> str:
    parts = []
    if gift.points:
        parts.append(ngettext("%(points)s point", "%(points)s points", gift.points) % {"points": f"{gift.points:,}"})
    if gift.coupon:
        parts.append(_("a coupon"))
    return _(" and ").join(parts)


def shown(tier: Tier) -> TierShown:
    """A tier in the reader's language."""
    title = tier.titled(get_language() or "")
    return TierShown(tier.code, title, tier.colour, tier.picture, tier.growth, gives(tier.benefits))


def what_counts(ladder: Ladder) -> str:
    """Which growth value counts."""
    if ladder.window == "ever":
        return _("All growth value there ever was counts.")
    if ladder.window == "year":
        return _("The growth value of this calendar year counts.")
    return ngettext("The growth value of the last %(months)s month counts, with this one.", "The growth value of the last %(months)s months counts, with this one.", ladder.months) % {"months": ladder.months}  # fmt: skip


def grown(one: GrowthEntry, activities: dict[str, str]) -> GrowthLine:
    """A line of the history; `activities` are the names of the rules' activities."""
    kind, _colon, which = one.source.partition(":")
    return GrowthLine(
        one.at, activities.get(which, which) if which else str(SOURCES.get(kind, kind)), one.why, one.amount
    )


def stepped(one: TierChange, ladder: Ladder | None) -> TierStep:
    """A change of tier in words."""

    def named(code: str) -> str:
        found = None if ladder is None else ladder.tier(code)
        return _("no tier") if code == "" else code if found is None else found.titled(get_language() or "")

    return TierStep(one.at, named(one.old), named(one.new), str(CAUSES.get(one.cause, one.cause)), one.growth)


def growth_ways(rules: GrowthRules) -> tuple[str, ...]:
    """How growth value is earned, one sentence each."""
    said = []
    if (one := rules.spending) is not None:
        said.append(_("%(growth)s for every %(money)s spent.") % {"growth": f"{one.growth:,}", "money": plain_money(Money(one.per, rules.currency))})  # fmt: skip
    if rules.first_order:
        said.append(_("%(growth)s more for the first order.") % {"growth": f"{rules.first_order:,}"})
    for act in rules.activities:
        most = [
            text % {"times": times}
            for times, text in (
                (act.per_day, _("at most %(times)s a day")), (act.per_month, _("at most %(times)s a month")),
                (act.ever, _("at most %(times)s in all")),
            )
            if times
        ]  # fmt: skip
        said.append(_("%(name)s: %(growth)s") % {"name": act.name, "growth": f"{act.growth:,}"} + (f" ({', '.join(most)})" if most else ""))  # fmt: skip
    return tuple(said)


def minded(one: Warning, titles: dict[str, str]) -> str:
    """What a ladder should be thought over for."""
    names = {
        "tier": titles.get(one.tier, one.tier),
        "below": titles.get(one.below, one.below),
        "share": f"{one.share / 10_000:.1f}%",
    }
    texts = {
        "dense": _("%(tier)s is less than a quarter above %(below)s: few will feel the difference."),
        "sparse": _("%(tier)s asks for more than twenty times %(below)s: hardly anybody will try."),
        "empty": _("Nobody would hold %(tier)s."),
        "top_heavy": _("%(share)s would hold %(tier)s, the highest tier: little is left to reach."),
    }
    return texts.get(one.code, one.code) % names


def colour_names(codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Colours of cards with their names."""
    names = {
        "bronze": _("Bronze"), "silver": _("Silver"), "gold": _("Gold"), "jade": _("Jade"), "sapphire": _("Sapphire"),
        "ruby": _("Ruby"), "violet": _("Violet"), "onyx": _("Onyx"),
    }  # fmt: skip
    return tuple((code, names[code]) for code in codes)


def picture_names(codes: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Pictures of cards with their names."""
    names = {
        "leaf": pgettext("picture", "Leaf"), "sprout": pgettext("picture", "Sprout"), "tree": pgettext("picture", "Tree"),
        "star": pgettext("picture", "Star"), "crown": pgettext("picture", "Crown"), "gem": pgettext("picture", "Gem"),
    }  # fmt: skip
    return tuple((code, names[code]) for code in codes)
