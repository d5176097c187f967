"""Passkeys (WebAuthn): a login's key pairs, of which only the public half is here. A challenge is good once and for five minutes.

Whoever signs in by one proves possession and, to their own device, themselves (`user verification`): nothing else is asked for.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from rongshu.kernel.access.models import Login, Passkey
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, conflict, invalid, missing
from rongshu.kernel.tenancy.scope import system_scope, tenant_scope

LASTS = timedelta(minutes=5)
MOST = 10
"""Passkeys of one login."""

Session = Any
"""What keeps a challenge between two requests of one browser."""


def passkeys_of(login_id: int) -> list[Passkey]:
    """A login's passkeys, the latest first."""
    return list(Passkey.objects.filter(login_id=login_id).order_by("-id"))


def making_options(*, login: Login, site: str, name: str, session: Session, now: datetime) -> dict[str, Any]:
    """What a browser needs to make one, as JSON. `site` is the host people see, without a port. Raises `conflict` for too many."""
    known = passkeys_of(login.id)
    if len(known) >= MOST:
        raise conflict("too_many_passkeys", "There are %(most)s passkeys already; remove one first.", most=MOST)
    options = generate_registration_options(
        rp_id=site, rp_name=name, user_name=login.shown, user_id=login.id.to_bytes(8, "big"), user_display_name=login.shown,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(bytes(one.credential)) for one in known],
    )  # fmt: skip
    return _kept(options, "make", session, now)


def add_passkey(
    *, login: Login, answer: str, site: str, origin: str, name: str, session: Session, by: Actor, now: datetime
) -> Passkey:
    """Keeps the one a browser made. Raises `invalid` for an answer that is not to our challenge, `conflict` for one that is known."""
    challenge = _challenge("make", session, now)
    try:
        made = verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site, expected_origin=origin,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise _refused() from None
    try:
        with transaction.atomic():
            kept = Passkey.add(
                login_id=login.id, credential=made.credential_id, public_key=made.credential_public_key,
                sign_count=made.sign_count, name=" ".join(name.split())[:60], made_at=now,
            )  # fmt: skip
    except IntegrityError:
        raise conflict("passkey_known", "This passkey is kept already.") from None
    record("passkey.added", subject=login.shown, by=by, now=now, passkey=str(kept.id))
    return kept


def remove_passkey(*, login: Login, identifier: int, by: Actor, now: datetime) -> None:
    """It opens nothing any more. Raises `missing`."""
    gone, _ = Passkey.objects.filter(login_id=login.id, id=identifier).delete()
    if not gone:
        raise missing("unknown_passkey", "There is no such passkey.")
    record("passkey.removed", subject=login.shown, by=by, now=now, passkey=str(identifier))


def pass_on_passkeys(*, login: Login, heir: Login, by: Actor, now: datetime) -> int:
    """A login's passkeys sign in another of the same tenant from now on; how many. Together they may be more than MOST."""
    moved = int(Passkey.objects.filter(login_id=login.id).update(login_id=heir.id))
    if moved:
        record("passkeys.passed_on", subject=login.shown, by=by, now=now, heir=heir.shown, moved=moved)
    return moved


def using_options(*, site: str, session: Session, now: datetime) -> dict[str, Any]:
    """What a browser needs to let somebody choose one of theirs, as JSON; it tells of nobody."""
    options = generate_authentication_options(rp_id=site, user_verification=UserVerificationRequirement.REQUIRED)
    return _kept(options, "use", session, now)


def use_passkey(*, answer: str, site: str, origin: str, session: Session, now: datetime) -> Login:
    """Whose it is. Raises `invalid` for an answer that does not hold, is unknown, or whose counter went back (a copy)."""
    challenge = _challenge("use", session, now)
    try:
        credential = base64url_to_bytes(json.loads(answer)["id"])
    except (ValueError, KeyError, TypeError):
        raise _refused() from None
    with system_scope():
        found = Passkey._base_manager.filter(credential=credential).first()
        login = None if found is None else Login.objects.filter(id=found.login_id, is_active=True).first()
    if found is None or login is None:
        raise invalid("unknown_passkey", "This passkey is not known here. Sign in another way and add it.")
    try:
        proved = verify_authentication_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site, expected_origin=origin,
            credential_public_key=bytes(found.public_key), credential_current_sign_count=found.sign_count,
            require_user_verification=True,
        )  # fmt: skip
    except (WebAuthnException, ValueError, KeyError, TypeError):
        raise _refused() from None
    with tenant_scope(found.tenant_id):
        Passkey.objects.filter(id=found.id).update(sign_count=proved.new_sign_count, used_at=now)
    return login


def _kept(options: Any, what: str, session: Session, now: datetime) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(options_to_json(options))
    session[f"passkey-{what}"] = [document["challenge"], (now + LASTS).timestamp()]
    return document


def _challenge(what: str, session: Session, now: datetime) -> bytes:
    kept = session.pop(f"passkey-{what}", None)
    if kept is None or now.timestamp() > kept[1]:
        raise invalid("old_challenge", "That took too long. Try again.")
    return base64url_to_bytes(kept[0])


def _refused() -> Refusal:
    return invalid("bad_passkey", "The passkey could not be checked. Try again, or sign in another way.")
