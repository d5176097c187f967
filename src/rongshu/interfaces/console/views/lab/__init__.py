"""The plan lab: trying, one order's difference, growth, files, scenarios."""

from rongshu.interfaces.console.views.lab.files import export
from rongshu.interfaces.console.views.lab.looking import growth, order
from rongshu.interfaces.console.views.lab.scenarios import keep, throw_away
from rongshu.interfaces.console.views.lab.trying import lab

__all__ = ["export", "growth", "keep", "lab", "order", "throw_away"]
