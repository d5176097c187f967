"""Ranks: the worked cases of docs/algorithms/ranks.md, a slow plain reference, the document's refusals, the ladder's check."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from rongshu.engine.calendar import day_number
from rongshu.engine.money import format_units, parse_units
from rongshu.engine.plan import PlanError
from rongshu.engine.ranks import (
    NEEDS,
    NO_RANK,
    NOT_BELOW,
    Assessed,
    Figures,
    Holdings,
    Ladder,
    Window,
    assess,
    ladder_check,
    period_start,
    progress,
    propose,
    read_ladder,
    window_start,
    write_ladder,
)

PAGE = Path(__file__).parents[2] / "docs" / "algorithms" / "ranks.md"
WHY = ("kept", "earned", "below")
EPOCH = date(1970, 1, 1)


def sections() -> list[tuple[str, str, list[dict[str, str]]]]:
    found = []
    for section in re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.M)[1:]:
        document = re.search(r"^```yaml\n(.*?)^```", section, flags=re.M | re.S)
        lines = [line for line in section.splitlines() if line.startswith("|")]
        head, _, *body = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        rows = [dict(zip(head, cells, strict=True)) for cells in body]
        found.append((section.splitlines()[0], document.group(1) if document else "", rows))
    return found


def day(text: str) -> int:
    return day_number(date.fromisoformat(text))


def figures(**columns: list[int]) -> Figures:
    size = len(next(iter(columns.values())))
    return Figures(**{need: np.array(columns.get(need, [0] * size), dtype=np.int64) for need in NEEDS})


def figures_of(cell: str) -> Figures | None:
    if not cell:
        return None
    values = {}
    for part in cell.split(","):
        need, _, value = part.strip().rpartition(" ")
        need = need or "own_sales"
        values[need] = [parse_units(value, "CNY") if need.endswith("sales") else int(value)]
    return figures(**values)


@pytest.mark.parametrize(("document", "rows"), [pytest.param(*case[1:], id=case[0]) for case in sections() if case[1]])
def test_worked_case(document: str, rows: list[dict[str, str]]) -> None:
    ladder = read_ladder({"currency": "CNY"} | yaml.safe_load(document))
    rank, since, below = np.array([NO_RANK]), np.array([day("2026-01-01")]), np.array([NOT_BELOW])
    assert rows
    for row in rows:
        holdings = Holdings(rank, since, below, np.array([False]))
        running, closed = figures_of(row["running"]), figures_of(row["closed"])
        after = assess(ladder, holdings, day(row["day"]), running=running, closed=closed)
        said = ("" if after.rank[0] == NO_RANK else ladder.names[after.rank[0]], WHY[after.why[0]])
        assert said == (row["rank"], row["why"]), row["day"]
        since = np.where(after.why == 0, since, day(row["day"]))
        rank, below = after.rank, after.below


def test_windows() -> None:
    (rows,) = [rows for title, _, rows in sections() if title.startswith("Which days")]
    for row in rows:
        window = Window.model_validate(yaml.safe_load(row["window"]))
        judged = period_start(window, day(row["day"]))
        assert window_start(window, day(row["day"])) == day(row["running from"])
        assert judged == day(row["judged on it"])
        assert window_start(window, judged - 1) == day(row["closed from"])
        assert judged - 1 == day(row["closed to"])


def plain_after(start: date, span: dict[str, int]) -> date:
    """A span later, one month at a time."""
    if "days" in span:
        return start + timedelta(days=span["days"])
    year, month = divmod(start.year * 12 + start.month - 1 + span["months"], 12)
    following = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    return min(date(year, month + 1, 1) + timedelta(days=start.day - 1), following - timedelta(days=1))


def plain_assess(
    document: dict[str, Any],
    holding: dict[str, Any],
    today: date,
    running: dict[str, int],
    closed: dict[str, int] | None,
) -> tuple[int, date | None, str]:
    """One promoter, in plain words: (rank, below, why)."""

    def earned_by(have: dict[str, int]) -> int:
        best = -1
        for position, rank in enumerate(document["ranks"]):
            if all(
                have[need] >= (parse_units(value, "CNY") if need.endswith("sales") else value)
                for need, value in rank["needs"].items()
            ):
                best = position
        return best

    rank, below = holding["rank"], holding["below"]
    if holding["held"]:
        return rank, below, "kept"
    earned = earned_by(running) if document["upgrade"] == "at_once" else -1
    if closed is not None:
        earned = max(earned, earned_by(closed))
    if earned > rank:
        return earned, None, "earned"
    if closed is None:
        return rank, below, "kept"
    if earned == rank:
        return rank, None, "kept"
    months = 3 if "quarters" in document["window"] else 1
    judged = date(today.year, (today.month - 1) // months * months + 1, 1)
    if holding["since"] >= judged or plain_after(holding["since"], document["retention"]) > judged:
        return rank, below, "kept"
    below = judged if below is None else min(below, judged)
    if plain_after(below, document["grace"]) > judged:
        return rank, below, "kept"
    return (rank - 1 if document["downgrade"] == "by_one" else earned), None, "below"


SPANS = st.one_of(
    st.fixed_dictionaries({"days": st.integers(0, 70)}), st.fixed_dictionaries({"months": st.integers(0, 4)})
)
DAYS = st.dates(date(2023, 12, 1), date(2026, 3, 31))


@st.composite
def ladders(draw: st.DrawFn) -> dict[str, Any]:
    needs = draw(st.lists(st.sampled_from(NEEDS), min_size=1, max_size=3, unique=True))
    size = draw(st.integers(1, 4))
    columns = {
        need: sorted(draw(st.lists(st.integers(1, 9), min_size=size, max_size=size, unique=True))) for need in needs
    }
    window = draw(st.sampled_from([{"days": 300}, {"months": 9}, {"quarters": 3}]))
    return {
        "currency": "CNY",
        "window": window,
        "upgrade": draw(st.sampled_from(["at_once", "period_end"])),
        "retention": draw(SPANS),
        "grace": draw(SPANS),
        "downgrade": draw(st.sampled_from(["by_one", "to_earned"])),
        "ranks": [
            {
                "name": f"r{position}",
                "needs": {
                    need: format_units(values[position], "CNY") if need.endswith("sales") else values[position]
                    for need, values in columns.items()
                },
            }
            for position in range(size)
        ],
    }


@settings(max_examples=150, deadline=None)
@given(data=st.data(), document=ladders(), today=DAYS, judging=st.booleans())
def test_all_at_once_agrees_with_one_at_a_time(
    data: st.DataObject, document: dict[str, Any], today: date, judging: bool
) -> None:
    ladder = read_ladder(document)
    top = len(document["ranks"]) - 1
    have = st.fixed_dictionaries({need: st.integers(0, 10) for need in NEEDS})
    people = data.draw(
        st.lists(
            st.fixed_dictionaries(
                {
                    "rank": st.integers(-1, top),
                    "since": st.dates(date(2023, 10, 1), today),
                    "below": st.none() | st.dates(date(2023, 11, 1), today).map(lambda found: found.replace(day=1)),
                    "held": st.sampled_from([False, False, True]),
                    "running": have,
                    "closed": have,
                }
            ),
            min_size=1,
            max_size=12,
        )
    )

    def columns(key: str) -> Figures:
        return figures(**{need: [person[key][need] for person in people] for need in NEEDS})

    after = assess(
        ladder,
        Holdings(
            np.array([person["rank"] for person in people], dtype=np.int64),
            np.array([day_number(person["since"]) for person in people], dtype=np.int64),
            np.array([NOT_BELOW if person["below"] is None else day_number(person["below"]) for person in people]),
            np.array([person["held"] for person in people]),
        ),
        day_number(today),
        running=columns("running"),
        closed=columns("closed") if judging else None,
    )
    found = list(zip(after.rank.tolist(), after.below.tolist(), after.why.tolist(), strict=True))
    for person, (rank, below, why) in zip(people, found, strict=True):
        wanted = plain_assess(document, person, today, person["running"], person["closed"] if judging else None)
        first = None if below == NOT_BELOW else EPOCH + timedelta(days=below)
        assert (rank, first, WHY[why]) == wanted


@settings(max_examples=60, deadline=None)
@given(document=ladders(), today=DAYS, values=st.lists(st.integers(0, 10), min_size=6, max_size=6))
def test_looking_twice_changes_nothing(document: dict[str, Any], today: date, values: list[int]) -> None:
    """What a look gave, the same look a moment later leaves as it is: ranks fallen to begin today, those reached are earned."""
    ladder = read_ladder(document)
    have = figures(**{need: [value] for need, value in zip(NEEDS, values, strict=True)})
    rank, since, below = np.array([len(ladder.ranks) - 1]), np.array([day_number(today) - 200]), np.array([NOT_BELOW])

    def look() -> Assessed:
        return assess(
            ladder, Holdings(rank, since, below, np.array([False])), day_number(today), running=have, closed=have
        )

    first = look()
    since = np.where(first.why == 0, since, day_number(today))
    rank, below = first.rank, first.below
    again = look()
    assert again.why.tolist() == [0]
    assert (again.rank.tolist(), again.below.tolist()) == (rank.tolist(), below.tolist())


LADDER = """
currency: CNY
window: {days: 90}
retention: {months: 3}
ranks:
  - {name: bronze, title: {zh: 铜牌, en: Bronze}, needs: {own_sales: "1000.00"}}
  - {name: silver, needs: {own_sales: "5000.00", active_months: 2}}
