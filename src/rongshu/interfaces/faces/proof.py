"""A bundle of evidence on paper: one or two pages in one language, the signed file attached inside.

Set by Typst with the font of a package; reads nothing from the network and no font of the machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation
from django.utils.translation import gettext as _

from rongshu.domain.commission.evidence.sealing import FORMAT, Bundle
from rongshu.engine.money import parse_units
from rongshu.engine.plan import read_plan
from rongshu.engine.plan.fields import write_percent
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.plan_terms import sections_of
from rongshu.interfaces.faces.templatetags.faces import kind, plain_money
from rongshu.kernel.signing import key_name, public_key

FORMS = ("json", "pdf")
TEMPLATE = Path(__file__).with_name("proof.typ")


def file_name(bundle: Bundle, form: str) -> str:
    """What the file is called: `proof-ord_….json`."""
    return f"proof-{bundle.document['order']}.{form}"


def proof_response(bundle: Bundle, form: str, language: str) -> HttpResponse:
    """The file to download: `json`, or `pdf` in a language."""
    content, kind = (
        (pdf_of(bundle, language), "application/pdf") if form == "pdf" else (bundle.content, "application/json")
    )
    response = HttpResponse(content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{file_name(bundle, form)}"'
    response["Cache-Control"] = "no-store"
    return response


def published_keys(request: HttpRequest) -> HttpResponse:
    """`/.well-known/rongshu-evidence.json`: the public keys this installation signs with, the one in use first."""
    key = public_key()
    return JsonResponse(
        {
            "format": FORMAT,
            "canonical_form": "RFC 8785, numbers integers only",
            "keys": [{"algorithm": "Ed25519", "key": key.hex(), "name": key_name(key)}],
        }
    )


def pdf_of(bundle: Bundle, language: str) -> bytes:
    """The bundle as a PDF in a language (`zh-hans`, `en`), about half a second."""
    import typst

    with translation.override(language):
        data = _Sheet(bundle, language).data()
    return typst.compile(
        str(TEMPLATE),
        root=str(TEMPLATE.parent),
        font_paths=_fonts(),
        format="pdf",
        sys_inputs={"data": json.dumps(data, ensure_ascii=False), "bundle": bundle.content.decode()},
        timestamp=int(datetime.fromisoformat(bundle.document["made_at"]).timestamp()),
        ignore_system_fonts=True,
    )


@cache
def _fonts() -> Any:
    """The fonts, read once: they are 20 MB."""
    import pylopdf_fonts_zh_cn
    import typst

    folder = Path(pylopdf_fonts_zh_cn.sans_path()).parent
    return typst.Fonts(include_system_fonts=False, font_paths=[str(folder)])


class _Sheet:
    """The texts of one sheet, ready to print."""

    def __init__(self, bundle: Bundle, language: str) -> None:
        self.bundle, self.language = bundle, language
        self.parts: dict[str, Any] = bundle.document["parts"]
        self.told: dict[str, Any] = self.parts["explanation"][language]
        self.house: dict[str, str] = self.parts["house"]
        self.zone = ZoneInfo(self.house["zone"])

    def units(self, text: str) -> int:
        return parse_units(text, self.house["currency"])

    def money(self, units: int) -> str:
        return plain_money(Money(units, self.house["currency"]))

    def amount(self, text: str) -> str:
        return self.money(self.units(text))

    def at(self, text: str) -> str:
        return f"{datetime.fromisoformat(text).astimezone(self.zone):%Y-%m-%d %H:%M}"

    def data(self) -> dict[str, Any]:
        """What `proof.typ` reads."""
        document, order, plan = self.bundle.document, self.parts["order"], self.parts["plan"]
        mine = [row for row in self.parts["rows"] if order["told_place"] in (None, row["place"])]
        file = file_name(self.bundle, "json")
        return {
            "lang": "zh" if self.language.startswith("zh") else "en",
            "house": self.house["name"],
            "order": {"name": order["external_id"]},
            "made": self.at(document["made_at"]),
            "words": _words(whole=document["promoter"] is None),
            "facts": list(self._facts(mine)),
            "summary": self.told["summary"],
            "corrections": self.told["corrections"],
            "nothing": self.told["nothing"] or "–",
            "rows": list(self._rows(order["told_place"])),
            "chain": list(self._chain(order["told_place"])),
            "lines": list(self._lines()),
            "refunds": self.told["refunds"],
            "version": "" if plan is None else self._version(plan),
            "plan": [] if plan is None else list(_terms(plan["document"])),
            "key_name": key_name(bytes.fromhex(document["key"])),
            "key": document["key"],
            "file": file,
            "digest": self.bundle.digest,
            "signature": document["signature"],
            "command": f"rongshu check-evidence {file} --key {document['key']}",
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

    def _version(self, plan: dict[str, Any]) -> str:
        return _("%(name)s, version %(number)s, in force from %(at)s") % {
            "name": plan["name"],
            "number": plan["number"],
            "at": self.at(plan["effective_from"]),
        }


def _place(number: int | None) -> str:
    return "–" if number is None else f"#{number}"


def _terms(document: dict[str, Any]) -> Iterator[dict[str, str]]:
    for section in sections_of(read_plan(document)):
        for term in section.terms:
            at = section.heading if term.name == section.heading else f"{section.heading} · {term.name}"
            yield {"at": at, "value": term.said}


def _words(*, whole: bool) -> dict[str, str]:
    return {
        "title": _("Evidence of an order's commissions") if whole else _("Proof of a commission"),
        "made": _("Made on"),
        "order": _("Order"),
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
        "plan": _("The plan that applied"),
        "signature": _("Signature"),
        "how": _(
            "The signed file is attached to this PDF. The command below verifies its signature and recomputes every row from "
            "the file alone, without a server. The public key must be the one this installation publishes at "
            "/.well-known/rongshu-evidence.json."
        ),
        "file": _("File"),
        "key": _("Public key"),
        "command": _("To verify"),
    }
