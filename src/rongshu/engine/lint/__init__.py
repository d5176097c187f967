"""Lint: what the law of a market may mind in a plan, and the most it can pay. It reports risks and certifies nothing.

Words: finding 检查发现, severity (block 阻止发布, warn 须由他人承担, info 提示), profile 法域参数, fact 申报事项, worst case 最高支出比例.
"""

from rongshu.engine.lint.check import check_plan
from rongshu.engine.lint.contradictions import contradictions
from rongshu.engine.lint.facts import Facts
from rongshu.engine.lint.report import BLOCK, INFO, WARN, Condition, Finding, Report, Severity, Share, WorstCase

__all__ = [
    "BLOCK", "INFO", "WARN", "Condition", "Facts", "Finding", "Report", "Severity", "Share", "WorstCase", "check_plan",
    "contradictions",
]  # fmt: skip
