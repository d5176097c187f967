from rongshu.domain.commission.compliance.models import DeclaredFacts, KeptCheck
from rongshu.domain.commission.notices.models import PlanNotice, PlanNoticeSeen, RulesPage
from rongshu.domain.commission.periods.models import PeriodRun, Reward, RewardPeriod
from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion, PlanWithdrawal
from rongshu.domain.commission.rating.models import CapUsage, Commission, Rating
from rongshu.domain.commission.rerating.models import ReratedOrder, ReratedRow, Rerating, ReratingPost
from rongshu.domain.commission.reviews.models import PlanReview
from rongshu.domain.commission.scenarios.models import Scenario

__all__ = [
    "CapUsage", "Commission", "DeclaredFacts", "KeptCheck", "PeriodRun", "PlanDraft", "PlanNotice", "PlanNoticeSeen", "PlanReview", "PlanVersion", "PlanWithdrawal",
    "Rating", "ReratedOrder", "ReratedRow", "Rerating", "ReratingPost", "Reward", "RewardPeriod", "RulesPage", "Scenario",
]  # fmt: skip
