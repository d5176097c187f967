"""A bundle of evidence to download: the file itself, or on paper, one or two pages in one language, the file attached inside.

What is printed of an order is told in `order.py`, of a reward in `reward.py`, how it looks in the `.typ` of the same name.
"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import translation

from rongshu.domain.commission.evidence.sealing import FORMAT, REWARD_FORMAT, Bundle
from rongshu.interfaces.faces.files import attached
from rongshu.interfaces.faces.proof.order import OrderSheet
from rongshu.interfaces.faces.proof.reward import RewardSheet
from rongshu.interfaces.faces.proof.sheet import file_name
from rongshu.interfaces.faces.typesetting import typeset
from rongshu.kernel.signing import key_name, public_key

FORMS = ("json", "pdf")
SHEETS: dict[str, tuple[type[OrderSheet | RewardSheet], str]] = {
    FORMAT: (OrderSheet, "order.typ"),
    REWARD_FORMAT: (RewardSheet, "reward.typ"),
}
"""By the format of a bundle: what is printed, and how it looks."""


def proof_response(bundle: Bundle, form: str, language: str) -> HttpResponse:
    """The file to download: `json`, or `pdf` in a language."""
    content, kind = (
        (pdf_of(bundle, language), "application/pdf") if form == "pdf" else (bundle.content, "application/json")
    )
    return attached(content, file_name(bundle, form), kind)


def published_keys(request: HttpRequest) -> HttpResponse:
    """`/.well-known/rongshu-evidence.json`: the public keys this installation signs with, the one in use first."""
    key = public_key()
    return JsonResponse(
        {
            "format": FORMAT,
            "formats": list(SHEETS),
            "canonical_form": "RFC 8785, numbers integers only",
            "keys": [{"algorithm": "Ed25519", "key": key.hex(), "name": key_name(key)}],
        }
    )


def pdf_of(bundle: Bundle, language: str) -> bytes:
    """The bundle as a PDF in a language (`zh-hans`, `en`), about half a second."""
    printed, looks = SHEETS[bundle.document["format"]]
    with translation.override(language):
        data = printed(bundle, language).data()
    return typeset(
        Path(__file__).with_name(looks),
        {"data": json.dumps(data, ensure_ascii=False), "bundle": bundle.content.decode()},
        datetime.fromisoformat(bundle.document["made_at"]),
    )
