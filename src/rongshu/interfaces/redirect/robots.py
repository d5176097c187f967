"""Who asks: people, programs, or browsers that fetch ahead. By what they say of themselves; whoever lies counts as a person."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from rongshu.domain.referral.clicks.spool import PREFETCH, ROBOT

_PROGRAMS = re.compile(
    r"bot\b|bot/|crawl|spider|slurp|facebookexternalhit|preview|embedly|monitor|uptime|curl|wget|libwww|httpclient|"
    r"python|java/|okhttp|go-http|axios|node-fetch|postman|headless|phantomjs|scan|archive|feed|validator|lighthouse|"
    r"dingtalkbot|bytespider|petalbot|yisou|sogou web|360spider",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def _is_program(agent: str) -> bool:
    return len(agent) < 10 or _PROGRAMS.search(agent) is not None


def flags_of(environ: dict[str, Any]) -> int:
    """The flags of a request: 0 for a person's."""
    if environ["REQUEST_METHOD"] != "GET" or _is_program(environ.get("HTTP_USER_AGENT", "")):
        return ROBOT
    ahead = environ.get("HTTP_SEC_PURPOSE") or environ.get("HTTP_PURPOSE") or environ.get("HTTP_X_MOZ")
    return PREFETCH if ahead and "pre" in ahead else 0
