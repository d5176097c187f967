"""The ledger against the plain one in `reference.py`: every balance and every transfer after every step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.ledger.trial import LedgerTrial, run_ledger
from tests.reference.generators import HypothesisDice


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.trial = LedgerTrial().__enter__()

    def play(self, name: str, data: Any) -> None:
        getattr(self.trial, name)(HypothesisDice(data.draw))
        self.trial.check()

    @rule(data=st.data())
    def accrue(self, data: Any) -> None:
        self.play("accrue", data)

    @rule(data=st.data())
    def release(self, data: Any) -> None:
        self.play("release", data)

    @rule(data=st.data())
    def take_back(self, data: Any) -> None:
        self.play("take_back", data)

    @rule(data=st.data())
    def reserve(self, data: Any) -> None:
        self.play("reserve", data)

    @rule(data=st.data())
    def pay(self, data: Any) -> None:
        self.play("pay", data)

    @rule(data=st.data())
    def give_back(self, data: Any) -> None:
        self.play("give_back", data)

    @rule(data=st.data())
    def too_much(self, data: Any) -> None:
        self.play("too_much", data)

    def teardown(self) -> None:
        try:
            self.trial.finish()
        finally:
            self.trial.__exit__()


def hold_to(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=timedelta(seconds=5),
        database=None,
        derandomize=True,
        print_blob=False,
        phases=(Phase.explicit, Phase.generate, Phase.target),
        suppress_health_check=list(HealthCheck),
    )


def test_whatever_happens_the_ledger_agrees_with_the_plain_one() -> None:
    run_state_machine_as_test(LedgerMachine, settings=hold_to(40, 25))


def test_seeded_lives_of_a_ledger() -> None:
    """The same steps by a seeded hand, at several times the speed."""
    assert sum(run_ledger(seed, 40) for seed in range(40)) == 40 * 40


@pytest.mark.slow
def test_ten_thousand_lives_of_a_ledger() -> None:
    assert sum(run_ledger(seed, 40) for seed in range(10_000)) == 400_000
