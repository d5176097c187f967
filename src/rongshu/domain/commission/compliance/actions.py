from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson

from rongshu.domain.commission.compliance.models import DeclaredFacts, KeptCheck
from rongshu.domain.commission.compliance.queries import check, declared, facts_at
from rongshu.engine.lint import Facts, Report
from rongshu.engine.plan import read_plan
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import invalid
from rongshu.kernel.tenancy.scope import lock_background_writing

KNOWN_HERE = frozenset({"rules_page", "reverses_refunds", "retail_share"})
"""Facts the system knows by itself: nobody declares them."""


def declare_facts(*, facts: Mapping[str, Any], by: Actor, now: datetime) -> DeclaredFacts:
    """Declares everything anew: a key that is left out, or null, is not declared. The same again adds no version.

    Raises `invalid` naming the key that is unknown or holds what it cannot.
    """
    for key in facts:
        if key in KNOWN_HERE:
            raise invalid("fact_known", "%(key)s is not declared: the system knows it by itself.", at=key, key=key)
    try:
        said = Facts.from_document(facts).as_document()
    except ValueError as error:
        raise invalid("fact_refused", "%(reason)s", at=str(error).split(":")[0], reason=str(error)) from None
    said = {key: value for key, value in said.items() if key not in KNOWN_HERE}
    # Two who declare at once: the second sees the first.
    lock_background_writing()
    last = declared()
    if last is not None and last.facts == said:
        return last
    number = 1 if last is None else last.number + 1
    added = DeclaredFacts.add(number=number, facts=said, at=now, actor=str(by))
    before = {} if last is None else last.facts
    changed = sorted(key for key in {*before, *said} if before.get(key) != said.get(key))
    record("compliance.facts_declared", subject=str(number), by=by, now=now, changed=changed)
    return added


def keep_check(*, text: str, begins: datetime, by: Actor, now: datetime) -> tuple[KeptCheck, Report]:
    """Checks a plan and keeps what was found with everything it went by.

    Raises PlanError for a text that cannot be read or a plan that contradicts itself.
    """
    plan = read_plan(text)
    report = check(plan, begins=begins, now=now)
    kept = KeptCheck.add(
        name=plan.name,
        text=text,
        plan_hash=hashlib.sha256(orjson.dumps(plan.canonical(), option=orjson.OPT_SORT_KEYS)).hexdigest(),
        facts=facts_at(now).as_document(),
        report=report.as_document(),
        blocking=len(report.blocking),
        warnings=len(report.warnings),
        worst_ppm=report.worst_case.ppm,
        at=now,
        actor=str(by),
    )
    record(
        "compliance.check_kept",
        subject=plan.name,
        by=by,
        now=now,
        check=kept.id,
        profile=report.profile,
        profile_version=report.profile_version,
        rules_version=report.rules_version,
        blocking=len(report.blocking),
        warnings=len(report.warnings),
    )
    return kept, report
