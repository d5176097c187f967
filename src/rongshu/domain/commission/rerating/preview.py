"""A preview: what a re-rating would change, row by row, beside what stands. It writes nothing but itself."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rongshu.domain.commerce.orders.queries import buyers_before, credits_to_post
from rongshu.domain.commission.plans.models import PlanVersion
from rongshu.domain.commission.plans.queries import plan_of, versions
from rongshu.domain.commission.rerating.anew import KEY, TRACE, rate_anew, true_first
from rongshu.domain.commission.rerating.models import ATTRIBUTION, PLAN, SEQUENCE, Rerating
from rongshu.domain.commission.rerating.queries import posts_in
from rongshu.domain.commission.windows.queries import load_window
from rongshu.domain.commission.windows.shapes import Window
from rongshu.domain.referral.promoters.queries import moves_after
from rongshu.engine.rating import reversal_due
from rongshu.kernel import bulk, copying
from rongshu.kernel.clock import to_micros
from rongshu.kernel.frames import read_frame
from rongshu.kernel.ids import new_id
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

_OLD = {
    "order_id": pl.Int64, "old_row": pl.Int64, "line_no": pl.Int64, "kind": pl.Int64, "level": pl.Int64,
    "beneficiary": pl.Int64, **{f"old_{name}": pl.String if name == "rule" else pl.Int64 for name in TRACE},
    "old_reversed": pl.Int64,
}  # fmt: skip


def compute_preview(rerating: Rerating, *, now: datetime) -> None:
    """Rates the window anew and keeps every difference under a new preview, with its totals in `rerating` (not saved here).

    The scope should be a snapshot: what is compared has to be of one moment.
    """
    window = load_window(rerating.since, rerating.until)
    credits = credits_to_post(rerating.since, rerating.until)
    version, known = _versions(rerating, window)
    order_rows = dict(zip(window.order_ids.tolist(), range(len(window.order_ids)), strict=True))
    direct = window.orders.direct.copy()
    moved_orders = [one for one in credits if one.order_id in order_rows]
    for one in moved_orders:
        direct[order_rows[one.order_id]] = _row(window, one.new_promoter_id)
    tenant = house()
    first = true_first(window, buyers_before(rerating.since))
    anew = rate_anew(
        window,
        direct=direct,
        first=first,
        plans={each.id: plan_of(each) for each in known},
        version=version,
        moves=moves_after(to_micros(rerating.since)),
        used=window.usage,
        zone=tenant.zone,
    )
    corrected = np.zeros(len(window.order_ids), dtype=np.bool_)
    corrected[[order_rows[one.order_id] for one in moved_orders]] = True
    differing = _differences(anew.rows, _standing(rerating, order_rows), window, corrected)
    rerating.preview_id, rerating.previewed_at, rerating.stale, rerating.failure = new_id(), now, False, ""
    rerating.orders = len(window.order_ids)
    rerating.corrected = len(moved_orders)
    rerating.last_correction = max((one.id for one in credits), default=0)
    rerating.posts_known = posts_in(rerating.since, rerating.until)
    _total(rerating, differing, corrected)
    orders = np.union1d(np.unique(differing["order"].to_numpy()), np.flatnonzero(corrected)).astype(np.int64)
    _store(rerating.preview_id, window, orders, differing, corrected, direct, version, first, anew.chains)


def _versions(rerating: Rerating, window: Window) -> tuple[I64, list[PlanVersion]]:
    """By which version each order is rated (its id, 0 for none), and those versions."""
    if rerating.version_id is not None:
        return (
            np.full(len(window.order_ids), rerating.version_id, dtype=np.int64),
            [PlanVersion.objects.get(id=rerating.version_id)],
        )
    published = versions()
    in_force = np.array([*(one.id for one in published.versions), 0], dtype=np.int64)
    version = window.version_ids.copy()
    none = np.flatnonzero(version == 0)
    version[none] = in_force[published.in_force(window.orders.paid_at[none])]
    return version, list(PlanVersion.objects.filter(id__in=np.unique(version).tolist()))


def _row(window: Window, promoter: int | None) -> int:
    if promoter is None:
        return -1
    at = int(np.searchsorted(window.promoter_ids, promoter))
    return at if at < len(window.promoter_ids) and window.promoter_ids[at] == promoter else -1


def _standing(rerating: Rerating, order_rows: dict[int, int]) -> pl.DataFrame:
    """The commission rows that stand for the orders of the window."""
    trace = ", ".join(f"c.{name}" for name in TRACE)
    found = read_frame(
        f"SELECT c.order_id, c.row, c.line_no, c.kind, c.level, c.beneficiary_id, {trace}, c.reversed "
        "FROM commission_commission c JOIN commerce_order o ON o.tenant_id = c.tenant_id AND o.id = c.order_id "
        "WHERE c.tenant_id = %s AND c.state < 2 AND o.paid_at >= %s AND o.paid_at < %s",
        [current_tenant(), rerating.since, rerating.until],
        _OLD,
    )
    rows = pl.DataFrame({"order_id": list(order_rows), "order": list(order_rows.values())}, schema=_ROWS)
    return found.join(rows, on="order_id", how="inner").drop("order_id")


_ROWS = {"order_id": pl.Int64, "order": pl.Int64}


def _differences(new: pl.DataFrame, old: pl.DataFrame, window: Window, corrected: NDArray[np.bool_]) -> pl.DataFrame:
    """The rows to be replaced: of every order with another amount somewhere, those whose trace is not what it was.

    An order that would be traced otherwise and yet earn everybody the same stays as it is.
    """
    lines = pl.DataFrame(
        {"order": window.lines.order, "line_no": window.lines.line_no, "paid": window.lines.paid, "refunded": window.refunded}
    )  # fmt: skip
    both = (
        new.join(old, on=KEY, how="full", coalesce=True)
        .with_columns(pl.col("old_row").fill_null(0), pl.col("old_amount", "old_reversed").fill_null(0))
        .with_columns(comes=pl.col("amount").is_not_null(), amount=pl.col("amount").fill_null(0))
    )
    moved = both.filter(pl.col("amount") != pl.col("old_amount"))["order"].unique()
    traces = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"old_{name}")) for name in TRACE)
    gone_or_new = (pl.col("old_row") == 0) | ~pl.col("comes")
    found = both.filter(pl.col("order").is_in(moved.implode()) & (gone_or_new | traces)).sort(*KEY)
    found = found.join(lines, on=["order", "line_no"], how="left", maintain_order="left")
    amount, paid, refunded = (found[name].to_numpy() for name in ("amount", "paid", "refunded"))
    return found.with_columns(
        new_net=pl.Series(amount - reversal_due(amount, paid, refunded), dtype=pl.Int64),
        old_net=pl.col("old_amount") - pl.col("old_reversed"),
    )


def _total(rerating: Rerating, differing: pl.DataFrame, corrected: NDArray[np.bool_]) -> None:
    by_promoter = differing.group_by("beneficiary").agg(gain=(pl.col("new_net") - pl.col("old_net")).sum())["gain"]
    rerating.rows = len(differing)
    rerating.gains = int(by_promoter.filter(by_promoter > 0).sum())
    rerating.losses = -int(by_promoter.filter(by_promoter < 0).sum())
    changed = np.union1d(differing["order"].unique().to_numpy(), np.flatnonzero(corrected))
    rerating.changed = len(changed)


def _store(
    preview: int, window: Window, orders: I64, differing: pl.DataFrame, corrected: NDArray[np.bool_], direct: I64,
    version: I64, first: I64, chains: tuple[I64, I64, I64],
) -> None:  # fmt: skip
    if not len(orders):
        return
    ids = window.order_ids[orders]
    old = _old_ratings(ids)
    place = np.full(len(window.order_ids), -1, dtype=np.int64)
    place[orders] = np.arange(len(orders), dtype=np.int64)
    gains = np.zeros(len(orders), dtype=np.int64)
    order = differing["order"].to_numpy()
    np.add.at(gains, place[order], (differing["new_net"] - differing["old_net"]).to_numpy())
    old_version = window.version_ids[orders]
    cause = np.where(corrected[orders], ATTRIBUTION, np.where(old_version != version[orders], PLAN, SEQUENCE))
    chain_of = place[chains[0]]
    mine = chain_of >= 0
    tenant = copying.int8(current_tenant())
    promoters = np.append(window.promoter_ids, 0)  # row -1: nobody
    copying.copy(
        "commission_rerated_order",
        {
            "tenant_id": tenant,
            "preview_id": copying.int8(preview),
            "order_id": copying.int8(ids),
            "cause": copying.int2(cause),
            "paid_at": copying.instant(window.orders.paid_at[orders]),
            "gain": copying.int8(gains),
            "last_row": copying.int4(old.last_row),
            "old_first": copying.int2(old.first),
            "new_first": copying.int2(first[orders]),
            "old_version_id": copying.int8_or_null(old_version, 0),
            "new_version_id": copying.int8_or_null(version[orders], 0),
            "old_promoter_id": copying.int8_or_null(promoters[window.orders.direct[orders]], 0),
            "new_promoter_id": copying.int8_or_null(promoters[direct[orders]], 0),
            "old_chain": copying.lists(len(orders), old.place, old.who, 8),
            "old_states": copying.lists(len(orders), old.place, old.state, 2),
            "new_chain": copying.lists(len(orders), chain_of[mine], chains[1][mine], 8),
            "new_states": copying.lists(len(orders), chain_of[mine], chains[2][mine], 2),
        },
        len(orders),
    )
    _store_rows(preview, window, differing, old.last_row[place[order]])


def _store_rows(preview: int, window: Window, differing: pl.DataFrame, last_row: I64) -> None:
    size = len(differing)
    if not size:
        return
    order = differing["order"].to_numpy()
    comes = differing["comes"].to_numpy().astype(np.int64)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(order) != 0]))
    counts = np.diff([*starts, size])
    running = np.cumsum(comes)
    within = running - np.repeat(running[starts] - comes[starts], counts)
    numbers = {name: differing[name].fill_null(0).to_numpy() for name in differing.columns if name != "rule"}
    vocabulary = differing["rule"].drop_nulls().unique().sort()
    codes = differing["rule"].cast(pl.Enum(vocabulary)).to_physical().cast(pl.Int64).fill_null(-1).to_numpy()
    copying.copy(
        "commission_rerated_row",
        {
            "tenant_id": copying.int8(current_tenant()),
            "preview_id": copying.int8(preview),
            "order_id": copying.int8(window.order_ids[order]),
            "place": copying.int4(np.arange(size, dtype=np.int64) - np.repeat(starts, counts) + 1),
            "old_row": copying.int4(numbers["old_row"]),
            "new_row": copying.int4(np.where(comes == 1, last_row + within, 0)),
            "beneficiary_id": copying.int8(numbers["beneficiary"]),
            "at_once": copying.int2(numbers["at_once"]),
            **{name: copying.int4(numbers[name]) for name in ("line_no", "level", "ppm")},
            "kind": copying.int2(numbers["kind"]),
            **{
                name: copying.int8(numbers[name])
                for name in (
                    "base", "before_caps", "cut_order", "cut_day", "cut_month", "amount", "old_amount", "old_net",
                    "new_net",
                )
            },
            "rule": copying.words(codes, tuple(vocabulary.to_list()), none=""),
        },
        size,
    )  # fmt: skip


class _Old:
    """How some orders are rated now: the highest row number, `first`, and the chain by the order's place."""

    def __init__(self, ids: I64, found: list[tuple[int, int, list[int], list[int], int]]) -> None:
        known = {row[0]: row for row in found}
        rows = [known.get(order, (order, -1, [], [], 0)) for order in ids.tolist()]
        self.first = np.array([first for _, first, _, _, _ in rows], dtype=np.int64)
        self.last_row = np.array([last for _, _, _, _, last in rows], dtype=np.int64)
        self.place = np.repeat(np.arange(len(rows), dtype=np.int64), [len(chain) for _, _, chain, _, _ in rows])
        self.who = np.array([who for _, _, chain, _, _ in rows for who in chain], dtype=np.int64)
        self.state = np.array([state for _, _, _, states, _ in rows for state in states], dtype=np.int64)


def _old_ratings(ids: I64) -> _Old:
    with bulk.cursor() as cursor:
        cursor.execute(
            "SELECT r.order_id, r.first, r.chain, r.states, coalesce((SELECT max(row) FROM commission_commission c "
            "WHERE c.tenant_id = r.tenant_id AND c.order_id = r.order_id), 0) FROM commission_rating r "
            "WHERE r.tenant_id = %s AND r.order_id = ANY (%s::bigint[])",
            [current_tenant(), bulk.int8s(ids)],
        )
        return _Old(ids, cursor.fetchall())
