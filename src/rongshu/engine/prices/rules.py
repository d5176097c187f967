"""Reads the document of price rules. Its meaning stands in `docs/algorithms/prices.md`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from pydantic import BaseModel

from rongshu.engine.plan.problems import PlanError, Problem
from rongshu.engine.plan.reading import read_document
from rongshu.engine.prices.checks import check, contradictions
from rongshu.engine.prices.model import (
    GROUPS,
    MAX_RULES,
    Bundle,
    BundlePart,
    Each,
    MemberPrice,
    Of,
    Reduction,
    ReductionStep,
    Rules,
    Sale,
    ShippingRule,
    When,
)

_COMMON: Mapping[tuple[str, ...], type[BaseModel]] = {
    **{(group, "*", "when"): When for group in GROUPS},
    **{(group, "*", "of"): Of for group in ("member_prices", "sales", "reductions")},
}
_SHAPES: Mapping[tuple[str, ...], type[BaseModel]] = {
    (): Rules,
    ("member_prices", "*"): MemberPrice,
    ("sales", "*"): Sale,
    ("bundles", "*"): Bundle,
    ("bundles", "*", "parts", "*"): BundlePart,
    ("bundles", "*", "parts", "*", "of"): Of,
    ("reductions", "*"): Reduction,
    ("reductions", "*", "steps", "*"): ReductionStep,
    ("reductions", "*", "each"): Each,
    ("shipping", "*"): ShippingRule,
    **_COMMON,
}


def read_rules(source: str | bytes | Mapping[Any, Any]) -> Rules:
    """The rules a document describes: YAML or JSON text, or an already parsed mapping.

    Raises PlanError with every problem found, each with its path: first those of single values, then those between them.
    """
    rules = read_document(source, Rules, _SHAPES, _check)
    if problems := list(contradictions(rules)):
        raise PlanError(problems)
    return rules


def _check(document: Mapping[Any, Any]) -> Iterator[Problem]:
    yield from check(document, GROUPS, MAX_RULES)


def write_rules(rules: Rules) -> str:
    """The rules as YAML, in their canonical form."""
    return yaml.safe_dump(rules.canonical(), sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)
