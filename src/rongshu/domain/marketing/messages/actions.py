from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from rongshu.domain.marketing.messages.channel import channel
from rongshu.domain.marketing.messages.kinds import KINDS, TEST
from rongshu.domain.marketing.messages.models import (
    APP,
    CHANNELS,
    FAILED,
    GAVE_UP,
    LOGIN,
    MAIL,
    PROMOTER,
    WAITING,
    Address,
    Mail,
    Message,
    Preference,
    Rules,
)
from rongshu.domain.marketing.messages.queries import rules
from rongshu.domain.marketing.messages.quiet import after_quiet
from rongshu.domain.members.consents import purposes as consents
from rongshu.kernel import bulk
from rongshu.kernel.actor import Actor
from rongshu.kernel.audit.actions import record
from rongshu.kernel.errors import conflict, invalid, missing
from rongshu.kernel.ids import new_id, new_ids
from rongshu.kernel.secrets import seal
from rongshu.kernel.tenancy.queries import house
from rongshu.kernel.tenancy.scope import current_tenant

KEPT_MESSAGES, KEPT_MAIL = timedelta(days=400), timedelta(days=180)
_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;]+")

_REACHED = {
    PROMOTER: "EXISTS (SELECT 1 FROM members_member a WHERE a.tenant_id = %s AND a.id = g.recipient AND a.email IS NOT NULL)",
    LOGIN: "EXISTS (SELECT 1 FROM marketing_address a WHERE a.tenant_id = %s AND a.login_id = g.recipient)",
}


def tell(
    *,
    kind: str,
    recipients: Sequence[int],
    about: Sequence[int],
    data: Sequence[Mapping[str, Any]],
    at: datetime,
) -> int:
    """Tells each recipient of what stands beside it in `about` and `data`; how many were told. One statement, whatever the number.

    What was told before is not told again. By e-mail it goes to whoever has an address and wants it that way, unless mail is off.
    A marketing kind goes by no channel by which a member took back the consent to offers; who gave it by e-mail wants it by e-mail
    where they did not say otherwise of the kind.
    """
    if not len(recipients):
        return 0
    known, tenant, by = KINDS[kind], current_tenant(), rules()
    audience = PROMOTER if known.permission is None else LOGIN
    mail_is_on = by.mail and channel() is not None
    due = after_quiet(at, house().zone, by.quiet_from, by.quiet_until) if known.marketing else at
    app = "true" if known.fixed else f"coalesce(p.wanted, {known.app})"
    wants_mail = f"coalesce(m.wanted, {known.mail and not known.marketing})"
    said = ""
    if known.marketing and audience == PROMOTER:
        app = f"({app} AND coalesce(ca.given, true))"
        wants_mail = "(coalesce(m.wanted, cm.given, false) AND coalesce(cm.given, true))"
        said = "".join(
            f"  LEFT JOIN members_consent_now {alias} ON {alias}.tenant_id = g.tenant_id AND {alias}.member_id = g.recipient "
            f"AND {alias}.purpose = '{purpose}' "
            for alias, purpose in (("ca", consents.APP), ("cm", consents.MAIL))
        )
    mail = f"({wants_mail} AND {_REACHED[audience]})" if mail_is_on else "(false AND %s IS NULL)"
    count = len(recipients)
    with bulk.cursor() as cursor:
        cursor.execute(
            "WITH given AS (SELECT r.*, %s::bigint AS tenant_id FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) "
            "  AS r (id, mail_id, recipient, about, data)), "
            f"chosen AS (SELECT g.*, {app} AS in_app, {mail} AS by_mail FROM given g "
            "  LEFT JOIN marketing_preference p ON p.tenant_id = %s AND p.audience = %s AND p.recipient = g.recipient AND p.kind = %s AND p.channel = 'app' "
            "  LEFT JOIN marketing_preference m ON m.tenant_id = %s AND m.audience = %s AND m.recipient = g.recipient AND m.kind = %s AND m.channel = 'mail' "
            f"{said}), "
            "told AS (INSERT INTO marketing_message (tenant_id, id, audience, recipient, kind, about, at, data, in_app) "
            "  SELECT %s, id, %s, recipient, %s, about, %s, data::jsonb, in_app FROM chosen WHERE in_app OR by_mail "
            "  ON CONFLICT (tenant_id, audience, recipient, kind, about) DO NOTHING RETURNING id), "
            "posted AS (INSERT INTO marketing_mail (tenant_id, id, message_id, state, attempts, due_at, trouble) "
            "  SELECT %s, c.mail_id, c.id, 'waiting', 0, %s, '' FROM chosen c JOIN told t ON t.id = c.id WHERE c.by_mail) "
            "SELECT count(*) FROM told",
            [
                tenant, bulk.int8s(new_ids(count)), bulk.int8s(new_ids(count)), bulk.int8s(recipients), bulk.int8s(about),
                bulk.texts([json.dumps(one) for one in data]), tenant, tenant, audience, kind, tenant, audience, kind,
                tenant, audience, kind, at, tenant, due,
            ],
        )  # fmt: skip
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def mark_seen(*, audience: int, recipient: int, now: datetime, upto: int | None = None) -> int:
    """Marks everything in a recipient's inbox as seen, up to the message `upto`; how many. Seen before: nothing happens."""
    rows = Message.objects.filter(audience=audience, recipient=recipient, in_app=True, seen_at=None)
    if upto is not None:
        rows = rows.filter(id__lte=upto)
    return int(rows.update(seen_at=now))


