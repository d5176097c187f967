"""What segments ask, for people: the values that can be chosen, with their names, and the conditions as a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from rongshu.domain.commerce.products.queries import categories
from rongshu.domain.marketing.segments.facts import house_facts
from rongshu.domain.marketing.segments.queries import read_for_house
from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.profiles.fields import profile_fields
from rongshu.domain.members.profiles.limits import titled
from rongshu.domain.members.profiles.queries import regions_lived_in
from rongshu.domain.members.profiles.regions import region_name, region_of
from rongshu.domain.members.tags.queries import tags
from rongshu.domain.members.tiers.queries import ladder_at
from rongshu.domain.referral.ranks.queries import ladder as rank_ladder
from rongshu.engine.segments.facts import LIFE_TITLES, MONTHS, OWN_PREFIX, Fact
from rongshu.engine.segments.words import say
from rongshu.interfaces.faces.profile_form import PREFERENCE_NAMES
from rongshu.kernel.ids import outside


class SegmentWords:
    """The names of values in the reader's language, each read when it is first needed."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.language = get_language() or "zh-hans"
        self.facts = house_facts(self.language)

    def options(self, fact: str) -> Mapping[str, str]:
        """The values of a fact that can be offered with their names; none where they are typed."""
        offered = self._known.get(fact)
        if offered is None:
            offered = self._known[fact] = self._read(fact)
        return offered

    @cached_property
    def _known(self) -> dict[str, Mapping[str, str]]:
        return {}

    def _read(self, fact: str) -> Mapping[str, str]:
        if fact.startswith(OWN_PREFIX):
            return self._own.get(fact.removeprefix(OWN_PREFIX), {})
        match fact:
            case "tag":
                return {outside("tag", one.id): one.name for one in tags(off=True)}
            case "region":
                return {one: region_name(one, self.language) for one in regions_lived_in()}
            case "birthday_month":
                return {month: date_format(date(2000, int(month), 1), "F") for month in MONTHS}
            case "preference":
                return {code: _(name) for code, name in PREFERENCE_NAMES.items()}
            case "consent":
                return {one.code: _(one.name) for one in PURPOSES.values()}
            case "tier":
                tiers = ladder_at(self.now)
                return {} if tiers is None else {one.code: one.titled(self.language) for one in tiers.tiers}
            case "life":
                return {code: _(title) for code, title in LIFE_TITLES.items()}
            case "rank":
                ranks = rank_ladder()
                return {} if ranks is None else {one.name: one.titled(self.language) for one in ranks.ranks}
            case "bought_category":
                return {one: one for one in _with_parents(categories())}
        return {}

    @cached_property
    def _own(self) -> Mapping[str, Mapping[str, str]]:
        return {
            field.code: {
                one["code"]: titled(one, self.language) or one["code"] for one in field.limits.get("options", ())
            }
            for field in profile_fields(off=True)
        }

    def title(self, fact: Fact) -> str:
        """What a fact is called."""
        return fact.title if fact.own else _(fact.title)

    def named(self, fact: str, value: str) -> str:
        """A value's name, or the value."""
        if fact == "region":
            return region_name(region_of(value), self.language)
        return self.options(fact).get(value, value)

    def sentence(self, document: Any, currency: str) -> str:
        """A kept document as one sentence."""
        return say(read_for_house(document, self.facts), currency, _, self.named)


def _with_parents(found: list[str]) -> list[str]:
    """Categories and those above them: `tea/green` stands below `tea`."""
    return sorted({"/".join(one.split("/")[:depth]) for one in found for depth in range(1, one.count("/") + 2)})
