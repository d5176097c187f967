"""A real SMTP server on a port of its own, with the faults a test asks for."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Office:
    """What arrived, and what is done to the next mails: `answers` are taken from the front, empty ones let a mail in.

    `RCPT 550 …` answers to the recipient, `DATA 451 …` to the content, `DROP` keeps the mail and breaks the connection before the answer.
    """

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.arrived: list[EmailMessage] = []
        self.recipients: list[str] = []

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self.answers and self.answers[0].startswith("RCPT "):
            return self.answers.pop(0)[5:]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        fault = self.answers.pop(0) if self.answers else ""
        if fault.startswith("DATA "):
            return fault[5:]
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(letter, EmailMessage)
        self.arrived.append(letter)
        self.recipients.extend(envelope.rcpt_tos)
        if fault == "DROP":
            server.transport.close()
        return "250 OK"


@contextmanager
def office_open() -> Iterator[tuple[Office, int]]:
    """The office and its port."""
    office = Office()
    with socket.socket() as free:  # a free port: the controller wants one by number, since it calls itself
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(office, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield office, port
    finally:
        controller.stop()