"""


def test_written_back_it_reads_equal() -> None:
    ladder = read_ladder(LADDER)
    assert read_ladder(write_ladder(ladder)) == ladder == read_ladder(ladder.canonical())
    assert ladder.ranks[0].titled("zh-hans") == "铜牌"
    assert ladder.ranks[0].titled("en") == "Bronze"
    assert ladder.ranks[1].titled("en") == "silver"
    assert ladder.needed == ("own_sales", "active_months")


@pytest.mark.parametrize(
    ("old", "new", "path", "code"),
    [
        ("{days: 90}", "{days: 90, months: 3}", "window", "one_of_spans"),
        ("{days: 90}", "{}", "window", "one_of_spans"),
        ("{days: 90}", "{days: 0}", "window.days", "too_small"),
        ("{months: 3}", "{weeks: 3}", "retention.weeks", "unknown_key"),
        ("window", "upgrade: never\nwindow", "upgrade", "not_choice"),
        ("silver", "bronze", "ranks[1].name", "rank_twice"),
        ("silver", "a+b", "ranks[1].name", "rank_sign"),
        ('"5000.00"', '"500.00"', "ranks[1].needs.own_sales", "needs_fall"),
        ('"5000.00", active_months: 2', '"1000.00"', "ranks[1].needs", "needs_same"),
        ('"1000.00"', '"0"', "ranks[0].needs.own_sales", "need_zero"),
        ('{own_sales: "1000.00"}', "{}", "ranks[0].needs", "no_needs"),
        ("active_months: 2", "active_months: 6", "ranks[1].needs.active_months", "window_short"),
        ("active_months: 2", "active_months:", "ranks[1].needs.active_months", "nothing_written"),
        ("active_months: 2", "team_joy: 2", "ranks[1].needs.team_joy", "unknown_key"),
        (", en: Bronze", "", "ranks[0].title.en", "missing"),
        ("currency: CNY", "currency: yuan", "currency", "not_currency"),
    ],
)
def test_refused_with_the_path(old: str, new: str, path: str, code: str) -> None:
    with pytest.raises(PlanError) as refused:
        read_ladder(LADDER.replace(old, new, 1))
    found = [(problem.path, problem.code) for problem in refused.value.problems]
    assert (path, code) in found
    assert all(problem.words for problem in refused.value.problems)


def test_progress_says_what_is_missing() -> None:
    ladder = read_ladder(LADDER)
    have = dict.fromkeys(NEEDS, 0) | {"own_sales": 123_456, "active_months": 2}
    sales, months = progress(ladder, have, 0)
    assert (sales.need, sales.wanted, sales.have, sales.missing, sales.percent) == (
        "own_sales",
        500_000,
        123_456,
        376_544,
        24,
    )
    assert (months.missing, months.percent) == (0, 100)
    assert [one.need for one in progress(ladder, have, NO_RANK)] == ["own_sales"]
    assert progress(ladder, have, 1) == ()
    assert progress(ladder, dict.fromkeys(NEEDS, 0) | {"own_sales": -5}, NO_RANK)[0].percent == 0


def checked(document: str, **columns: list[int]) -> set[tuple[str, tuple[str, ...]]]:
    return {(one.code, one.ranks) for one in ladder_check(read_ladder(document), figures(**columns)).findings}


def test_the_check_finds_what_tells_nobody_apart() -> None:
    three = """
