"""For development: the code stands in the server's log."""

from __future__ import annotations

from datetime import datetime

import structlog

from rongshu.kernel.secrets import masked

log = structlog.get_logger(__name__)


class LogAccount:
    """Sends nothing."""

    def send_code(self, phone: str, code: str, *, now: datetime) -> None:
        log.warning("no SMS in development: this would have been sent", phone=masked(phone), code=code)
