"""The bundle of a period's reward on paper: every run and why, the pool in figures, own sales order by order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rongshu.interfaces.faces.proof.sheet import Sheet, words

MOST_ORDERS = 60
"""Orders printed; the attached file has them all."""


class RewardSheet(Sheet):
    """The texts of a reward's sheet."""

    def data(self) -> dict[str, Any]:
        """What `reward.typ` reads."""
        period, sales = self.parts["period"], self.parts["sales"]
        left = len(sales) - MOST_ORDERS
        more = ngettext("%(number)s more order is in the file.", "%(number)s more orders are in the file.", left)
        return super().data() | {
            "about": _("Reward for %(period)s") % {"period": period["name"]},
            "words": _words(),
            "facts": list(self._facts()),
            "runs": list(self._runs()),
            "open": self._open(),
            "pool": list(self._pool()) if period["kind"] == "pool" else [],
            "sales": [self._sale(one) for one in sales[:MOST_ORDERS]],
            "sales_sum": self.amount(self.parts["figures"]["own_sales"]),
            "more": more % {"number": left} if left > 0 else "",
        }

    def _facts(self) -> Iterator[dict[str, str]]:
        period = self.parts["period"]
        yield {"name": _("Promoter"), "value": self.parts["promoter"]["name"]}
        yield {"name": _("Period"), "value": period["name"]}
        yield {"name": _("Steps") if period["kind"] == "steps" else _("Pool"), "value": period["rule"]}
        yield {"name": _("Reward"), "value": self.amount(self.parts["figures"]["paid"])}

    def _runs(self) -> Iterator[dict[str, str]]:
        for run, why in zip(self.parts["runs"], self.told["runs"], strict=True):
            yield {
                "at": self.at(run["at"]),
                "kind": _("Adjusted") if run["adjusts"] else _("Closed"),
                "why": why,
                "amount": self.amount(run["amount"]),
            }

    def _open(self) -> str:
        units = self.units(self.parts["figures"]["open"])
        if not units:
            return ""
        figures = {"amount": self.money(abs(units))}
        if units > 0:
            return _("Orders or refunds came since: %(amount)s more is carried into the next close.") % figures
        return _("Orders or refunds came since: %(amount)s less is carried into the next close.") % figures

    def _pool(self) -> Iterator[dict[str, Any]]:
        figures = self.parts["figures"]
        equal = isinstance(figures["weights"], int)
        yield _entry(_("House's net base"), self.amount(figures["base"]))
        yield _entry(_("Fund"), self.amount(figures["fund"]))
        yield _entry(_("Promoters who share it"), str(figures["sharers"]))
        if not equal:
            yield _entry(_("Own sales of all who share"), self.amount(figures["weights"]))
            yield _entry(_("Own sales that share"), self.amount(figures["weight"]))
        if figures["rest"]:
            said = _("minor units left over: %(rest)s; shares that come before: %(before)s")
            yield _entry(_("To the last unit"), said % {"rest": figures["rest"], "before": figures["before"]})
        if figures["root"] is not None:
            yield _entry(_("Commitment"), figures["root"], mono=True)

    def _sale(self, one: dict[str, Any]) -> dict[str, str]:
        paid = sum(self.units(line["paid"]) for line in one["lines"])
        back = sum(min(self.units(line["refunded"]), self.units(line["paid"])) for line in one["lines"])
        return {
            "order": one["external_id"],
            "at": self.at(one["paid_at"]),
            "paid": self.money(paid),
            "refunded": self.money(-back) if back else "–",
            "state": _states()[one["state"]],
        }


def _entry(name: str, value: str, *, mono: bool = False) -> dict[str, Any]:
    return {"name": name, "value": value, "mono": mono}


def _states() -> dict[str, str]:
    return {
        "counts": _("yes"),
        "own_purchase": _("no: bought oneself"),
        "buyer_earns": _("no: the buyer's own sale"),
        "inactive": _("no: not active when it was paid"),
    }


def _words() -> dict[str, str]:
    return words() | {
        "title": _("Proof of a reward"),
        "runs": _("In words"),
        "at": _("When"),
        "why": _("Why"),
        "amount": _("Amount"),
        "pool": _("The pool"),
        "commitment": _(
            "Nobody else is named. The commitment stands for one sum of everybody's sales: it is the same on the sheet of everyone "
            "who shares this pool at the same time, and the file proves that the own sales are in it."
        ),
        "sales": _("Own sales"),
        "no_sales": _("No order of the period is credited to this promoter."),
        "order": _("Order"),
        "paid_on": _("Paid on"),
        "paid": _("Paid"),
        "refunded": _("Refunded"),
        "counts": _("Counts"),
    }
