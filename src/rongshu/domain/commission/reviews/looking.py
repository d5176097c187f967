"""What is looked at before a plan is published: what the check finds in it, and whether promoters are told in time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.engine.plan import Plan, differences

NOTICE_DAYS = 7
"""Days between telling promoters of a change and its beginning. E-Commerce Law of China, article 34: a platform publishes
changes of its agreements and rules at least seven days before they are carried out."""
BLOCK, WARN, INFO = "block", "warn", "info"
TOO_SOON = _("The change begins %(given)s days after promoters are told of it; the profile asks for %(asked)s days.")
LATER = _("Let the version begin on %(day)s or later.")
ARTICLE_34 = _("E-Commerce Law of China, article 34")


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: the rule, how grave it is, where in the document, and templates with their parameters."""

    rule: str
    severity: str
    path: str
    template: str
    params: Mapping[str, Any] = field(default_factory=dict)
    remedy: str = ""
    remedy_params: Mapping[str, Any] = field(default_factory=dict)
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, and by which profile and rules."""

    findings: tuple[Found, ...]
    profile: str = ""
    profile_version: str = ""
    rules_version: str = ""

    @property
    def blocking(self) -> tuple[Found, ...]:
        """What has to be mended first."""
        return tuple(one for one in self.findings if one.severity == BLOCK)

    @property
    def warnings(self) -> tuple[Found, ...]:
        """What a named person has to accept, with a reason."""
        return tuple(one for one in self.findings if one.severity == WARN)

    def versions(self) -> dict[str, str]:
        """By what it was looked at, as the audit keeps it."""
        return {
            "profile": self.profile,
            "profile_version": self.profile_version,
            "rules_version": self.rules_version,
        }

    def as_document(self) -> dict[str, Any]:
        """JSON-able, as a review keeps it."""
        return {**self.versions(), "findings": [asdict(one) for one in self.findings]}


def looked_before(document: Mapping[str, Any]) -> Looked:
    """What a review kept."""
    findings = tuple(Found(**one) for one in document.get("findings", ()))
    return Looked(findings, **{key: document.get(key, "") for key in ("profile", "profile_version", "rules_version")})


def look_at(plan: Plan, *, begins: datetime, now: datetime) -> Looked:
    """Everything found in a plan that is to be in force from `begins`."""
    return Looked(tuple(_notice(plan, begins, now)))


def _notice(plan: Plan, begins: datetime, now: datetime) -> list[Found]:
    """A change of rules that promoters hear of too late. The first version changes nothing for anybody."""
    known = [one for one in versions().versions if one.effective_from <= begins]
    if plan.jurisdiction != "CN" or not known or begins >= now + timedelta(days=NOTICE_DAYS):
        return []
    if not differences(plan_of(known[-1]), plan):
        return []
    given = max((begins - now).days, 0)
    return [
        Found(
            "PRT-04",
            WARN,
            "effective_from",
            TOO_SOON,
            {"given": given, "asked": NOTICE_DAYS},
            LATER,
            {"day": (now + timedelta(days=NOTICE_DAYS)).date().isoformat()},
            ARTICLE_34,
        )
    ]
