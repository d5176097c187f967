"""The pages of the plan: versions, the draft, what waits for a second person, the rules page."""

from rongshu.interfaces.console.views.plans.deciding import review, waiting
from rongshu.interfaces.console.views.plans.drafting import draft
from rongshu.interfaces.console.views.plans.rules import rules
from rongshu.interfaces.console.views.plans.versions import plans, withdraw

__all__ = ["draft", "plans", "review", "rules", "waiting", "withdraw"]
