"""The templates, as data: a plan document each, written for a trade, with why it is as it is.

Amounts are whole numbers in quotes, so that a document reads in every currency. Every document pays one level.
"""

from __future__ import annotations

from dataclasses import dataclass

from rongshu.engine.wording import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Template:
    """A plan to start from. `title` and `why` are message ids."""

    key: str
    title: str
    why: str
    document: str

    def text(self, currency: str, jurisdiction: str = "CN") -> str:
        """The plan document for a currency and a market."""
        return f"name: {self.key}\ncurrency: {currency}\njurisdiction: {jurisdiction}\n{self.document}"


TEMPLATES = (
    Template(
        "retail",
        _("Retail"),
        _(
            "One rate for everything, a little more for a customer's first order, because winning a customer is the harder work. "
            "Fifteen days after completion nothing comes back any more, and then the commission is released."
        ),
        """basis: paid
self_purchase: none
levels:
  1: {rate: 8%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 12%}
caps:
  order: 15%
release: {after: completed, days: 15}
""",
    ),
    Template(
        "beauty",
        _("Beauty"),
        _(
            "Margins are high and customers come back for what suits them: the first order is rewarded most, every later one still well. "
            "New promoters get more in their first month, and monthly steps reward steady own sales rather than recruiting."
        ),
        """basis: paid
self_purchase: none
levels:
  1: {rate: 12%}
overrides:
  - {id: first-order, level: 1, when: {order: first}, rate: 18%}
boosts:
  - {id: newcomer, when: {promoter_days: {below: 30}}, add: 2%}
caps:
  order: 22%
steps:
  - {id: monthly, period: month, metric: own_sales, bands: [{from: "10000", rate: 1%}, {from: "50000", rate: 2%}], apply: marginal}
release: {after: completed, days: 15}
""",
    ),
    Template(
        "electrical",
        _("Electrician's supplies"),
        _(
            "Prices follow copper and are bargained over, so rates apply to the margin: a discounted order never costs more than it earns. "
            "Cables have thin margins and a lower rate, whole projects a higher one; unused rolls come back late, so release waits thirty days."
        ),
        """basis: margin
self_purchase: none
levels:
  1: {rate: 15%}
overrides:
  - {id: cable, level: 1, when: {category: [cable]}, rate: 8%}
  - {id: project, level: 1, when: {min_order: "5000"}, rate: 20%}
  - {id: cable-project, level: 1, when: {category: [cable], min_order: "5000"}, rate: 12%}
caps:
  order: 20%
release: {after: completed, days: 30}
""",
    ),
    Template(
        "liquor",
        _("Liquor"),
        _(
            "Bottles are dear and keep their price only when nobody undercuts it with the commission: rates are low, and a monthly limit for "
            "each promoter keeps resellers away. Release waits thirty days for complaints about what is genuine. Promoters and buyers are adults."
        ),
        """basis: paid
self_purchase: none
levels:
  1: {rate: 6%}
overrides:
  - {id: gift-box, level: 1, when: {category: [gift]}, rate: 8%}
  - {id: first-order, level: 1, when: {order: first}, rate: 10%}
caps:
  order: 10%
  promoter_month: "20000"
release: {after: completed, days: 30}
""",
    ),
    Template(
        "fast-moving",
        _("Fast-moving goods"),
        _(
            "Baskets are small, margins thin, and what counts is that customers come again: repeat orders earn more than first ones, "
            "and a quarterly step rewards promoters whose customers stay. Everything together stays below a tenth of the sales."
        ),
        """basis: paid
self_purchase: none
levels:
  1: {rate: 4%}
overrides:
  - {id: again, level: 1, when: {order: repeat}, rate: 6%}
  - {id: full-basket, level: 1, when: {order: repeat, min_order: "200"}, rate: 7%}
caps:
  order: 7%
steps:
  - {id: quarterly, period: quarter, metric: own_sales, bands: [{from: "30000", rate: 1%}], apply: marginal}
release: {after: completed, days: 15}
""",
    ),
    Template(
        "catering",
        _("Catering"),
        _(
            "New guests fill tables: the first order earns most. Delivery platforms take their share already, so orders through them earn less. "
            "A meal does not come back, but a voucher may, so release keeps to the time in which it can be returned."
        ),
        """basis: paid
self_purchase: none
levels:
  1: {rate: 5%}
overrides:
  - {id: delivery, level: 1, when: {channel: [delivery]}, rate: 3%}
  - {id: first-order, level: 1, when: {order: first}, rate: 10%}
  - {id: first-delivery, level: 1, when: {order: first, channel: [delivery]}, rate: 5%}
caps:
  order: 10%
  promoter_day: "500"
release: {after: completed, days: 8}
""",
    ),
)
