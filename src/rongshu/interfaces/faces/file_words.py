"""Files of members in words: what columns mean, what is wrong in a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext as _

from rongshu.domain.members.consents.purposes import PURPOSES
from rongshu.domain.members.files.columns import CONSENT, FIELD
from rongshu.domain.members.files.reading import Row
from rongshu.domain.members.profiles.limits import titled
from rongshu.domain.members.profiles.models import ProfileField


def target_names(fields: Sequence[ProfileField], language: str) -> dict[str, str]:
    """What a column may say, by its code."""
    return {
        "external_id": _("External id"), "phone": _("Phone"), "email": _("E-mail"), "name": _("Name"), "birthday": _("Birthday"),
        "region": _("Region"), "city": _("City"), "preference": _("What pleases them"), "joined_at": _("Joined on (new members)"),
        "tags": _("Tags"), "consent_day": _("Day of the consents"),
        "opening_points": _("Points they had before"), "opening_growth": _("Growth value they had before"),
        **{FIELD + one.code: titled(one.names, language) for one in fields},
        **{CONSENT + code: _("Agrees: %(purpose)s") % {"purpose": _(one.name)} for code, one in PURPOSES.items()},
    }  # fmt: skip


def fault_words(row: Row, names: Mapping[str, str]) -> str:
    """Everything that is wrong in a row, in one line."""
    said = []
    for code, refusal in row.faults:
        words = _(refusal.template) % refusal.params if refusal.params else _(refusal.template)
        said.append(f"{names[code]}: {words}" if code in names else words)
    return " ".join(said)
