"""The document of a segment: read, refused with paths, written again, said."""

from __future__ import annotations

from typing import Any

import pytest

from rongshu.engine.plan.problems import PlanError
from rongshu.engine.segments.life import DAY, Rhythm, life_of
from rongshu.engine.segments.model import canonical, conditions
from rongshu.engine.segments.reading import MOST_CONDITIONS, MOST_DEEP, read_conditions
from rongshu.engine.segments.words import say

WHOLE = {
    "all": [
        {"fact": "orders", "at_least": 3, "at_most": 3},
        {
            "any": [
                {"fact": "paid", "at_least": "5", "at_most": "7.5"},
                {"not": {"fact": "life", "in": ["new", "lost"]}},
            ]
        },
        {"fact": "bought_sku", "in": ["b", "a", "a"], "within_days": 30},
        {"fact": "promotes", "is": False},
    ]
}


def test_written_again_it_is_the_same() -> None:
    node = read_conditions(WHOLE, "CNY")
    written = canonical(node, "CNY")
    assert written["all"][2]["in"] == ["a", "b"] and written["all"][1]["any"][0]["at_most"] == "7.50"
    assert read_conditions(written, "CNY") == node and canonical(read_conditions(written, "CNY"), "CNY") == written
    assert [one.fact for one in conditions(node)] == ["orders", "paid", "life", "bought_sku", "promotes"]


def test_in_words() -> None:
    assert say(read_conditions(WHOLE, "CNY"), "CNY", lambda text: text) == (
        "orders exactly 3 and (paid, net of refunds from 5.00 to 7.50 or not (life as a buyer: lost, new)) "
        "and bought one of the products: a, b, within 30 days and promotes: no"
    )
    alone = read_conditions({"any": [{"fact": "orders", "at_most": 0}]}, "CNY")
    assert say(alone, "CNY", lambda text: text) == "orders at most 0"


@pytest.mark.parametrize(
    ("document", "refused"),
    [
        (None, [("", "not_mapping")]),
        ({}, [("", "one_of_spans")]),
        ({"all": [], "any": []}, [("", "one_of_spans")]),
        ({"all": []}, [("all", "empty_list")]),
        ({"any": {"fact": "orders"}}, [("any", "not_list")]),
        ({"fact": "no"}, [("fact", "not_choice")]),
        ({"fact": ["x"]}, [("fact", "not_choice")]),
        ({"not": {"fact": "orders"}}, [("not", "one_of_spans")]),
        ({"fact": "orders", "at_least": True}, [("at_least", "not_whole")]),
        ({"fact": "orders", "at_least": -1, "q": 1}, [("q", "unknown_key"), ("at_least", "too_small")]),
        ({"fact": "orders", "at_least": 3, "at_most": 2}, [("at_most", "too_small")]),
        ({"fact": "recency", "at_least": 6}, [("at_least", "too_big")]),
        ({"fact": "paid", "at_least": 5}, [("at_least", "not_money")]),
        ({"fact": "paid", "at_least": "0.001"}, [("at_least", "not_money")]),
        ({"fact": "paid", "at_least": "-1"}, [("at_least", "not_money")]),
        ({"fact": "bought_sku", "in": ["a"]}, [("within_days", "missing")]),
        ({"fact": "bought_sku", "within_days": 3}, [("in", "missing")]),
        ({"fact": "tier", "in": [3, "", "\x00", "x" * 300]},
         [("in[0]", "not_text"), ("in[1]", "empty_text"), ("in[2]", "strange_letter"), ("in[3]", "text_too_long")]),
        ({"fact": "life", "in": ["dead"]}, [("in[0]", "not_choice")]),
        ({"fact": "promotes"}, [("is", "missing")]),
        ({"fact": "promotes", "is": 1}, [("is", "not_yes_no")]),
        ({"all": [{"fact": "orders", "at_least": 1}, 3]}, [("all[1]", "not_mapping")]),
    ],
)  # fmt: skip
def test_refused_with_the_path(document: Any, refused: list[tuple[str, str]]) -> None:
    with pytest.raises(PlanError) as error:
        read_conditions(document, "CNY")
    assert [(problem.path, problem.code) for problem in error.value.problems] == refused
    assert str(error.value)  # every template has its parameters


def test_neither_too_many_nor_too_deep() -> None:
    one: Any = {"fact": "orders", "at_least": 1}
    read_conditions({"all": [one] * MOST_CONDITIONS}, "CNY")
    with pytest.raises(PlanError, match=str(MOST_CONDITIONS)):
        read_conditions({"any": [{"all": [one] * 31}, {"all": [one] * 31}]}, "CNY")
    deep: Any = one
    for _ in range(MOST_DEEP):
        deep = {"not": deep}
    read_conditions(deep, "CNY")
    for _ in range(2_000):
        deep = {"not": deep}
    with pytest.raises(PlanError, match="deep"):
        read_conditions(deep, "CNY")


@pytest.mark.parametrize(
    ("orders", "first", "last", "now", "life"),
    [
        (1, 0, 0, 29, ("new", 30)),
        (1, 0, 0, 30, ("active", 90)),
        (1, 0, 0, 90, ("cooling", 180)),
        (1, 0, 0, 360, ("lost", None)),
        (4, 0, 30, 44, ("active", 45)),  # every 10 days
        (4, 0, 30, 45, ("cooling", 60)),
        (4, 0, 30, 60, ("sleeping", 90)),
        (4, 0, 30, 90, ("lost", None)),
        (9, 0, 8, 18, ("active", 18.5)),  # daily: at least every 7 days
        (2, 0, 3_000, 3_000, ("active", 3_270)),  # at most every 180 days
    ],
)
def test_life_by_the_buyers_own_rhythm(
    orders: int, first: int, last: int, now: int, life: tuple[str, float | None]
) -> None:
    place, until = life_of(orders=orders, first=first * DAY, last=last * DAY, now=now * DAY, rhythm=Rhythm())
    assert (("new", "active", "cooling", "sleeping", "lost")[place], until and until / DAY) == life
