"""What advertising law may mind in a text that is shared: words and phrases by rule, with their place, basis and what to write instead.

A hit is a prompt to look, never a finding of law: it matches words, not meaning. Words: text 文案, rule 规则, lexicon 词库, exception 例外.
"""

from __future__ import annotations

from rongshu.engine.copycheck.check import VERSION, Hit, check_copy
from rongshu.engine.copycheck.rules import PACKS, Grade, Rule, rules

__all__ = ["PACKS", "VERSION", "Grade", "Hit", "Rule", "check_copy", "rules"]
