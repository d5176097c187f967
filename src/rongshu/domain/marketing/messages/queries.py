from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from rongshu.domain.marketing.messages.kinds import KINDS, TEST, Kind
from rongshu.domain.marketing.messages.models import (
    APP,
    LOGIN,
    MAIL,
    PROMOTER,
    Address,
    Mail,
    Message,
    Preference,
    Rules,
)
from rongshu.domain.members.profiles.models import Member
from rongshu.kernel.access.rules import may
from rongshu.kernel.secrets import masked, unseal
from rongshu.kernel.tenancy.scope import current_tenant


def rules() -> Rules:
    """How the tenant sends; the defaults where nothing was set."""
    return Rules.objects.first() or Rules(tenant_id=current_tenant())


def inbox(audience: int, recipient: int, *, after: int | None = None, limit: int = 30) -> list[Message]:
    """A recipient's messages, latest first."""
    rows = Message.objects.filter(audience=audience, recipient=recipient, in_app=True)
    if after is not None:
        rows = rows.filter(id__lt=after)
    return list(rows.order_by("-id")[:limit])


def count_unseen(audience: int, recipient: int, most: int = 100) -> int:
    """How many messages a recipient has not seen, counted up to `most`."""
    rows = Message.objects.filter(audience=audience, recipient=recipient, in_app=True, seen_at=None)
    return len(rows.order_by().values_list("id", flat=True)[:most])


@dataclass(frozen=True, slots=True)
class Choice:
    """What a recipient gets of a kind, by channel."""

    kind: Kind
    app: bool
    mail: bool


def choices(audience: int, recipient: int, role: str = "") -> list[Choice]:
    """Every kind a recipient can be told of, with what they chose; of the team's those their role is told of."""
    chosen: Mapping[tuple[str, str], bool] = {
        (row.kind, row.channel): row.wanted for row in Preference.objects.filter(audience=audience, recipient=recipient)
    }
    return [
        Choice(
            kind,
            kind.fixed or chosen.get((kind.code, APP), kind.app),
            chosen.get((kind.code, MAIL), kind.mail and not kind.marketing),
        )
        for kind in KINDS.values()
        if kind.code != TEST
        and (
            kind.permission is None
            if audience == PROMOTER
            else kind.permission is not None and may(role, kind.permission)
        )
    ]


def shown_address(audience: int, recipient: int) -> str:
    """The address mail goes to, masked; empty for none."""
    return shown_addresses([(audience, recipient)]).get((audience, recipient), "")


def shown_addresses(recipients: Sequence[tuple[int, int]]) -> dict[tuple[int, int], str]:
    """Masked addresses by (audience, recipient); whoever has none, or one no key opens, is left out."""
    found = {}
    for key, sealed in sealed_addresses(recipients).items():
        try:
            found[key] = masked(unseal(sealed))
        except ValueError:
            continue
    return found


def sealed_addresses(recipients: Sequence[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Addresses as they are kept, by (audience, recipient)."""
    promoters = [one for audience, one in recipients if audience == PROMOTER]
    logins = [one for audience, one in recipients if audience == LOGIN]
    found = {
        (PROMOTER, row[0]): bytes(row[1])
        for row in Member.objects.filter(id__in=promoters, email__isnull=False).values_list("id", "email")
    }
    found |= {
        (LOGIN, row[0]): bytes(row[1])
        for row in Address.objects.filter(login_id__in=logins).values_list("login_id", "email")
    }
    return found


@dataclass(frozen=True, slots=True)
class Delivery:
    """A mail with its message, for the log; `address` is masked."""

    mail: Mail
    message: Message
    address: str


def deliveries(state: str = "", *, after: int | None = None, limit: int = 50) -> list[Delivery]:
    """Mails, latest first; of one state when it is named."""
    rows = Mail.objects.filter(state=state) if state else Mail.objects.all()
    if after is not None:
        rows = rows.filter(id__lt=after)
    mails = list(rows.order_by("-id")[:limit])
    told = {one.id: one for one in Message.objects.filter(id__in=[mail.message_id for mail in mails])}
    shown = shown_addresses([(one.audience, one.recipient) for one in told.values()])
    return [
        Delivery(
            mail,
            told[mail.message_id],
            shown.get((told[mail.message_id].audience, told[mail.message_id].recipient), ""),
        )
        for mail in mails
        if mail.message_id in told
    ]


def last_sent() -> datetime | None:
    """When mail went out last."""
    return Mail.objects.filter(state="sent").order_by("-id").values_list("ended_at", flat=True).first()
