from rongshu.domain.insight.figures.models import DayFigures

__all__ = ["DayFigures"]
