"""Mail on its way: claimed in one transaction, sent outside any, each outcome noted in one of its own.

A process killed between sending and noting sends that one mail again after ten minutes, under the same Message-ID, by which mail
programs tell that it is the same. Nothing here writes an address, a name or an amount to the log.
"""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime, formataddr
from typing import Any

import structlog
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages.channel import TIMEOUT, Channel, channel
from rongshu.domain.marketing.messages.kinds import KINDS
from rongshu.domain.marketing.messages.models import (
    DROPPED,
    FAILED,
    GAVE_UP,
    LOGIN,
    MAIL,
    PROMOTER,
    SENDING,
    SENT,
    WAITING,
    Mail,
    Message,
    Preference,
)
from rongshu.domain.marketing.messages.queries import rules, sealed_addresses
from rongshu.domain.marketing.messages.quiet import after_quiet
from rongshu.domain.marketing.messages.tokens import make_token
from rongshu.domain.marketing.messages.words import say
from rongshu.domain.members.consents import purposes as consents
from rongshu.domain.members.consents.queries import withdrawn_by
from rongshu.kernel.access.models import Login
from rongshu.kernel.ids import outside
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.queries import House, house
from rongshu.kernel.tenancy.scope import current_tenant, system_scope, tenant_scope

log = structlog.get_logger(__name__)

BATCH = 50
RETAKEN = timedelta(minutes=10)
"""After so long a claim counts as left behind by a process that ended."""
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480, 1440))
"""Between one try and the next; after the last it is given up."""


@dataclass(frozen=True, slots=True)
class Ready:
    """A mail with everything that is needed to send it."""

    id: int
    attempts: int
    letter: EmailMultiAlternatives


def tenants_with_mail(now: datetime) -> list[int]:
    """Tenants with mail that is due."""
    with system_scope():
        due = Mail._base_manager.filter(state__in=(WAITING, SENDING), due_at__lte=now)
        return list(due.order_by("tenant_id").values_list("tenant_id", flat=True).distinct())


def send_mail(tenant: int, *, now: datetime, clock: Callable[[], datetime] | None = None) -> int:
    """Sends what is due of a tenant, up to fifty; how many went out. Opens its own transactions: call it outside any."""
    way = channel()
    if way is None:
        return 0
    with tenant_scope(tenant):
        ready = _claim(way, now)
    if not ready:
        return 0
    then = clock or (lambda: now)
    server = _server(way)
    sent = 0
    try:
        for place, one in enumerate(ready):
            trouble, final, stop = _send(server, one.letter)
            with tenant_scope(tenant):
                _note(one, trouble, final, then())
                if stop:
                    _put_back(ready[place + 1 :], then() + WAITS[0])
            sent += not trouble
            if stop:
                log.warning("mail waits", trouble=trouble, tenant=tenant)
                break
    finally:
        server.close()
    return sent


def send_letter(*, address: str, sender: str, subject: str, text: str) -> str:
    """One mail at once, as plain text; what went wrong, empty when it went out. Call it outside any transaction.

    For what somebody waits for and nobody may read later: it is kept nowhere. With mail off it says `mail_off`.
    """
    way = channel()
    if way is None:
        return "mail_off"
    letter = EmailMultiAlternatives(
        subject=" ".join(subject.split()), body=text, from_email=formataddr((" ".join(sender.split()), way.sender)),
        to=[address], headers={"Auto-Submitted": "auto-generated"},
    )  # fmt: skip
    server = _server(way)
    try:
        return _send(server, letter)[0]
    finally:
        server.close()


def _server(way: Channel) -> EmailBackend:
    return EmailBackend(
        host=way.host, port=way.port, username=way.user, password=way.password, use_tls=way.security == "starttls",
        use_ssl=way.security == "tls", timeout=TIMEOUT, fail_silently=False,
    )  # fmt: skip


