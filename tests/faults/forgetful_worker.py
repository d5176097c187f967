"""The negative control: a worker that takes from the inbox, commits, and only then works. What is killed between is lost."""

from __future__ import annotations

import signal
import threading
import time
from unittest import mock

HELD = 0.4
"""Seconds it takes its time between the two, so that the control does not hang on the speed of the machine."""


def main() -> None:
    """As `rongshu worker`, but forgetful."""
    from rongshu.kernel.boot import boot

    boot()
    from rongshu.domain.commerce.inbox import actions as inbox
    from rongshu.domain.commerce.inbox.queries import tenants_with_work
    from rongshu.flows.intake import work
    from rongshu.flows.worker import Worker
    from rongshu.kernel.clock import utc_now
    from rongshu.kernel.tenancy.scope import lock_background_writing, tenant_scope

    class Forgetful(Worker):
        def empty_inboxes(self) -> int:
            done = 0
            for tenant in tenants_with_work():
                with tenant_scope(tenant):
                    lock_background_writing()
                    items = inbox.take(entries=work.BATCH)
                # From here on they are nowhere but in this process.
                time.sleep(HELD if items else 0)
                with mock.patch.object(inbox, "take", lambda items=items, **_: items), tenant_scope(tenant):
                    done += work._work_off(work.BATCH, None, utc_now())
            return done

    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    Forgetful(stop).run()


if __name__ == "__main__":
    main()