currency: CNY
window: {days: 90}
ranks:
  - {name: a, needs: {own_sales: "10.00"}}
  - {name: b, needs: {own_sales: "11.00"}}
  - {name: c, needs: {own_sales: "5000.00"}}
"""
    assert checked(three, own_sales=[2000] * 10) == {("too_few", ())}
    assert checked(three, own_sales=[2000] * 100) == {("dense", ("b",)), ("same", ("a", "b")), ("unreachable", ("c",))}
    assert ("unreached", ("c",)) in checked(three, own_sales=[2000] * 99 + [250_000])
    assert ("sparse", ("c",)) in checked(three, own_sales=[1050] * 150 + [2000] * 150 + [500_000])
    assert ("nobody", ()) in checked(three, own_sales=[100] * 95 + [2000] * 5)
    spread = [1050] * 60 + [2000] * 30 + [600_000] * 10
    assert checked(three, own_sales=spread) == set()


def test_the_counts_are_of_everybody() -> None:
    found = ladder_check(
        read_ladder(LADDER), figures(own_sales=[0, 100_000, 500_000, 500_000], active_months=[0, 1, 1, 2])
    )
    assert (found.unranked, found.counts, found.active) == (1, (2, 1), 3)


@settings(max_examples=80, deadline=None)
@given(document=ladders(), seed=st.integers(0, 1000), size=st.integers(1, 300))
def test_what_is_proposed_is_a_ladder_and_reached(document: dict[str, Any], seed: int, size: int) -> None:
    ladder = read_ladder(document)
    random = np.random.default_rng(seed)
    have = Figures(**{need: random.integers(0, 1_000_000, size) for need in NEEDS})
    proposed = propose(ladder, have)
    assert isinstance(proposed, Ladder)
    assert read_ladder(write_ladder(proposed)) == proposed
    assert proposed.names == ladder.names


def test_thresholds_are_friendly_and_near_the_quantiles() -> None:
    document = LADDER.replace(", active_months: 2", "")
    proposed = propose(read_ladder(document), figures(own_sales=[units * 12_345 for units in range(1, 1001)]))
    # of 1,000 with sales the 400th has 74,193.45 and the 100th 111,228.45
    assert [rank.needs.own_sales for rank in proposed.ranks] == [6_000_000, 10_000_000]
