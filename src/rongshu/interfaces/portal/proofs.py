"""What every proof to download asks first."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from rongshu.interfaces.faces.proof import FORMS
from rongshu.kernel.errors import missing, unavailable
from rongshu.kernel.throttle import allow

PROOFS_PER_HOUR = 30
"""How many proofs one promoter may have made within an hour."""


def may_prove(promoter: int, form: str) -> None:
    """Raises `missing` for a form there is not, `unavailable` for too many within an hour; counts this one."""
    if form not in FORMS:
        raise missing("unknown_form", gettext_noop("There is evidence as json and as pdf."))
    if not allow("proof", str(promoter), limit=PROOFS_PER_HOUR, seconds=3600):
        raise unavailable(
            "too_many_proofs",
            gettext_noop("That were many proofs within an hour. The next one can be made in the next hour."),
        )
