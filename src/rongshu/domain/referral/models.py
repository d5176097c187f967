from rongshu.domain.referral.attribution.models import AttributionPolicy, Evidence, StoreHolder
from rongshu.domain.referral.bonds.models import Bond, BondChange
from rongshu.domain.referral.care.models import PlannedMove, PromoterChange, PromoterTag
from rongshu.domain.referral.clicks.models import Click, ClickFigures, Touch, Visitor
from rongshu.domain.referral.goals.models import Goal
from rongshu.domain.referral.joining.models import Acceptance, Application, JoiningVersion, Renewal, StepDone
from rongshu.domain.referral.links.models import Link, LinkChange, TargetHost
from rongshu.domain.referral.promoters.models import ForestHead, InviterChange, Promoter
from rongshu.domain.referral.ranks.models import LadderVersion, RankChange, RankFigures, RankHead
from rongshu.domain.referral.standings.models import Sales, Standing

__all__ = [
    "Acceptance",
    "Application",
    "AttributionPolicy",
    "Bond",
    "BondChange",
    "Click",
    "ClickFigures",
    "Evidence",
    "ForestHead",
    "Goal",
    "InviterChange",
    "JoiningVersion",
    "LadderVersion",
    "Link",
    "LinkChange",
    "PlannedMove",
    "Promoter",
    "PromoterChange",
    "PromoterTag",
    "RankChange",
    "RankFigures",
    "RankHead",
    "Renewal",
    "Sales",
    "Standing",
    "StepDone",
    "StoreHolder",
    "TargetHost",
    "Touch",
    "Visitor",
]
