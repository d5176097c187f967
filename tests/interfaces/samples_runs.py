"""Sample pages about settlement runs and the calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from rongshu.interfaces.console.pages import money, runs
from rongshu.interfaces.faces.parts import Cursor, Progress
from tests.interfaces.samples_money import CHEN, LIN, NOW, _row, _yuan


def _run(state: str, *, by_clock: bool = True) -> runs.RunRow:
    done = state in ("done", "running", "stopped")
    return runs.RunRow(
        id="run_0am6k61nr0200", day=date(2026, 11, 23), state=state, by_clock=by_clock, who="何静", made_at=NOW,
        promoters=1284 if done else 0, amount=_yuan(86_204.5 if done else 0), left_out=97 if done else 0,
    )  # fmt: skip


def listed() -> runs.Runs:
    rows = tuple(
        _run(state, by_clock=state != "stopped") for state in ("planned", "running", "stopped", "done", "dropped")
    )
    return runs.Runs(rows=rows, cursor=Cursor("z"), cycle="weekly", may_begin=True)


def none() -> runs.Runs:
    return runs.Runs(rows=(), cursor=Cursor(), cycle="request", may_begin=True)


LEFT = (
    runs.LeftReason("below_threshold", "低于结算起点", 71, _yuan(302.4)),
    runs.LeftReason("no_papers", "还没有填写证件和账户", 26, _yuan(9_120)),
)


def planned() -> runs.RunPage:
    rows = (
        runs.PlannedRow(LIN, _yuan(5200), _yuan(5000), _yuan(25), _yuan(796), _yuan(4179), ""),
        runs.PlannedRow(CHEN, _yuan(4.2), _yuan(0), _yuan(0), _yuan(0), _yuan(0), "低于结算起点"),
    )
    preview = runs.Preview(1284, _yuan(86_204.5), _yuan(431.02), _yuan(6_120), _yuan(79_653.48), 12, LEFT, rows)
    return runs.RunPage(
        row=_run("planned"), changed_at=NOW, changed_by="系统", fee=_yuan(0), counts_until=NOW - timedelta(days=2),
        preview=preview, progress=None, states=(), rows=(), left=(), left_rows=(), shown="", batches=(), cursor=Cursor("z"),
        waiting=0, may_begin=True, may_approve=True,
    )  # fmt: skip


def nothing() -> runs.RunPage:
    zero = _yuan(0)
    return replace(planned(), preview=runs.Preview(0, zero, zero, zero, zero, 0, (), ()), cursor=Cursor())


def under_way() -> runs.RunPage:
    return replace(
        planned(),
        row=_run("running"),
        preview=None,
        progress=Progress("已处理的推广员", 1381, 20_000, stop="#"),
        rows=(_row("asked"), _row("approved", CHEN, 80)),
        states=(money.StateTotal("asked", 12, _yuan(60_000)), money.StateTotal("approved", 1272, _yuan(26_204.5))),
        left=LEFT,
        waiting=12,
    )


def done() -> runs.RunPage:
    left_rows = (runs.LeftRow(LIN, _yuan(9_000)), runs.LeftRow(CHEN, _yuan(120)))
    return replace(
        under_way(),
        row=_run("done", by_clock=False),
        progress=None,
        rows=(),
        left_rows=left_rows,
        shown="no_papers",
        batches=("bat_0am6k74jr0200",),
        problem="这次结算已经完成。",
    )


def holidays(*problems: str) -> runs.CalendarPage:
    return runs.CalendarPage(
        year=2026, years=(2026, 2027), text="2026-10-01, off, 国庆节\n2026-10-10, working, 调休", off=1, working=1,
        next_days=(date(2026, 10, 1),), may_set=True, problems=problems,
    )  # fmt: skip


CONSOLE = {
    "runs": (listed, "money"), "runs_none": (none, "money"), "run_planned": (planned, "money"),
    "run_nothing": (nothing, "money"), "run_under_way": (under_way, "money"), "run_done": (done, "money"),
    "holidays": (holidays, "money"),
    "holidays_wrong": (lambda: holidays("第 3 行：2026-13-01 不是日期；请写成 2026-10-01"), "money"),
}  # fmt: skip
