from rongshu.domain.insight.figures.models import DayFigures
from rongshu.domain.insight.suggesting.models import Affinity, Learned

__all__ = ["Affinity", "DayFigures", "Learned"]
