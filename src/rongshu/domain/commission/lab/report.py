"""A comparison as JSON: what the API answers, and what a saved scenario keeps. Money as decimal strings, rates and shares in ppm."""

from __future__ import annotations

from datetime import UTC
from typing import Any

from rongshu.domain.commission.lab.queries import fingerprint, result_hash
from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.calendar import day_of
from rongshu.engine.lab import Comparison, Ground, Trial
from rongshu.engine.money import MILLION, format_units
from rongshu.engine.rating.frames import KINDS
from rongshu.kernel.ids import outside


def ratio(part: int, whole: int) -> int | None:
    """`part` of `whole` in ppm, half up; None of nothing."""
    return (2 * MILLION * part + whole) // (2 * whole) if whole > 0 else None


def report(window: Window, ground: Ground, found: Comparison) -> dict[str, Any]:
    """Both plans' figures, then what differs: by category, promoter, order and day."""
    currency = found.after.plan.currency

    def money(units: int) -> str:
        return format_units(units, currency)

    def pairs(name: str, names: Any, rows: tuple[tuple[int, int, int], ...]) -> list[dict[str, Any]]:
        return [{name: names(at), "before": money(old), "after": money(new)} for at, old, new in rows]

    categories = (*ground.lines.categories, "")
    paid = ground.paid_by_category.tolist()
    return {
        "window": {
            "since": window.since.astimezone(UTC).isoformat(),
            "until": window.until.astimezone(UTC).isoformat(),
            "orders": len(window.orders),
            "lines": len(window.lines),
        },
        "currency": currency,
        "paid": money(ground.paid),
        "refunded": money(ground.paid_back),
        "before": figures(found.before, ground),
        "after": figures(found.after, ground),
        "difference": money(found.difference),
        "categories": [
            {
                "category": name, "paid": money(units), "before": money(int(found.before.by_category[at])),
                "after": money(int(found.after.by_category[at])),
            }
            for at, (name, units) in enumerate(zip(categories, paid, strict=True)) if units
        ],
        "promoters": {
            "gainers": found.gainers,
            "gained": money(found.gained),
            "losers": found.losers,
            "lost": money(found.lost),
            "most_gained": pairs("promoter", lambda at: outside("mem", int(window.promoter_ids[at])), found.most_gained),
            "most_lost": pairs("promoter", lambda at: outside("mem", int(window.promoter_ids[at])), found.most_lost),
        },
        "orders_changed": found.orders_changed,
        "orders": pairs("order", lambda at: outside("ord", int(window.order_ids[at])), found.orders),
        "heaviest_days": pairs("day", lambda at: day_of(int(ground.days[at])).isoformat(), found.heaviest_days),
        "worst_days": pairs("day", lambda at: day_of(int(ground.days[at])).isoformat(), found.worst_days),
        "result": result_hash(window, found),
    }  # fmt: skip


def figures(trial: Trial, ground: Ground) -> dict[str, Any]:
    """One plan's figures."""
    currency = trial.plan.currency

    def money(units: int) -> str:
        return format_units(units, currency)

    known = bool(ground.costed.any())
    return {
        "plan": trial.plan.name,
        "document_hash": fingerprint(trial.plan),
        "rows": trial.rows,
        "accrued": money(trial.accrued),
        "reversed": money(trial.reversed),
        "rewards": money(trial.rewarded),
        "cost": money(trial.cost),
        "cost_ratio": ratio(trial.accrued, ground.paid),
        "levels": [
            {"kind": KINDS[kind], "level": level, "accrued": money(units), "reversed": money(back)}
            for kind, level, units, back, _base in trial.by_level
        ],
        "periods": [
            {"kind": each.kind, "id": each.rule, "period": each.period, "total": money(each.amount), "promoters": each.promoters}
            for each in trial.rewards
        ],
        "earners": trial.earners,
        "top_1_percent_share": trial.top_share,
        "gini": trial.gini,
        "cut_by_caps": money(trial.cut_order + trial.cut_promoter),
        "orders_at_a_cap": len(trial.orders_cut),
        "orders_at_order_cap": trial.by_cap[0],
        "orders_at_day_cap": trial.by_cap[1],
        "orders_at_month_cap": trial.by_cap[2],
        "margin_after_commission": money(ground.margin - trial.of_costed) if known else None,
    }  # fmt: skip
