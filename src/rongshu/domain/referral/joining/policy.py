"""A tenant's joining policy, and the texts its quiz and checklist are edited as."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from rongshu.engine.wording import gettext_noop as _
from rongshu.kernel.errors import invalid

Mode = Literal["open", "application", "invitation"]
MODES: tuple[Mode, ...] = ("open", "application", "invitation")
"""At once for everybody; after somebody of the team looked; at once, but only by a promoter's invitation."""
GROUPS = (
    _("A full-time student"),
    _("A teacher, medical worker or public servant in office, or on active military service"),
    _("Somebody without full legal capacity"),
    _("An employee of this brand"),
)
"""The groups a joining person declares not to belong to, after article 15 of China's Regulations on Direct Selling."""
MOST_QUESTIONS, MOST_STEPS, LONGEST_TEXT = 10, 12, 20_000


@dataclass(frozen=True, slots=True)
class Question:
    """One question; `right` is the place of the right answer."""

    text: str
    answers: tuple[str, ...]
    right: int


@dataclass(frozen=True, slots=True)
class Step:
    """One thing a new promoter is advised to do; `link` leads to the guide: a page, a picture, a video."""

    title: str
    text: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class JoiningPolicy:
    """The rules of joining. What the market asks for beyond them is added where they are applied (`flows/join/terms`)."""

    mode: Mode = "open"
    minimum_age: int = 0
    """0: what the market asks for."""
    ask_groups: bool = False
    """Whether the excluded groups are asked for where the market does not demand it."""
    agreement_version: str = "1"
    agreement: str = ""
    """The tenant's own text; the public rules are always part of what is accepted."""
    offer: str = ""
    """A few lines of the tenant's own, shown to whoever is invited."""
    shop: str = ""
    """The tenant's home address: where whoever only wants to buy is led."""
    quiz: tuple[Question, ...] = ()
    steps: tuple[Step, ...] = ()
    renew_months: int = 0
    """After how many months promoters have to confirm what they accepted; 0: never."""

    def as_document(self) -> dict[str, Any]:
        return asdict(self)


def policy_of(document: dict[str, Any]) -> JoiningPolicy:
    """A policy as it was kept."""
    quiz = tuple(Question(one["text"], tuple(one["answers"]), one["right"]) for one in document.get("quiz", ()))
    steps = tuple(Step(**one) for one in document.get("steps", ()))
    return JoiningPolicy(**{**document, "quiz": quiz, "steps": steps})


def check_policy(rules: JoiningPolicy) -> None:
    """Raises `invalid` for a policy that cannot hold."""
    if rules.mode not in MODES:
        raise invalid("unknown_mode", "Choose who may join.", at="mode")
    if not 0 <= rules.minimum_age <= 99:
        raise invalid("bad_age", "An age is a number from 0 to 99.", at="minimum_age")
    if not 0 <= rules.renew_months <= 60:
        raise invalid("bad_months", "Give 0 to 60 months.", at="renew_months")
    if not 1 <= len(rules.agreement_version.strip()) <= 40:
        raise invalid("no_version", "Give the agreement a version of 1 to 40 letters.", at="agreement_version")
    for name in ("agreement", "offer"):
        if len(getattr(rules, name)) > LONGEST_TEXT:
            raise invalid("too_long", "This is too long.", at=name)
    _check_address(rules.shop, "shop")
    for step in rules.steps:
        _check_address(step.link, "steps")


def _check_address(address: str, at: str) -> None:
    if not address:
        return
    try:
        parts = urlsplit(address)
        good = parts.scheme == "https" and parts.hostname and not parts.username and " " not in address
    except ValueError:
        good = False
    if not good or len(address) > 2000:
        raise invalid("bad_address", "An address begins with https://: %(address)s", at=at, address=address[:100])


def read_quiz(text: str) -> tuple[Question, ...]:
    """Questions from text: a question a block, blocks apart by an empty line; answers begin with `-`, the right one with `*`.

    Raises `invalid`, naming the question.
    """
    questions = []
    blocks = [block.strip().splitlines() for block in text.replace("\r", "").split("\n\n") if block.strip()]
    for number, lines in enumerate(blocks, 1):
        marked = [line.strip() for line in lines[1:] if line.strip()]
        right = [place for place, line in enumerate(marked) if line.startswith("*")]
        answers = tuple(line[1:].strip() for line in marked if line[0] in "*-")
        if len(answers) != len(marked) or not 2 <= len(answers) <= 6 or len(right) != 1 or not all(answers):
            raise invalid(
                "bad_question",
                "Question %(number)s: two to six answers, each on a line of its own, the right one after *, the others after -.",
                at="quiz",
                number=number,
            )
        questions.append(Question(lines[0].strip(), answers, right[0]))
    if len(questions) > MOST_QUESTIONS:
        raise invalid("too_many_questions", "At most %(most)s questions.", at="quiz", most=MOST_QUESTIONS)
    return tuple(questions)


def write_quiz(questions: tuple[Question, ...]) -> str:
    """The text `read_quiz` reads."""
    return "\n\n".join(
        "\n".join([one.text, *(f"{'*' if n == one.right else '-'} {text}" for n, text in enumerate(one.answers))])
        for one in questions
    )


def read_steps(text: str) -> tuple[Step, ...]:
    """Steps from text, one a line: `title | text | address`, the last two as wanted. Raises `invalid`."""
    steps = []
    for line in filter(None, (line.strip() for line in text.splitlines())):
        title, *rest = (part.strip() for part in line.split("|"))
        if not title or len(rest) > 2 or len(line) > 1000:
            raise invalid(
                "bad_step",
                "A step is written as: title | text | address. This is none: %(line)s",
                at="steps",
                line=line[:80],
            )
        steps.append(Step(title, *rest))
    if len(steps) > MOST_STEPS:
        raise invalid("too_many_steps", "At most %(most)s steps.", at="steps", most=MOST_STEPS)
    return tuple(steps)


def write_steps(steps: tuple[Step, ...]) -> str:
    """The text `read_steps` reads."""
    return "\n".join(" | ".join([one.title, one.text, one.link]).rstrip(" |") for one in steps)
