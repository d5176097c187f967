"""Suggestions: said with the numbers they come from, never from noise."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rongshu.engine.suggestions import (
    MIN_ORDERS,
    MIN_VISITORS,
    TIMES,
    Channel,
    Facts,
    Suggestion,
    interval,
    suggestions,
)

channels = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 300)), max_size=6
).map(lambda rows: [Channel(f"c{n}", visitors, orders) for n, (visitors, orders) in enumerate(rows)])  # fmt: skip
numbers = st.integers(0, 500)


def codes(facts: Facts) -> list[str]:
    return [one.code for one in suggestions(facts)]


@settings(deadline=None)
@given(channels, numbers, numbers, numbers, numbers, numbers)
def test_whatever_is_said_follows_from_the_figures(
    given_channels: list[Channel], ending: int, new: int, sleeping: int, week: int, before: int
) -> None:
    facts = Facts(given_channels, ending, new, sleeping, week, before)
    by_key = {one.key: one for one in given_channels}
    found = suggestions(facts)
    assert len({(one.code, one.channel) for one in found}) == len(found)
    for one in found:
        match one.code:
            case "better_channel":
                best, most = by_key[one.channel], by_key[one.other]
                assert min(best.visitors, most.visitors) >= MIN_VISITORS and best.orders >= MIN_ORDERS
                assert interval(best.orders, best.visitors)[0] > interval(most.orders, most.visitors)[1]
                assert one.times >= TIMES or most.orders == 0
                assert (one.orders, one.other_visitors) == (best.orders, most.visitors)
            case "silent_channel":
                assert by_key[one.channel].orders == 0
            case "ending" | "new" | "sleeping":
                assert one.count == getattr(facts, one.code) > 0
            case "quiet":
                assert week == 0 and before >= MIN_VISITORS
            case "begin":
                assert week == before == 0
    if ending:
        assert found[0].code == "ending"


@settings(deadline=None)
@given(st.integers(1, 5000), st.integers(0, 5000))
def test_an_interval_holds_the_rate_and_narrows(visitors: int, orders: int) -> None:
    low, high = interval(orders, visitors)
    rate = min(orders, visitors) / visitors
    assert 0 <= low <= rate + 1e-9 and rate - 1e-9 <= high <= 1
    more = interval(min(orders, visitors) * 10, visitors * 10)
    assert more[1] - more[0] < high - low


def test_three_times_the_orders_of_enough_people_is_said_and_of_few_is_not() -> None:
    enough = Facts([Channel("group", 200, 30), Channel("moments", 400, 20)], clicks_week=1)
    assert suggestions(enough) == (Suggestion("better_channel", "group", "moments", 30, 200, 20, 400, times=3),)
    assert codes(Facts([Channel("group", 20, 3), Channel("moments", 40, 2)], clicks_week=1)) == []
    assert codes(Facts([Channel("group", 200, 12), Channel("moments", 400, 20)], clicks_week=1)) == []
    assert codes(Facts([Channel("group", 40, 6), Channel("moments", 40, 3)], clicks_week=1)) == []


def test_the_most_urgent_comes_first() -> None:
    assert codes(Facts(ending=4, new=2, sleeping=1)) == ["ending", "begin", "new", "sleeping"]
    assert codes(Facts(clicks_before=29)) == []
    assert codes(Facts(clicks_before=30)) == ["quiet"]
    assert codes(Facts([Channel("video", 100, 0)], clicks_week=3)) == ["silent_channel"]