def _send(server: EmailBackend, letter: EmailMultiAlternatives) -> tuple[str, bool, bool]:
    """What went wrong (empty: nothing), whether for good, and whether the others have to wait too."""
    try:
        server.open()
    except smtplib.SMTPAuthenticationError:
        return "not_let_in", False, True
    except (OSError, smtplib.SMTPException):
        server.connection = None
        return "no_server", False, True
    try:
        server.send_messages([letter])
        return "", False, False
    except smtplib.SMTPRecipientsRefused as refused:
        code, answer = next(iter(refused.recipients.values()))
        return (*_refused(int(code), answer), False)
    except smtplib.SMTPSenderRefused as refused:
        return f"sender {refused.smtp_code}", False, True
    except smtplib.SMTPResponseException as refused:
        if refused.smtp_code == 421:
            _drop(server)
            return "for_now 421", False, True
        return (*_refused(refused.smtp_code, refused.smtp_error), False)
    except (OSError, smtplib.SMTPException):
        _drop(server)
        return "connection_lost", False, False


def _drop(server: EmailBackend) -> None:
    """Forgets a connection that broke; the next mail opens another."""
    if server.connection is not None:
        server.connection.close()
        server.connection = None


def _refused(code: int, answer: bytes | str) -> tuple[str, bool]:
    """The trouble of a refusal: our word and the status alone, since servers repeat the address in their words."""
    first = (answer.decode("ascii", "replace") if isinstance(answer, bytes) else str(answer)).partition(" ")[0]
    status = first if first.count(".") == 2 and first.replace(".", "").isdigit() else ""
    shown = f" {code} {status}".rstrip()
    if code < 500:
        return f"for_now{shown}", False
    words = (
        "no_mailbox"
        if status.startswith("5.1")
        else "mailbox_full"
        if status == "5.2.2"
        else "policy"
        if status.startswith("5.7")
        else "refused"
    )
    return f"{words}{shown}", True


def _note(one: Ready, trouble: str, final: bool, now: datetime) -> None:
    """The outcome of one mail; a claim that another process has retaken meanwhile is left to it."""
    mine = Mail.objects.filter(id=one.id, state=SENDING, attempts=one.attempts)
    if not trouble:
        mine.update(state=SENT, ended_at=now, trouble="")
    elif final:
        mine.update(state=FAILED, ended_at=now, trouble=trouble)
    elif one.attempts > len(WAITS):
        mine.update(state=GAVE_UP, ended_at=now, trouble=trouble)
    else:
        mine.update(state=WAITING, due_at=now + WAITS[one.attempts - 1], trouble=trouble)


def _put_back(ready: Sequence[Ready], due: datetime) -> None:
    """Mail that was claimed and not tried waits again, as if nobody had taken it."""
    for one in ready:  # at most a batch, and only when the server is away
        Mail.objects.filter(id=one.id, state=SENDING, attempts=one.attempts).update(
            state=WAITING, attempts=one.attempts - 1, due_at=due
        )


