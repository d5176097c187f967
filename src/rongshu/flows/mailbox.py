"""A mailbox that proves who somebody is: links sent to it, sealed, good for 15 minutes and one use.

A link that signs in is sent by the worker, so that a mailbox that is somebody's and one that is nobody's are answered by the same work.
The link alone does nothing: whoever opens it confirms by a button, so that programs that look at links in mails use none up.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db import IntegrityError, transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages.channel import channel
from rongshu.domain.marketing.messages.sending import send_letter
from rongshu.domain.members.profiles.cleaning import clean_email
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import email_hash
from rongshu.kernel.access.codes import make_code, spend_code
from rongshu.kernel.access.letters import ask_letter, forget_letter, take_letters
from rongshu.kernel.access.models import Login
from rongshu.kernel.access.rules import PORTAL
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import Refusal, conflict, invalid, unavailable
from rongshu.kernel.founding import LANGUAGES
from rongshu.kernel.secrets import seal, unseal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import system_scope, tenant_scope
from rongshu.kernel.throttle import allow

log = structlog.get_logger(__name__)

LASTS = timedelta(minutes=15)
TO_A_MAILBOX, FROM_AN_ADDRESS, IN_A_DAY = 5, 30, 5_000
"""Links sent to one mailbox and asked for from one address in an hour, and in all in a day."""
TRIES = 30
"""Links opened from one address in ten minutes."""
SIGN_IN, CONFIRM = "mail-sign-in", "mail-confirm"


def can_mail() -> bool:
    """Whether mail can be sent at all."""
    return channel() is not None


@dataclass(frozen=True, slots=True)
class Link:
    """What a link holds. `member` and `tenant` are 0 in one that signs in: whose it is, is asked when it is used."""

    what: str
    email: str
    code: str
    tenant: int = 0
    member: int = 0


def read_link(token: str) -> Link:
    """What a link holds. Raises `invalid` for one that we never made."""
    try:
        return Link(**json.loads(unseal(token.encode())))
    except (ValueError, TypeError):
        raise invalid(
            "bad_link", "This link is not whole. Copy all of it from the mail, or ask for a new one."
        ) from None


def ask_sign_in(*, email: str, address: str, path: str, now: datetime) -> None:
    """Asks for a link that signs in; whether the e-mail is some promoter's is looked at by `send_asked`, and the answer tells nothing.

    `path` is the page that takes the link. Raises `invalid`, `conflict` for too many, `unavailable` with mail off. Call it outside any transaction.
    """
    email = _allowed(email, address, SIGN_IN)
    asked = {"email": email, "path": path, "language": get_language() or LANGUAGES[0]}
    ask_letter(text=json.dumps(asked), now=now)


def send_asked(*, now: datetime) -> int:
    """Sends the links that were asked for, where the mailbox is some promoter's; how many went out. Call it outside any transaction.

    One that a server does not take is tried again after a minute, for as long as a link lasts.
    """
    sent = 0
    for one in take_letters(now=now, lasts=LASTS):
        asked = json.loads(one.text)
        if login_of(asked["email"]) is not None:
            try:
                with override(asked["language"]):
                    _send_sign_in(asked["email"], asked["path"], now)
            except Refusal:
                continue
            sent += 1
        forget_letter(one.id)
    return sent


def _send_sign_in(email: str, path: str, now: datetime) -> None:
    code = make_code(what=SIGN_IN, who=email.casefold(), now=now, lasts=LASTS)
    _send(
        email, _("Rongshu"), _("Your link to sign in"),
        _("Open this link and confirm there. It is good for 15 minutes and one use. If you did not ask for it, do nothing."),
        path, Link(SIGN_IN, email, code),
    )  # fmt: skip


def ask_confirm(*, email: str, house: House, member: int, address: str, path: str, now: datetime) -> None:
    """Sends a link by which a member confirms that the mailbox is theirs. Raises as `ask_sign_in`. Call it outside any transaction."""
    email = _allowed(email, address, CONFIRM)
    code = make_code(what=f"{CONFIRM} {member}", who=email.casefold(), now=now, lasts=LASTS)
    _send(
        email, house.name, _("Confirm your e-mail address"),
        _("Open this link and confirm that you want to be reached here. It is good for 15 minutes and one use."),
        path, Link(CONFIRM, email, code, house.id, member),
    )  # fmt: skip


def use_sign_in(*, token: str, address: str, now: datetime) -> Login:
    """The promoter's login a link opens; it is used up. Raises `invalid` for an old or used one, `conflict` after too many attempts."""
    link = _used(token, SIGN_IN, "", address, now)
    found = login_of(link.email)
    if found is None:
        raise invalid("no_promoter", "This e-mail address belongs to no promoter here any more.")
    return found


