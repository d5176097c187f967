"""The forest at once: depths, teams, tours, circles; the deep way gives the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine import forest
from rongshu.engine.forest import CycleError, chain_of, cycle_member, grow, has_cycle, team_sum


@st.composite
def inviters(draw: st.DrawFn) -> np.ndarray:
    count = draw(st.integers(0, 12))
    place = draw(st.permutations(range(count)))
    inviter = np.full(count, -1)
    for index in range(1, count):
        above = draw(st.one_of(st.none(), st.just(index - 1), st.integers(0, index - 1)))
        if above is not None:
            inviter[place[index]] = place[above]
    return inviter


@pytest.fixture(params=[20_000, 1], ids=["by levels", "by doubling"])
def deep(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forest, "DEEP", request.param)


@pytest.mark.usefixtures("deep")
def test_sums_sizes_and_tours_are_those_of_the_chains() -> None:
    @given(inviters(), st.integers(-(2**40), 2**40))
    def check(inviter: np.ndarray, seed: int) -> None:
        count = len(inviter)
        values = (np.arange(count) * 7919 + seed) * 2**12
        chains = [chain_of(inviter, member) for member in range(count)]
        below = [[b for b in range(count) if a in chains[b]] for a in range(count)]
        grown = grow(inviter)
        assert grown.depth.tolist() == [len(chain) for chain in chains]
        assert sorted(grown.order.tolist()) == list(range(count))
        assert (np.diff(grown.depth[grown.order]) >= 0).all()
        assert grown.team_size().tolist() == [len(team) for team in below]
        with_own = [int(values[a]) + sum(int(values[b]) for b in below[a]) for a in range(count)]
        assert grown.team_sum(values).tolist() == with_own
        assert team_sum(inviter, values, own=False).tolist() == (np.array(with_own, dtype=np.int64) - values).tolist()
        enter, leave = grown.intervals()
        for a in range(count):
            inside = [b for b in range(count) if enter[a] <= enter[b] < leave[a]]
            assert sorted(inside) == sorted([a, *below[a]])
        assert not has_cycle(inviter)

    check()


@pytest.mark.usefixtures("deep")
def test_a_circle_is_found_with_one_of_its_members() -> None:
    inviter = np.array([-1, 0, 5, 2, 3, 4, 5, 6])
    assert cycle_member(inviter) in {2, 3, 4, 5}
    with pytest.raises(CycleError):
        grow(inviter)
    assert cycle_member(np.array([0])) == 0


def test_a_chain_that_goes_in_a_circle_is_an_error() -> None:
    with pytest.raises(CycleError):
        chain_of(np.array([2, 0, 1]), 0)


def test_a_very_deep_chain() -> None:
    count = 100_000
    grown = grow(np.arange(-1, count - 1))
    assert grown.team_size().tolist() == list(range(count - 1, -1, -1))
    assert grown.depth[-1] == count - 1
