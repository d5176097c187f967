"""The bundle of an order on paper."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from rongshu.engine.plan.fields import write_percent
from rongshu.interfaces.faces.proof.sheet import Sheet, words
from rongshu.interfaces.faces.templatetags.faces import kind


class OrderSheet(Sheet):
    """The texts of an order's sheet."""

    def data(self) -> dict[str, Any]:
        """What `order.typ` reads."""
        document, order = self.bundle.document, self.parts["order"]
        mine = [row for row in self.parts["rows"] if order["told_place"] in (None, row["place"])]
        return super().data() | {
            "about": f"{_('Order')} {order['external_id']}",
            "words": _words(whole=document["promoter"] is None),
            "facts": list(self._facts(mine)),
            "summary": self.told["summary"],
            "corrections": self.told["corrections"],
            "nothing": self.told["nothing"] or "–",
            "rows": list(self._rows(order["told_place"])),
            "chain": list(self._chain(order["told_place"])),
            "lines": list(self._lines()),
            "refunds": self.told["refunds"],
        }

    def _facts(self, mine: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
        order = self.parts["order"]
        amount = sum(self.units(row["amount"]) for row in mine)
        taken = sum(self.units(row["reversed"]) for row in mine)
        yield {"name": _("Order"), "value": order["external_id"]}
        yield {"name": _("Paid"), "value": f"{self.amount(order['paid'])}"}
        yield {"name": _("Paid on"), "value": self.at(order["paid_at"])}
        yield {"name": _("Commission"), "value": self.money(amount - taken)}

    def _rows(self, told: int | None) -> Iterator[dict[str, str]]:
        for row, why in zip(self.parts["rows"], self.told["rows"], strict=True):
            if told not in (None, row["place"]):
                continue
            cut = sum(self.units(row[name]) for name in ("cut_order", "cut_day", "cut_month"))
            taken = self.units(row["reversed"])
            yield {
                "place": _place(row["place"]),
                "kind": str(kind(row["kind"], row["level"])),
                "line": _("line %(number)s") % {"number": row["line_no"]},
                "rule": row["rule"],
                "base": self.amount(row["base"]),
                "rate": "–" if row["ppm"] is None else write_percent(row["ppm"]),
                "cut": self.money(-cut) if cut else "–",
                "reversed": self.money(-taken) if taken else "–",
                "amount": self.amount(row["amount"]),
                "why": why,
            }

    def _chain(self, told: int | None) -> Iterator[dict[str, str]]:
        by_place: dict[int | None, int] = {}
        for row in self.parts["rows"]:
            by_place[row["place"]] = by_place.get(row["place"], 0) + self.units(row["amount"])
        for place, why in zip(self.parts["chain"], self.told["chain"], strict=True):
            who = place["promoter"]
            yield {
                "place": _place(place["place"]),
                "promoter": who["name"] if who["id"] is not None else _("another promoter"),
                "rank": place["rank"] or "–",
                "amount": self.money(by_place.get(place["place"], 0)),
                "why": why,
            }

    def _lines(self) -> Iterator[dict[str, str]]:
        refunded: dict[int, int] = {}
        for refund in self.parts["refunds"]:
            refunded[refund["line_no"]] = refunded.get(refund["line_no"], 0) + self.units(refund["amount"])
        for line in self.parts["lines"]:
            back = min(refunded.get(line["line_no"], 0), self.units(line["paid"]))
            yield {
                "line": str(line["line_no"]),
                "sku": line["sku"],
                "category": line["category"] or "–",
                "qty": str(line["qty"]),
                "refunded": self.money(-back) if back else "–",
                "paid": self.amount(line["paid"]),
            }


def _place(number: int | None) -> str:
    return "–" if number is None else f"#{number}"


def _words(*, whole: bool) -> dict[str, str]:
    return words() | {
        "title": _("Evidence of an order's commissions") if whole else _("Proof of a commission"),
        "in_words": _("In words"),
        "rows": _("Commissions"),
        "place": _("Place"),
        "rule": _("Rule"),
        "base": _("Base"),
        "rate": _("Rate"),
        "caps": _("Caps"),
        "reversed": _("Reversed"),
        "amount": _("Amount"),
        "chain": _("Chain, from the direct promoter upwards"),
        "promoter": _("Promoter"),
        "rank": _("Rank"),
        "why": _("Why"),
        "lines": _("Order lines"),
        "line": _("No."),
        "sku": _("SKU"),
        "category": _("Category"),
        "quantity": _("Quantity"),
        "refunded": _("Refunded"),
        "paid": _("Paid"),
    }
