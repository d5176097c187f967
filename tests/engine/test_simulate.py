"""Simulation figures that are not commission rows."""

from __future__ import annotations

import numpy as np

from rongshu.engine.simulate.summary import gini, top_share


def test_gini() -> None:
    assert gini(np.array([5, 5, 5])) == 0
    assert gini(np.array([0, 0, 0, 8])) == 0.75
    assert gini(np.array([1, 3])) == 0.25
    assert gini(np.array([], dtype=np.int64)) is None


def test_top_share() -> None:
    assert top_share(np.array([1, 1, 2])) == 0.5
    assert top_share(np.array([1] * 99 + [101])) == 0.505
    assert top_share(np.array([], dtype=np.int64)) is None
