"""A plan in words, and what changes for somebody."""

from __future__ import annotations

from django.utils import translation

from rongshu.engine.plan import Plan, read_plan
from rongshu.interfaces.console.plan_words import document_of
from rongshu.interfaces.faces.plan_terms import changes_of, sections_of

OLD = """
name: whole
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}}
overrides: [{id: for-gold, level: 1, when: {rank: [gold]}, rate: 12%}]
differential: {ranks: {silver: 4%, gold: 7%}, peer: {rate: 1%, generations: 2}}
steps: [{id: monthly, bands: [{from: "1000.00", rate: 1%}, {from: "5000.00", rate: 2%}], apply: whole}]
pools: [{id: leaders, period: year, share: 1%, eligible: {rank: [gold]}, split: equal}]
caps: {order: 15%, promoter_day: "500.00"}
release: {after: completed, days: 15}
"""


def plan(text: str = OLD) -> Plan:
    return read_plan(text)


def changes(new: str, rank: str | None = None) -> list[tuple[str, str, str]]:
    with translation.override("en"):
        return [(one.name, one.before, one.after) for one in changes_of(plan(), plan(new), rank=rank)]


def test_every_part_has_its_words() -> None:
    with translation.override("en"):
        said = {one.key: one.said for section in sections_of(plan()) for one in section.terms}
    assert said["differential.ranks.gold"] == "7%"
    assert "for the next 2 promoters of the same rank above" in said["differential.peer"]
    assert "from ¥1,000.00 to below ¥5,000.00" in said["steps.monthly.0"]
    assert "from ¥5,000.00" in said["steps.monthly.1"] and "below" not in said["steps.monthly.1"]
    assert "the highest band reached" in said["steps.monthly.apply"]
    assert "of all net sales of a year, shared equally among the ranks gold" in said["pools.leaders"]


def test_the_same_plan_changes_nothing() -> None:
    assert changes(OLD) == []


def test_who_is_not_concerned_is_not_told() -> None:
    gold = OLD.replace("gold: 7%", "gold: 8%").replace("rate: 12%", "rate: 13%")
    assert [name for name, _, _ in changes(gold, "gold")] == ["for-gold", "Rank gold"]
    assert changes(gold, "silver") == [] and changes(gold, "") == []
    assert len(changes(gold)) == 2


def test_what_everybody_is_told() -> None:
    new = (
        OLD.replace("2: {rate: 3%}", "")
        .replace("{1: {rate: 10%}, }", "{1: {rate: 9%}}")
        .replace("days: 15", "days: 30")
    )
    for rank in (None, "", "gold"):
        told = changes(new, rank)
        assert ("Level 2", "3% · the inviter", "") in told
        assert ("Level 1", "10% · the direct promoter", "9% · the direct promoter") in told
        assert any("30 days" in after for _, _, after in told)


def test_the_document_reads_back_equal() -> None:
    assert plan(document_of(plan())) == plan()
    assert "ranks: {silver: 4%, gold: 7%}" in document_of(plan())
