from rongshu.domain.commission.plans.models import PlanDraft, PlanVersion
from rongshu.domain.commission.rating.models import CapUsage, Commission, Rating

__all__ = ["CapUsage", "Commission", "PlanDraft", "PlanVersion", "Rating"]
