from rongshu.domain.commission.notices.models import PlanNotice, PlanNoticeSeen, RulesPage
from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion, PlanWithdrawal
from rongshu.domain.commission.rating.models import CapUsage, Commission, Rating
from rongshu.domain.commission.reviews.models import PlanReview

__all__ = [
    "CapUsage", "Commission", "PlanDraft", "PlanNotice", "PlanNoticeSeen", "PlanReview", "PlanVersion", "PlanWithdrawal",
    "Rating", "RulesPage",
]  # fmt: skip
