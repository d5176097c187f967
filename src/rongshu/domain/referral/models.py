from rongshu.domain.referral.bonds.models import Bond
from rongshu.domain.referral.promoters.models import ForestHead, InviterChange, Promoter
from rongshu.domain.referral.ranks.models import LadderVersion, RankChange, RankFigures, RankHead
from rongshu.domain.referral.standings.models import Sales, Standing

__all__ = [
    "Bond",
    "ForestHead",
    "InviterChange",
    "LadderVersion",
    "Promoter",
    "RankChange",
    "RankFigures",
    "RankHead",
    "Sales",
    "Standing",
]
