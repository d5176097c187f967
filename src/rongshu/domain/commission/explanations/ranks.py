"""级差 and 平级 of one order, place by place: who met whom on the way up the chain, in words.

The walk is the engine's, for one chain and with every meeting kept: `rows.py` of the engine says what is paid, this says why.
What was paid is always taken from the stored rows; where the walk cannot account for them (a rank corrected
afterwards), the sentence keeps to what the row itself says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_noop as _

from rongshu.domain.commission.explanations.found import Found
from rongshu.domain.commission.explanations.words import Sentence, money, say
from rongshu.domain.commission.rating.models import Commission
from rongshu.engine.plan import Differential, Plan
from rongshu.engine.plan.fields import write_percent
from rongshu.engine.rating.frames import BEYOND, DIFFERENTIAL, ELIGIBLE, PEER

RANK_KINDS = (DIFFERENTIAL, PEER)


@dataclass(frozen=True, slots=True)
class Standing:
    """One place of a chain under a plan with a differential. Rates in ppm; places count from 0, as in the chain."""

    place: int
    rank: str
    """The rank held when the order was paid; empty for none."""
    rate: int
    """What the plan names for the rank; 0 when it does not name it."""
    met: int
    """The highest rate met below."""
    met_place: int | None
    """Who held it; None when nobody below held a rank that earns."""
    fit: bool
    """Active, and not the buyer where own purchases do not count."""
    earns: bool = False
    """Earns the difference of `rate` and `met`."""
    source: int | None = None
    """A peer: the place whose differential amount it has a part of."""
    generation: int = 0
    """A peer: the how manieth of that place."""
    peers: tuple[int, ...] = ()
    """The places that had a part already, when one of the same rank comes too late."""


def walk(terms: Differential, ranks: Sequence[str], fit: Sequence[bool]) -> tuple[Standing, ...]:
    """Upwards from the direct promoter: what everybody was met with. `ranks` and `fit` have one entry a place."""
    met, met_place, mine = 0, None, ""
    peers: list[int] = []
    found = []
    for place, (rank, good) in enumerate(zip(ranks, fit, strict=True)):
        rate = terms.ranks.get(rank, 0)
        one = Standing(place, rank, rate, met, met_place, good)
        if good and rate > met:
            one = replace(one, earns=True)
            met, met_place, mine, peers = rate, place, rank, []
        elif good and met_place is not None and rank == mine:
            if terms.peer is not None and len(peers) < terms.peer.generations:
                peers.append(place)
                one = replace(one, source=met_place, generation=len(peers))
            else:
                one = replace(one, peers=tuple(peers))
        found.append(one)
    return tuple(found)


def ranks_held(found: Found) -> list[str]:
    """The rank of every place when the order was paid: as its rows name it, else as the history of ranks knows it."""
    held = {row.beneficiary_id: row.rule.removeprefix("rank:") for row in found.commissions if row.kind in RANK_KINDS}
    return [held.get(promoter) or found.rank_of(promoter) for promoter in found.rating.chain]


def standings(found: Found) -> tuple[Standing, ...]:
    """The walk of an order; empty under a plan without a differential."""
    terms = None if found.plan is None else found.plan.differential
    if terms is None:
        return ()
    return walk(terms, ranks_held(found), [state in (ELIGIBLE, BEYOND) for state in found.rating.states])


def rank_steps(found: Found, stood: Sequence[Standing], row: Commission) -> Iterator[Sentence]:
    """By which ranks a differential or peer row came to be."""
    terms = None if found.plan is None else found.plan.differential
    one = next((one for one in stood if found.rating.chain[one.place] == row.beneficiary_id), None)
    rank = row.rule.removeprefix("rank:")
    if terms is None or one is None:
        yield say("rule", _("Rule %(rule)s applied."), rule=row.rule)
    elif row.kind == PEER:
        yield from _peer_steps(found, terms, one, row)
    elif not one.earns or one.rate - one.met != row.ppm:
        template = _("%(rate)s of the rank %(rank)s were not earned by anybody below.")
        yield say("differential", template, rank=rank, rate=write_percent(row.ppm))
    elif one.met_place is None:
        template = _("The rank %(rank)s earns %(rate)s, and nobody below held a rank that earns.")
        yield say("differential", template, rank=rank, rate=write_percent(one.rate))
    else:
        yield say(
            "differential",
            _("The rank %(rank)s earns %(rate)s; %(below)s below, held by %(name)s, already earned %(met)s: %(left)s remain."),
            rank=rank, rate=write_percent(one.rate), below=stood[one.met_place].rank,
            name=found.called(found.rating.chain[one.met_place]), met=write_percent(one.met),
            left=write_percent(row.ppm),
        )  # fmt: skip


def _peer_steps(found: Found, terms: Differential, one: Standing, row: Commission) -> Iterator[Sentence]:
    if one.source is None or terms.peer is None:
        yield say("peer", _("A peer award to the rank %(rank)s."), rank=row.rule.removeprefix("rank:"))
        return
    yield say(
        "peer",
        _("Peer award: %(name)s below, of the same rank %(rank)s, earned %(amount)s by it on this line; "
          "this is generation %(number)s of %(generations)s."),
        name=found.called(found.rating.chain[one.source]), rank=one.rank,
        amount=money(row.base, found.house.currency), number=one.generation, generations=terms.peer.generations,
    )  # fmt: skip


def rank_silence(found: Found, plan: Plan, stood: Sequence[Standing], one: Standing) -> Sentence | None:
    """Why a place that may earn has nothing by its rank; None where the walk says that it earns."""
    terms = plan.differential
    assert terms is not None
    if one.earns or one.source is not None:
        return None
    if not one.rank:
        template = _("The promoter held no rank when the order was paid; that counts as %(nothing)s.")
        return say("rank_none", template, nothing=write_percent(0))
    if one.rank not in terms.ranks:
        template = _("The plan names no rate for the rank %(rank)s; it counts as %(nothing)s.")
        return say("rank_unnamed", template, rank=one.rank, nothing=write_percent(0))
    rate = write_percent(one.rate)
    if one.met_place is None:
        return say("rank_zero", _("The plan pays %(rate)s to the rank %(rank)s."), rank=one.rank, rate=rate)
    below, name = stood[one.met_place], found.called(found.rating.chain[one.met_place])
    texts: dict[str, str | int | Sentence] = {"rank": one.rank, "rate": rate, "name": name}
    if below.rank != one.rank:
        template = _("The rank %(rank)s (%(rate)s) is not above %(below)s (%(met)s), which %(name)s below held.")
        return say("rank_below", template, **texts, below=below.rank, met=write_percent(below.rate))
    if terms.peer is None:
        template = _("%(name)s below held the same rank, %(rank)s (%(rate)s), and the plan pays nothing to peers.")
        return say("rank_same", template, **texts)
    last = found.called(found.rating.chain[one.peers[-1]]) if one.peers else name
    template = _(
        "%(name)s below held the same rank, %(rank)s; peer awards end with generation %(generations)s, "
        "and that was %(last)s."
    )
    return say("peers_full", template, **texts, generations=terms.peer.generations, last=last)
