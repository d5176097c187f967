"""What the sheets of every bundle share: the plan that counts, the signature, and how to check it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from rongshu.domain.commission.evidence.sealing import Bundle
from rongshu.engine.money import parse_units
from rongshu.engine.plan import read_plan
from rongshu.interfaces.faces.parts import Money
from rongshu.interfaces.faces.plan_terms import sections_of
from rongshu.interfaces.faces.templatetags.faces import plain_money
from rongshu.kernel.signing import key_name


def file_name(bundle: Bundle, form: str) -> str:
    """What the file is called: `proof-ord_….json`."""
    return f"proof-{bundle.subject}.{form}"


class Sheet:
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
        """What `sheet.typ` reads."""
        document, plan = self.bundle.document, self.parts["plan"]
        file = file_name(self.bundle, "json")
        return {
            "lang": "zh" if self.language.startswith("zh") else "en",
            "house": self.house["name"],
            "made": self.at(document["made_at"]),
            "version": "" if plan is None else self._version(plan),
            "plan": [] if plan is None else list(_terms(plan["document"])),
            "key_name": key_name(bytes.fromhex(document["key"])),
            "key": document["key"],
            "file": file,
            "digest": self.bundle.digest,
            "signature": document["signature"],
            "command": f"rongshu check-evidence {file} --key {document['key']}",
        }

    def _version(self, plan: dict[str, Any]) -> str:
        return _("%(name)s, version %(number)s, in force from %(at)s") % {
            "name": plan["name"],
            "number": plan["number"],
            "at": self.at(plan["effective_from"]),
        }


def _terms(document: dict[str, Any]) -> Iterator[dict[str, str]]:
    for section in sections_of(read_plan(document)):
        for term in section.terms:
            at = section.heading if term.name == section.heading else f"{section.heading} · {term.name}"
            yield {"at": at, "value": term.said}


def words() -> dict[str, str]:
    """The words of the parts that all sheets share."""
    return {
        "made": _("Made on"),
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
