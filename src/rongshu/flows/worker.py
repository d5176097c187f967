"""The worker: works inboxes off, delivers events, does what the clock asks. Any number may run; each step is one transaction.

It asks for work five times a second when there is none, and takes what waits in one batch: a lone order alone, a flood by
thousands.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, connection

from rongshu.domain.commerce.inbox.queries import tenants_with_work
from rongshu.domain.marketing.messages.channel import channel
from rongshu.domain.marketing.messages.sending import send_mail, tenants_with_mail
from rongshu.domain.settlement.payouts.sending import pay_out, tenants_with_payments
from rongshu.domain.settlement.reconciliation.fetching import fetch_bills
from rongshu.flows.intake.work import work_off
from rongshu.flows.mailbox import send_asked
from rongshu.flows.table import CLOCK, EVENTS, Job
from rongshu.kernel.clock import utc_now
from rongshu.kernel.outbox.actions import deliver, tenants_with_events
from rongshu.kernel.tenancy.queries import every_house
from rongshu.kernel.tenancy.scope import tenant_scope

log = structlog.get_logger(__name__)

IDLE = 0.2
"""Seconds between two looks at an empty inbox."""
EVENTS_EVERY = 0.5
"""Seconds between two looks at the outbox."""
MAIL_EVERY = 1.0
"""Seconds between two looks at mail that is due."""
PAYMENTS_EVERY = 1.0
"""Seconds between two looks at payments that are due."""

BILLS_EVERY = 600.0
"""Seconds between two looks for bills of providers."""


class Worker:
    """One worker: six loops, so that a long recount keeps no order waiting. `run` returns soon after `stop` is set."""

    def __init__(self, stop: threading.Event, clock: Callable[[], datetime] = utc_now) -> None:
        self.stop = stop
        self._clock = clock
        self._due = {job.name: time.monotonic() + job.every.total_seconds() * 0.1 for job in CLOCK}

    def run(self) -> None:
        """Works until told to stop."""
        others = [
            threading.Thread(target=self._loop, args=(self.deliver_events, EVENTS_EVERY), name="events"),
            threading.Thread(target=self._loop, args=(self.follow_clock, 1.0), name="clock"),
            threading.Thread(target=self._loop, args=(self.send_mail, MAIL_EVERY), name="mail"),
            threading.Thread(target=self._loop, args=(self.pay_out, PAYMENTS_EVERY), name="payments"),
            threading.Thread(target=self._loop, args=(self.fetch_bills, BILLS_EVERY), name="bills"),
        ]
        for thread in others:
            thread.start()
        self._loop(self.empty_inboxes, IDLE)
        for thread in others:
            thread.join()

    def _loop(self, step: Callable[[], int], idle: float) -> None:
        """Repeats a step; `idle` seconds between two that found nothing to do.

        A database that is away is waited for: what was in hand waits again, nothing is lost.
        """
        pause = 0.5
        while not self.stop.is_set():
            try:
                if not step():
                    self.stop.wait(idle)
                pause = 0.5
            except (OperationalError, InterfaceError) as error:
                log.warning(
                    "the database is away; trying again", error=str(error).strip().split("\n")[0], seconds=pause
                )
                connection.close()
                self.stop.wait(pause)
                pause = min(pause * 2, 5)
            except Exception:
                log.exception("a step failed; going on")
                self.stop.wait(1)
        connection.close()

    def empty_inboxes(self) -> int:
        """Works off a batch of every tenant that has one; how many entries."""
        return sum(work_off(tenant, now=self._clock()) for tenant in tenants_with_work())

    def deliver_events(self) -> int:
        """Delivers up to a few hundred events of every tenant that has some; how many. Says 0 when the next look can wait."""
        delivered = 0
        for tenant in tenants_with_events():
            with tenant_scope(tenant):
                delivered += deliver(EVENTS, now=self._clock())
        return delivered if delivered > 20 else 0

    def send_mail(self) -> int:
        """Sends links that were asked for and a batch of every tenant's mail that is due; how many went out. A slow server keeps nothing else waiting."""
        if channel() is None:
            return 0
        return send_asked(now=self._clock()) + self._each(
            tenants_with_mail(self._clock()), lambda tenant: send_mail(tenant, now=self._clock(), clock=self._clock)
        )

    def pay_out(self) -> int:
        """Gives providers, or asks them for, the payments of every tenant that are due; how many. No transaction is open meanwhile."""
        now = self._clock()
        return self._each(tenants_with_payments(now), lambda tenant: pay_out(tenant, now=now, clock=self._clock))

    def fetch_bills(self) -> int:
        """Fetches the bills of providers that are due in every tenant, and reconciles; how many days. No transaction is open meanwhile."""
        tenants = [tenant.id for tenant in every_house()]
        return self._each(tenants, lambda tenant: fetch_bills(tenant, now=self._clock(), clock=self._clock))

    def _each(self, tenants: Iterable[int], work: Callable[[int], int]) -> int:
        """Does something for each tenant; how much was done. What goes wrong for one keeps no other waiting."""
        done = 0
        for tenant in tenants:
            try:
                done += work(tenant)
            except (OperationalError, InterfaceError):
                raise
            except Exception:
                log.exception("a tenant's work failed; going on with the others", tenant=tenant)
        return done

    def follow_clock(self) -> int:
        """Does the jobs that are due, for every tenant. A job that takes long is asked for less often; one that fails for a tenant
        keeps neither the other jobs nor the other tenants waiting, and is tried again when it is due next."""
        for job in CLOCK:
            if time.monotonic() < self._due[job.name]:
                continue
            started = time.monotonic()
            for tenant in every_house():
                try:
                    self._do(job, tenant.id)
                except (OperationalError, InterfaceError):
                    raise
                except Exception:
                    log.exception("a job failed for a tenant; going on", job=job.name, tenant=tenant.id)
            spent = time.monotonic() - started
            self._due[job.name] = time.monotonic() + max(job.every.total_seconds(), 10 * spent)
        return 0

    def _do(self, job: Job, tenant: int) -> None:
        more: object = True
        while more and not self.stop.is_set():
            with tenant_scope(tenant, snapshot=job.snapshot):
                more = job.work(now=self._clock()) and job.repeat
