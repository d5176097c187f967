"""The check itself: every rule's terms and patterns over the text made plain, less what its exceptions cover."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rongshu.engine.copycheck.normal import Normal, dense, light
from rongshu.engine.copycheck.rules import Grade, Rule, rules_of
from rongshu.engine.wording import gettext_noop as _

VERSION = "2026.11-1"
"""Of rules and lexicon together: kept with every review."""

LONGEST = 20_000
_LABEL = re.compile(
    r"(?:^|[^\w])(?:广告|ad|advert|sponsored)(?:[^\w]|$)|#广告|【广告】|\(广告\)|（广告）", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing a rule minds: `start` and `end` in the text as it was given; both 0 where something is missing."""

    rule: str
    pack: str
    grade: Grade
    start: int
    end: int
    words: str
    """As they stand in the text."""
    reason: str
    remedy: str
    basis: str


def check_copy(text: str, packs: Sequence[str] = (), *, leads_to_buying: bool = True) -> tuple[Hit, ...]:
    """What the rules that always hold and those of some trades mind in a text, by its place; the gravest of overlapping ones.

    A text with a link to buy by has to say that it is advertising (互联网广告管理办法 art. 9): where it does not, that is a hit too.
    Raises ValueError for a text of more than LONGEST letters.
    """
    if len(text) > LONGEST:
        raise ValueError(f"more than {LONGEST} letters")
    plain = light(text)
    tight = dense(plain)
    found = [
        Hit(rule.id, rule.pack, rule.grade, start, end, text[start:end], rule.reason, rule.remedy, rule.basis)
        for rule in rules_of(tuple(packs))
        for start, end in _spans(rule, plain, tight)
    ]
    kept = list(_gravest(found))
    if leads_to_buying and not _LABEL.search(plain.text):
        kept.append(
            Hit(
                "label", "recruiting", "block", 0, 0, "",
                _("It leads to buying and does not say that it is advertising."),
                _("Put 广告 (advertisement) where everybody sees it."), "广告法 art. 14; 互联网广告管理办法 art. 9",
            )
        )  # fmt: skip
    return tuple(kept)


@lru_cache(maxsize=256)
def _terms(rule_id: str, terms: tuple[str, ...]) -> re.Pattern[str] | None:
    if not terms:
        return None
    plain = {dense(light(term)).text for term in terms} - {""}
    return re.compile("|".join(re.escape(term) for term in sorted(plain, key=lambda term: (-len(term), term))))


def _spans(rule: Rule, plain: Normal, tight: Normal) -> Iterator[tuple[int, int]]:
    """Where a rule hits, in the original. Terms are looked for in the dense form, patterns in the light one."""
    allowed = [tight.span(*one.span()) for one in _matches(_terms(rule.id + "!", rule.exceptions), tight)]
    allowed += [plain.span(*one.span()) for one in _matches(rule.except_pattern, plain)]
    hits = [tight.span(*one.span()) for one in _matches(_terms(rule.id, rule.terms), tight)]
    hits += [plain.span(*one.span()) for one in _matches(rule.pattern, plain)]
    for start, end in hits:
        if not any(first <= start and end <= last for first, last in allowed):
            yield start, end


def _matches(pattern: re.Pattern[str] | None, normal: Normal) -> Iterator[re.Match[str]]:
    if pattern is not None:
        yield from (one for one in pattern.finditer(normal.text) if one.end() > one.start())


def _gravest(hits: Sequence[Hit]) -> Iterator[Hit]:
    """By place; of those that overlap the gravest, then the longest, then the first rule's."""
    taken: list[tuple[int, int]] = []
    kept = []
    for one in sorted(hits, key=lambda one: (one.grade != "block", one.start - one.end, one.start)):
        if all(one.end <= start or end <= one.start for start, end in taken):
            taken.append((one.start, one.end))
            kept.append(one)
    yield from sorted(kept, key=lambda one: one.start)
