from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rongshu.domain.referral.goals.models import ACTIVE, MEMBERS, SALES, WHATS, Goal
from rongshu.domain.referral.standings.models import ACTIVE as ACTIVE_STATE
from rongshu.domain.referral.standings.queries import Placed, placed, team_counts


@dataclass(frozen=True, slots=True)
class Progress:
    """A goal and how far it is: `have` of `wanted`, members or minor units; never below nothing."""

    what: str
    have: int
    wanted: int
    until: date

    @property
    def percent(self) -> int:
        """How far, at most 100, rounded down: only what is reached says 100."""
        return min(100, self.have * 100 // self.wanted)


def team_figures(leader: Placed | None, counts: Mapping[int, tuple[int, ...]]) -> dict[str, int]:
    """What goals are measured by, as of the last computing of standings. Sales are those of the team without the leader's own."""
    return {
        ACTIVE: sum(members[ACTIVE_STATE] for members in counts.values()),
        MEMBERS: 0 if leader is None else leader.team_size,
        SALES: 0 if leader is None else leader.team_sales - leader.own_sales,
    }


def figures_of(promoter_id: int) -> dict[str, int]:
    """`team_figures` of a promoter; the cost does not grow with the team."""
    return team_figures(placed([promoter_id]).get(promoter_id), team_counts(promoter_id))


def progress_of(promoter_id: int, figures: Mapping[str, int]) -> list[Progress]:
    """A leader's goals, in the order of `WHATS`, each with how far it is by these figures."""
    known = {one.what: one for one in Goal.objects.filter(promoter_id=promoter_id)}
    return [
        Progress(what, max(0, figures[what] - known[what].began), known[what].wanted, known[what].until)
        for what in WHATS
        if what in known
    ]
