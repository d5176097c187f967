"""What is asked of whoever joins, and what they answered: the same form where one joins and where one confirms again."""

from __future__ import annotations

from collections.abc import Mapping

from rongshu.domain.referral.joining.policy import MOST_QUESTIONS
from rongshu.flows.join.actions import Answers

TICKS = ("of_age", "in_no_group", "agreed")


def read_answers(form: Mapping[str, str]) -> Answers:
    """What a form says."""
    chosen = []
    for place in range(MOST_QUESTIONS):
        text = form.get(f"quiz{place}", "")
        chosen.append(int(text) if text.isascii() and text.isdigit() and len(text) < 3 else -1)
    ticked = {name: form.get(name) == "yes" for name in TICKS}
    return Answers(**ticked, quiz=tuple(chosen), words=form.get("words", "")[:600])