def open_message(*, identifier: int, audience: int, recipient: int, now: datetime) -> Message:
    """One's own message, marked as seen. Raises `missing` for somebody else's too."""
    found = Message.objects.filter(id=identifier, audience=audience, recipient=recipient).first()
    if found is None:
        raise missing("unknown_message", "There is no such message.")
    Message.objects.filter(id=identifier, seen_at=None).update(seen_at=now)
    return found  # type: ignore[no-any-return]


def prefer(*, audience: int, recipient: int, wanted: Mapping[tuple[str, str], bool], by: Actor, now: datetime) -> None:
    """What a recipient wants by (kind, channel). What is always shown cannot be turned off: it is left as it is."""
    rows = [
        Preference(
            tenant_id=current_tenant(),
            audience=audience,
            recipient=recipient,
            kind=kind,
            channel=one,
            wanted=yes,
            at=now,
        )
        for (kind, one), yes in sorted(wanted.items())
        if kind in KINDS and one in CHANNELS and not (one == APP and KINDS[kind].fixed)
    ]
    if not rows:
        return
    Preference.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["tenant_id", "audience", "recipient", "kind", "channel"],
        update_fields=["wanted", "at"],
    )
    record(
        "messages.preferred",
        subject=str(recipient),
        by=by,
        now=now,
        off=[f"{r.kind}/{r.channel}" for r in rows if not r.wanted],
    )


def unsubscribe(*, audience: int, recipient: int, kind: str, now: datetime) -> None:
    """Ends a kind by e-mail, by the link in a mail; again: nothing happens."""
    if kind in KINDS:
        prefer(
            audience=audience,
            recipient=recipient,
            wanted={(kind, MAIL): False},
            by=Actor("link", "unsubscribe"),
            now=now,
        )


def keep_address(*, login_id: int, email: str, by: Actor, now: datetime) -> None:
    """The address a login of the team is written to; empty: none. Raises `invalid` for one that is none."""
    email = email.strip()
    if not email:
        Address.objects.filter(login_id=login_id).delete()
    elif len(email) > 254 or not _EMAIL.fullmatch(email):
        raise invalid("bad_email", "An e-mail address looks like name@example.com.", at="email")
    else:
        Address.objects.update_or_create(
            tenant_id=current_tenant(), login_id=login_id, defaults={"email": seal(email), "at": now}
        )
    record("messages.address_kept" if email else "messages.address_removed", subject=str(login_id), by=by, now=now)


