"""Messages as both faces show them: the inbox, one opened, and what its reader wants to be told."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from rongshu.domain.marketing.messages.actions import open_message, prefer
from rongshu.domain.marketing.messages.kinds import KINDS
from rongshu.domain.marketing.messages.models import APP, MAIL, Message
from rongshu.domain.marketing.messages.queries import choices, inbox
from rongshu.domain.marketing.messages.words import say
from rongshu.interfaces.faces.cursors import pack, unpack
from rongshu.interfaces.faces.door import Visit
from rongshu.interfaces.faces.message_parts import ChoiceRow, MessageRow
from rongshu.interfaces.faces.parts import Cursor
from rongshu.kernel.errors import missing
from rongshu.kernel.ids import inside, outside

PAGE = 30


def page_of_messages(visit: Visit, audience: int, recipient: int) -> tuple[tuple[MessageRow, ...], Cursor]:
    """A page of the reader's inbox, latest first."""
    token = unpack(visit.request.GET.get("cursor", ""), 1)
    found = inbox(audience, recipient, after=None if token is None else token[0], limit=PAGE + 1)
    return _rows(found[:PAGE], visit.house.currency), Cursor(pack(found[PAGE - 1].id) if len(found) > PAGE else None)


def _rows(found: Sequence[Message], currency: str) -> tuple[MessageRow, ...]:
    rows = []
    for one in found:
        said = say(one.kind, one.data, currency)
        rows.append(MessageRow(outside("msg", one.id), said.title, said.text, one.at, one.seen_at is None))
    return tuple(rows)


def opened(visit: Visit, audience: int, recipient: int, text: str, otherwise: str) -> HttpResponse:
    """Marks a message as seen and goes where it leads. Raises `missing`."""
    identifier = inside("msg", text)
    if identifier is None:
        raise missing("unknown_message", "There is no such message.")
    found = open_message(identifier=identifier, audience=audience, recipient=recipient, now=visit.now)
    kind = KINDS.get(found.kind)
    return redirect(kind.link if kind is not None else otherwise)


def choice_rows(audience: int, recipient: int, role: str = "") -> tuple[ChoiceRow, ...]:
    """What the reader is told, kind by kind."""
    return tuple(
        ChoiceRow(
            one.kind.code, _(one.kind.name), one.app, one.mail, one.kind.fixed, not one.kind.app, one.kind.marketing
        )
        for one in choices(audience, recipient, role)
    )


def keep_choices(visit: Visit, audience: int, recipient: int, role: str = "") -> None:
    """Keeps the form of choices: what differs from what holds now."""
    ticked = set(visit.request.POST.getlist("wanted"))
    wanted = {}
    for one in choices(audience, recipient, role):
        for channel, now in ((APP, one.app), (MAIL, one.mail)):
            if channel == APP and (one.kind.fixed or not one.kind.app):
                continue
            yes = f"{one.kind.code}/{channel}" in ticked
            if yes != now:
                wanted[one.kind.code, channel] = yes
    prefer(audience=audience, recipient=recipient, wanted=wanted, by=visit.login.actor, now=visit.now)
