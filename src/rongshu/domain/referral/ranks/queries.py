from __future__ import annotations

from functools import lru_cache

import orjson

from rongshu.domain.referral.ranks.models import LadderVersion
from rongshu.engine.ranks import Ladder, read_ladder


@lru_cache(maxsize=512)
def _parsed(document: bytes) -> Ladder:
    return read_ladder(document)


def ladder_of(version: LadderVersion) -> Ladder:
    """The ladder of a version; parsed once a process, for it never changes."""
    return _parsed(orjson.dumps(version.document))


def ladder_version() -> LadderVersion | None:
    """The version in force, None for a tenant without a ladder."""
    return LadderVersion.objects.order_by("-number").first()


def ladder() -> Ladder | None:
    """The ladder in force, None for a tenant without one."""
    version = ladder_version()
    return None if version is None else ladder_of(version)