def use_confirm(*, token: str, login: Login, address: str, by: Actor, now: datetime) -> str:
    """The member's e-mail from now on, which the link proves. Raises as `use_sign_in`, `conflict` when it is somebody else's."""
    link = read_link(token)
    if link.member != (member := login.member_id or 0):
        raise invalid("bad_link", "This link was sent to another account. Sign in with that one.")
    link = _used(token, CONFIRM, f" {member}", address, now)
    with tenant_scope(link.tenant):
        try:
            with transaction.atomic():
                Member.objects.filter(id=member).update(email=seal(link.email), email_hash=email_hash(link.email))
                Login.objects.filter(id=login.id).update(email_hash=email_hash(link.email))
        except IntegrityError:
            raise conflict("email_taken", "Another member here has this e-mail address already.") from None
        record("member.email_confirmed", subject=str(member), by=by, now=now)
    return link.email


def login_of(email: str) -> Login | None:
    """The promoter's login whose mailbox it is by its own confirmation; of several brands' the one that had it first."""
    with system_scope():
        found = Login.objects.filter(email_hash=email_hash(email), role__in=PORTAL, is_active=True)
        return found.order_by("id").first()


def _allowed(text: str, address: str, what: str) -> str:
    if not can_mail():
        raise unavailable("no_mail", "Mail cannot be sent here at the moment.")
    email = clean_email(text)
    if not allow("mail-pause", f"{what}|{email.casefold()}", limit=1, seconds=30):
        raise conflict("wait_for_mail", "A link was sent a moment ago. Wait half a minute before you ask for another.")
    if (
        not allow("mail-to", email.casefold(), limit=TO_A_MAILBOX, seconds=3600)
        or not allow("mail-from", address, limit=FROM_AN_ADDRESS, seconds=3600)
        or not allow("mail-of", "links", limit=IN_A_DAY, seconds=86_400)
    ):
        raise conflict("too_many_links", "Too many links were asked for. Try again in an hour.")
    return email


def _send(email: str, sender: str, subject: str, text: str, path: str, link: Link) -> None:
    way = channel()
    if way is None:
        raise unavailable("no_mail", "Mail cannot be sent here at the moment.")
    token = seal(json.dumps({name: getattr(link, name) for name in Link.__slots__})).decode()
    body = f"{text}\n\n{way.site}{path}?token={token}\n"
    trouble = send_letter(address=email, sender=sender, subject=subject, text=body)
    if trouble:
        log.warning("a link was not sent", what=link.what, trouble=trouble)
        raise unavailable("no_mail", "Mail cannot be sent here at the moment.")


def _used(token: str, what: str, more: str, address: str, now: datetime) -> Link:
    if not allow("mail-try", address, limit=TRIES, seconds=600):
        raise conflict("too_many_tries", "Too many attempts. Wait ten minutes, then try again.")
    link = read_link(token)
    if link.what != what or not spend_code(what=f"{what}{more}", who=link.email.casefold(), code=link.code, now=now):
        raise invalid("used_link", "This link was used already, or is too old. Ask for a new one.")
    return link
