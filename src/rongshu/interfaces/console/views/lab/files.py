"""What was found as files: for spreadsheets, and for `rongshu simulate`."""

from __future__ import annotations

import io
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import polars as pl
from django.http import HttpResponse

from rongshu.domain.commission.lab.queries import try_plans, window_to_try
from rongshu.domain.commission.windows.files import decimal, export_window, iso
from rongshu.domain.commission.windows.shapes import Window
from rongshu.engine.lab import Comparison
from rongshu.interfaces.console.door import page
from rongshu.interfaces.console.views.lab import asked
from rongshu.interfaces.console.views.lab.asked import Tried
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.files import attached, plain
from rongshu.kernel.access.rules import Permission
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import outside


@page("plans", Permission.SEE_PLANS)
def export(visit: Visit, what: str) -> HttpResponse:
    """`promoters.csv`, `orders.csv`, `summary.csv`: both plans side by side. `simulate.zip`: plan and files to compute it again."""
    tried = asked.tried(visit)
    window = window_to_try(tried.since, tried.until)
    if what == "simulate.zip":
        return _zipped(visit, tried, window)
    found = try_plans(asked.plan_against(tried.number, tried.plan), tried.plan, window)
    match what:
        case "promoters.csv":
            table = _promoters(window, found, visit.house.currency)
        case "orders.csv":
            table = _orders(window, found, visit.house.currency)
        case "summary.csv":
            table = _summary(found, visit.house.currency)
        case _:
            raise missing("unknown_file", "There is no such file.")
    return attached(("\ufeff" + table.write_csv()).encode(), f"lab-{what}", "text/csv; charset=utf-8")


def _sides(before: np.ndarray, after: np.ndarray, currency: str) -> dict[str, pl.Series]:
    return {
        "before": decimal(before, currency), "after": decimal(after, currency), "difference": decimal(after - before, currency),
    }  # fmt: skip


def _promoters(window: Window, found: Comparison, currency: str) -> pl.DataFrame:
    """Everybody who earns by one of the plans."""
    old, new = found.before.by_promoter, found.after.by_promoter
    at = np.flatnonzero((old != 0) | (new != 0))
    ids = [outside("mem", each) for each in window.promoter_ids[at].tolist()]
    return pl.DataFrame({"promoter_id": ids, **_sides(old[at], new[at], currency)})


def _orders(window: Window, found: Comparison, currency: str) -> pl.DataFrame:
    ids = [outside("ord", each) for each in window.order_ids.tolist()]
    names = [plain(name) for name in window.external_ids.to_list()]
    sides = _sides(found.before.by_order, found.after.by_order, currency)
    return pl.DataFrame({"order_id": ids, "external_id": names, "paid_at": iso(window.orders.paid_at), **sides})


def _summary(found: Comparison, currency: str) -> pl.DataFrame:
    names = ("accrued", "reversed", "rewarded", "cost")
    old, new = (np.array([getattr(trial, name) for name in names]) for trial in (found.before, found.after))
    return pl.DataFrame({"figure": list(names), **_sides(old, new, currency)})


def _zipped(visit: Visit, tried: Tried, window: Window) -> HttpResponse:
    zone = str(visit.house.zone)
    command = (
        "rongshu simulate --plan plan.yaml --orders orders.csv --promoters promoters.csv --refunds refunds.csv "
        f"--ranks ranks.csv --used used.csv --zone {zone} --out out.csv --summary summary.json\n"
    )
    target = io.BytesIO()
    with (
        tempfile.TemporaryDirectory() as folder,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as file,
    ):
        for path in export_window(window, Path(folder), visit.house.currency):
            file.write(path, path.name)
        file.writestr("plan.yaml", tried.text)
        file.writestr("README.txt", command)
    return attached(target.getvalue(), "simulate.zip", "application/zip")
