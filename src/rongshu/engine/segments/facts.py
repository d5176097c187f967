"""What segments can ask about a member: every fact with its kind, its bounds and its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rongshu.engine.segments.life import LIVES
from rongshu.engine.wording import gettext_noop as _


class Kind(StrEnum):
    NUMBER = "number"
    MONEY = "money"
    CHOICE = "choice"
    YES_NO = "yes_no"
    DECIMAL = "decimal"
    """A number with decimals, in millionths; written as decimal text."""
    DAY = "day"
    """A day, as its proleptic ordinal; written like 2026-05-01."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to ask. `choices` are all there are (empty: any text); with `window` the days looked back or ahead are required."""

    name: str
    kind: Kind
    group: str
    title: str
    most: int = 10**15
    choices: tuple[str, ...] = ()
    window: int = 0
    """The most days of it; 0 for a fact without."""
    ahead: bool = False
    """The days are looked ahead, not back."""
    own: bool = False
    """A field of the tenant's own: its title is the tenant's, not to be translated."""
    ref: int = 0
    """Of an own field its id."""


MOST_DAYS = 3_650
MOST_WINDOW = 730
DECIMALS = 6
PROFILE, OWN, BUYING, SCORES, POINTS, PROMOTION = (
    _("Profile"), _("Own fields"), _("Purchases"), _("Scores and life"), _("Points"), _("Promotion"),
)  # fmt: skip
CONSENTS = (
    "service", "marketing_sms", "marketing_mail", "marketing_wechat", "marketing_app", "profiling", "sharing_inviter",
)  # fmt: skip
PREFERENCES = ("discount", "gift", "novelty")
MONTHS = tuple(str(month) for month in range(1, 13))
OWN_PREFIX = "field."
"""Before the code of an own field, in the name of its fact."""

FACTS: Mapping[str, Fact] = {
    fact.name: fact
    for fact in (
        Fact("joined_days", Kind.NUMBER, PROFILE, _("days since joining"), MOST_DAYS),
        Fact("tier", Kind.CHOICE, PROFILE, _("tier")),
        Fact("tag", Kind.CHOICE, PROFILE, _("wears one of the tags")),
        Fact("region", Kind.CHOICE, PROFILE, _("region")),
        Fact("birthday_month", Kind.CHOICE, PROFILE, _("month of the birthday"), choices=MONTHS),
        Fact("preference", Kind.CHOICE, PROFILE, _("preference"), choices=PREFERENCES),
        Fact("consent", Kind.CHOICE, PROFILE, _("agreed to one of"), choices=CONSENTS),
        Fact("orders", Kind.NUMBER, BUYING, _("orders"), 10**9),
        Fact("paid", Kind.MONEY, BUYING, _("paid, net of refunds")),
        Fact("average", Kind.MONEY, BUYING, _("paid per order, net of refunds")),
        Fact("last_bought_days", Kind.NUMBER, BUYING, _("days since the last order"), MOST_DAYS),
        Fact("first_bought_days", Kind.NUMBER, BUYING, _("days since the first order"), MOST_DAYS),
        Fact("bought_sku", Kind.CHOICE, BUYING, _("bought one of the products"), window=MOST_WINDOW),
        Fact("bought_category", Kind.CHOICE, BUYING, _("bought from one of the categories"), window=MOST_WINDOW),
        Fact("life", Kind.CHOICE, SCORES, _("life as a buyer"), choices=LIVES),
        Fact("recency", Kind.NUMBER, SCORES, _("recency score (1 to 5)"), 5),
        Fact("frequency", Kind.NUMBER, SCORES, _("frequency score (1 to 5)"), 5),
        Fact("monetary", Kind.NUMBER, SCORES, _("money score (1 to 5)"), 5),
        Fact("points", Kind.NUMBER, POINTS, _("points to spend")),
        Fact("points_expiring", Kind.NUMBER, POINTS, _("points that expire soon"), window=MOST_WINDOW, ahead=True),
        Fact("growth", Kind.NUMBER, POINTS, _("growth value, all there ever was")),
        Fact("promotes", Kind.YES_NO, PROMOTION, _("promotes")),
        Fact("rank", Kind.CHOICE, PROMOTION, _("rank as a promoter")),
        Fact("invited", Kind.NUMBER, PROMOTION, _("promoters invited"), 10**9),
    )
}
"""Every fact by its name; a tenant's own fields come to these."""

LIFE_TITLES: Mapping[str, str] = {
    "new": _("new"), "active": _("active"), "cooling": _("cooling"), "sleeping": _("sleeping"), "lost": _("lost"),
}  # fmt: skip