def set_rules(*, mail: bool, quiet_from: int, quiet_until: int, by: Actor, now: datetime) -> None:
    """Whether the tenant sends mail, and its quiet hours. Raises `invalid` for hours that no day has."""
    if not (0 <= quiet_from <= 23 and 0 <= quiet_until <= 23):
        raise invalid("bad_hour", "An hour is a number from 0 to 23.", at="quiet_from")
    Rules.objects.update_or_create(
        tenant_id=current_tenant(), defaults={"mail": mail, "quiet_from": quiet_from, "quiet_until": quiet_until}
    )
    record("messages.rules_set", subject="messages", by=by, now=now, mail=mail, quiet=[quiet_from, quiet_until])


def send_test(*, login_id: int, by: Actor, now: datetime) -> None:
    """A test mail to a login's own address, by the same way as every other. Raises `conflict` while mail is off or there is no address."""
    if channel() is None or not rules().mail:
        raise conflict("mail_off", "Mail is off; see what is missing below.")
    if not Address.objects.filter(login_id=login_id).exists():
        raise conflict("no_address", "Give your e-mail address first.")
    prefer(audience=LOGIN, recipient=login_id, wanted={(TEST, MAIL): True}, by=by, now=now)
    tell(kind=TEST, recipients=[login_id], about=[new_id()], data=[{}], at=now)


def try_again(*, identifier: int, by: Actor, now: datetime) -> None:
    """Puts a mail that did not go back in the queue. Raises `missing`, `conflict` for one that is on its way or was sent."""
    changed = Mail.objects.filter(id=identifier, state__in=(FAILED, GAVE_UP)).update(
        state=WAITING, attempts=0, due_at=now, ended_at=None
    )
    if not changed:
        if not Mail.objects.filter(id=identifier).exists():
            raise missing("unknown_mail", "There is no such mail.")
        raise conflict("mail_not_ended", "It is on its way, or was sent already.")
    record("mail.tried_again", subject=str(identifier), by=by, now=now)


def forget_promoter(*, promoter_id: int) -> None:
    """Everything told to a promoter, mails of it on their way, and what they chose. No audit of its own: it is part of the caller's write."""
    theirs = Message.objects.filter(audience=PROMOTER, recipient=promoter_id)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM marketing_mail d USING marketing_message m WHERE d.tenant_id = %s AND m.tenant_id = d.tenant_id "
            "AND m.id = d.message_id AND m.audience = %s AND m.recipient = %s",
            [current_tenant(), PROMOTER, promoter_id],
        )
    theirs.delete()
    Preference.objects.filter(audience=PROMOTER, recipient=promoter_id).delete()


def forget_old_messages(*, now: datetime, limit: int = 5000) -> int:
    """Forgets up to `limit` messages older than 400 days, and mails that ended more than 180 days ago; how many."""
    gone: int = 0
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM marketing_mail WHERE tenant_id = %s AND id IN (SELECT d.id FROM marketing_mail d JOIN marketing_message m "
            "ON m.tenant_id = d.tenant_id AND m.id = d.message_id WHERE d.tenant_id = %s AND (d.ended_at < %s OR m.at < %s) LIMIT %s)",
            [current_tenant(), current_tenant(), now - KEPT_MAIL, now - KEPT_MESSAGES, limit],
        )
        gone += int(cursor.rowcount)
        cursor.execute(
            "DELETE FROM marketing_message WHERE tenant_id = %s AND id IN "
            "(SELECT id FROM marketing_message WHERE tenant_id = %s AND at < %s ORDER BY at LIMIT %s)",
            [current_tenant(), current_tenant(), now - KEPT_MESSAGES, limit],
        )
        gone += int(cursor.rowcount)
    return gone
