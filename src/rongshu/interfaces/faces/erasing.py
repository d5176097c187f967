"""What pages say of erasing a member: whether it was done, and what stands in the way."""

from __future__ import annotations

from django.utils.translation import gettext as _

from rongshu.domain.members.erasure.queries import erased_at
from rongshu.flows.erasing import in_the_way
from rongshu.interfaces.faces.parts import Erasing


def erasing_of(member_id: int, name: str) -> Erasing:
    """How it stands for a member; `name` is their id as shown."""
    at = erased_at(member_id)
    problems = [] if at is not None else in_the_way(member_id)
    return Erasing(name, at, tuple(_(one.template) % one.params if one.params else _(one.template) for one in problems))
