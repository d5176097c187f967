"""The channels a promoter shares in: the tag a link carries, and what it is called."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

CHANNELS: dict[str, str | Promise] = {
    "moments": _("Moments"),
    "group": _("Group"),
    "video": _("Video"),
    "poster": _("Poster"),
    "offline": _("Offline"),
    "other": _("Other channel"),
}
"""In the order in which they are offered."""


def channel_name(tag: str) -> str:
    """What a tag is called; one of the tenant's own shows as it is."""
    return str(CHANNELS.get(tag, tag))
