"""The token in a mail by which its recipient ends a kind without signing in. It opens nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from django.core import signing

_SALT = "rongshu.messages.unsubscribe"


@dataclass(frozen=True, slots=True)
class Ending:
    """Which kind of whose mail a token ends."""

    tenant: int
    audience: int
    recipient: int
    kind: str


def make_token(tenant: int, audience: int, recipient: int, kind: str) -> str:
    """The token of a recipient and a kind; it never runs out, since a mail may be read late."""
    return signing.Signer(salt=_SALT).sign_object([tenant, audience, recipient, kind])


def read_token(token: str) -> Ending | None:
    """What a token says; None when it is none of ours."""
    try:
        tenant, audience, recipient, kind = signing.Signer(salt=_SALT).unsign_object(token)
        return Ending(int(tenant), int(audience), int(recipient), str(kind))
    except (signing.BadSignature, ValueError, TypeError):
        return None
