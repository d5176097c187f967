"""Every promoter of the tenant at once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from rongshu.engine.rating.frames import FOREVER, NONE, Promoters, RankHistory
from rongshu.kernel.frames import micros, read_frame
from rongshu.kernel.tenancy.scope import current_tenant

I64 = NDArray[np.int64]

_PROMOTERS = {
    "id": pl.Int64, "inviter": pl.Int64, "rank": pl.String, "joined_at": pl.Int64, "active_from": pl.Int64,
    "active_to": pl.Int64,
}  # fmt: skip
_CHANGES = {"promoter": pl.Int64, "since": pl.Int64, "old": pl.String, "new": pl.String}


@dataclass(frozen=True, slots=True)
class Everybody:
    """All promoters, sorted by id: row n of `promoters` is the promoter `ids[n]`."""

    ids: I64
    promoters: Promoters

    def rows_of(self, identifiers: I64) -> I64:
        """The rows of some promoters, -1 for whoever is none."""
        if not len(self.ids):
            return np.full(len(identifiers), NONE, dtype=np.int64)
        rows = np.minimum(np.searchsorted(self.ids, identifiers), len(self.ids) - 1)
        return np.where(self.ids[rows] == identifiers, rows, NONE)


def everybody() -> Everybody:
    """Every promoter of the active tenant with the history of ranks; two queries, whatever their number."""
    table = read_frame(
        f"SELECT id, inviter_id, rank, {micros('joined_at')}, {micros('active_from')}, {micros('active_to')} "
        "FROM referral_promoter WHERE tenant_id = %s",
        [current_tenant()],
        _PROMOTERS,
    ).sort("id")
    changes = read_frame(
        f"SELECT promoter_id, {micros('at')}, old_rank, new_rank FROM referral_rank_change WHERE tenant_id = %s "
        "ORDER BY promoter_id, at, id",
        [current_tenant()],
        _CHANGES,
    )
    words = pl.concat([table["rank"], changes["old"], changes["new"]]).drop_nulls().unique().sort()
    ids = table["id"].to_numpy()
    nobody = np.full(len(ids), NONE, dtype=np.int64)
    known = Everybody(ids, Promoters(nobody, nobody, nobody, nobody, nobody))
    inviters = table["inviter"].fill_null(0).to_numpy()
    promoters = Promoters(
        inviter=known.rows_of(inviters),
        rank=_codes(table["rank"], words),
        joined_at=table["joined_at"].to_numpy(),
        active_from=table["active_from"].to_numpy(),
        active_to=table["active_to"].fill_null(FOREVER).to_numpy(),
        ranks=tuple(words.to_list()),
        history=_history(known.rows_of(changes["promoter"].to_numpy()), changes, words),
    )
    return Everybody(ids, promoters)


def _history(rows: I64, changes: pl.DataFrame, words: pl.Series) -> RankHistory | None:
    if changes.is_empty():
        return None
    known = np.flatnonzero(rows != NONE)
    since = changes["since"].to_numpy()
    after, before = _codes(changes["new"], words), _codes(changes["old"], words)
    return RankHistory(rows[known], since[known], after[known], before[known])


def _codes(column: pl.Series, words: pl.Series) -> I64:
    codes: I64 = column.cast(pl.Enum(words)).to_physical().cast(pl.Int64).fill_null(NONE).to_numpy()
    return np.ascontiguousarray(codes)