def _claim(way: Channel, now: datetime) -> list[Ready]:
    """Takes what is due, and what a killed process left behind; drops what is not wanted any more; addresses are unsealed here."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE marketing_mail SET state = 'sending', attempts = attempts + 1, claimed_at = %s, due_at = %s WHERE tenant_id = %s AND id IN "
            "(SELECT id FROM marketing_mail WHERE tenant_id = %s AND state IN ('waiting', 'sending') AND due_at <= %s "
            " ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id",
            [now, now + RETAKEN, current_tenant(), current_tenant(), now, BATCH],
        )
        taken = [row[0] for row in cursor.fetchall()]
    if not taken:
        return []
    mails = list(Mail.objects.filter(id__in=taken).order_by("id"))
    told = {one.id: one for one in Message.objects.filter(id__in=[mail.message_id for mail in mails])}
    everybody = [(one.audience, one.recipient) for one in told.values()]
    addresses, languages, home, by = sealed_addresses(everybody), _languages(everybody), house(), rules()
    unwanted = set(
        Preference.objects.filter(
            recipient__in=[one for _who, one in everybody], channel=MAIL, wanted=False
        ).values_list("audience", "recipient", "kind")
    )
    withdrawn = withdrawn_by([one for who, one in everybody if who == PROMOTER], consents.MAIL)
    ready = []
    for mail in mails:
        message = told.get(mail.message_id)
        if message is None or not by.mail or (message.audience, message.recipient, message.kind) in unwanted:
            _drop_mail(mail, "not_wanted" if by.mail else "mail_off", now)
            continue
        known, who = KINDS.get(message.kind), (message.audience, message.recipient)
        if known is not None and known.marketing and who[0] == PROMOTER and who[1] in withdrawn:
            _drop_mail(mail, "not_wanted", now)
            continue
        later = after_quiet(now, home.zone, by.quiet_from, by.quiet_until)
        if known is not None and known.marketing and later > now:
            Mail.objects.filter(id=mail.id).update(state=WAITING, attempts=mail.attempts - 1, due_at=later)
            continue
        if who not in addresses or known is None:
            _drop_mail(mail, "no_address", now)
            continue
        try:
            address = unseal(addresses[who])
        except ValueError:
            _drop_mail(mail, "unreadable", now)
            continue
        ready.append(
            Ready(
                mail.id,
                mail.attempts,
                letter_of(way, home, mail.id, message, address, languages.get(who) or home.language, now),
            )
        )
    return ready


def _drop_mail(mail: Mail, trouble: str, now: datetime) -> None:
    Mail.objects.filter(id=mail.id).update(state=DROPPED, ended_at=now, trouble=trouble)


def _languages(recipients: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """The language somebody chose for the pages, by recipient."""
    logins = Login.objects.filter(tenant_id=current_tenant(), is_active=True).exclude(language="")
    found = {
        (PROMOTER, int(row[0] or 0)): row[1]
        for row in logins.filter(member_id__in=[one for who, one in recipients if who == PROMOTER]).values_list(
            "member_id", "language"
        )
    }
    return found | {
        (LOGIN, row[0]): row[1]
        for row in logins.filter(id__in=[one for who, one in recipients if who == LOGIN]).values_list("id", "language")
    }


def letter_of(
    way: Channel, home: House, mail_id: int, message: Message, address: str, language: str, now: datetime
) -> EmailMultiAlternatives:
    """The mail of a message: text and HTML, in one language, with nothing that is loaded from elsewhere."""
    known = KINDS[message.kind]
    token = make_token(home.id, message.audience, message.recipient, message.kind)
    portal = message.audience == PROMOTER
    with translation.override(language), timezone.override(home.zone):
        said = say(message.kind, message.data, home.currency)
        page: dict[str, Any] = {
            "language": "zh-Hans" if language.startswith("zh") else language,
            "house": home.name,
            "title": said.title,
            "text": said.text,
            "button": said.button,
            "href": f"{way.site}{reverse(said.link)}",
            "choose": f"{way.site}{reverse('portal:message_choices' if portal else 'console:message_choices')}",
            "end": f"{way.site}{reverse('unsubscribe', args=[token])}",
            "marketing": known.marketing,
        }
        headers = {
            "Message-ID": f"<{outside('eml', mail_id)}@{way.sender.rpartition('@')[2]}>",
            "Date": format_datetime(now.astimezone(home.zone)),
            "Auto-Submitted": "auto-generated",
        }
        if known.marketing:
            headers |= {
                "List-Unsubscribe": f"<{page['end']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "List-ID": f"{known.code} <{known.code}.{way.sender.rpartition('@')[2]}>",
            }
        letter = EmailMultiAlternatives(
            subject=_("%(title)s · %(tenant)s") % {"title": said.title, "tenant": " ".join(home.name.split())},
            body=_plain(page),
            from_email=formataddr((" ".join(home.name.split()), way.sender)),
            to=[address],
            headers=headers,
        )
        letter.attach_alternative(render_to_string("messages/mail.html", page), "text/html")
    return letter


def _plain(page: Mapping[str, Any]) -> str:
    """The text part, in the active language."""
    lines = [page["title"], "", page["text"], "", f"{page['button']}: {page['href']}", "", "-- ", page["house"]]
    lines.append(_("Choose what you are told by e-mail: %(address)s") % {"address": page["choose"]})
    if page["marketing"]:
        lines.append(_("Not again by e-mail: %(address)s") % {"address": page["end"]})
    return "\n".join(lines) + "\n"
