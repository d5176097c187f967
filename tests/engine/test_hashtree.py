"""The summing tree of hashes: every leaf is provable, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine.hashtree import Beside, Proof, check, commitment, joined, leaf, path_of, root_of, secret_of

SEED = bytes(range(32))


def proof(amounts: list[int], at: int) -> tuple[Proof, tuple[int, bytes]]:
    nodes = [leaf(commitment(secret_of(SEED, who), who), amount) for who, amount in enumerate(amounts)]
    return Proof(at, secret_of(SEED, at), amounts[at], path_of(nodes, at)), root_of(nodes)


@given(st.lists(st.integers(0, 10**12), min_size=1, max_size=40), st.data())
def test_every_leaf_is_within_the_sum_and_nothing_else_is(amounts: list[int], data: st.DataObject) -> None:
    found, root = proof(amounts, data.draw(st.integers(0, len(amounts) - 1)))
    assert root[0] == sum(amounts)
    assert check(found, root)
    assert not check(replace(found, amount=found.amount + 1), root)
    assert not check(replace(found, promoter=found.promoter + 1), root), "one leaf for two promoters"
    assert not check(replace(found, secret=bytes(32)), root)
    assert not check(found, (root[0] - 1, root[1])), "a total that leaves something out"
    for at, one in enumerate(found.path):
        for wrong in (replace(one, sum=one.sum + 1), replace(one, left=not one.left), replace(one, digest=bytes(32))):
            assert not check(replace(found, path=(*found.path[:at], wrong, *found.path[at + 1 :])), root)


def test_debts_cannot_hide_what_is_owed() -> None:
    for bad in (-1, 2**63):
        with pytest.raises(ValueError):
            leaf(bytes(32), bad)
    with pytest.raises(ValueError):
        joined((2**63 - 1, bytes(32)), (1, bytes(32)))
    found, root = proof([5, 7], 0)
    assert not check(replace(found, path=(Beside(False, -5, bytes(32)),)), root)


def test_both_sums_are_hashed_and_no_leaf_counts_twice() -> None:
    a, b = leaf(bytes(32), 3), leaf(bytes(32), 4)
    assert joined((3, a[1]), (4, b[1])) != joined((4, a[1]), (3, b[1])), "the same total, moved between the sides"
    assert root_of([a, b, a]) != root_of([a, b, a, a]), "an odd leaf is not doubled"
    assert root_of([])[0] == 0


def test_a_place_in_a_whole_part_continues_above_it() -> None:
    nodes = [leaf(commitment(secret_of(SEED, who), who), who) for who in range(11)]
    parts = [root_of(nodes[at : at + 4]) for at in range(0, 11, 4)]
    assert root_of(parts) == root_of(nodes)
    for at in range(11):
        begin = at // 4 * 4
        assert path_of(nodes[begin : begin + 4], at - begin) + path_of(parts, at // 4) == path_of(nodes, at)
