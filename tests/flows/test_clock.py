"""The jobs of the clock: each can do with a tenant that has nothing yet, and none keeps another waiting."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

import pytest

from rongshu.flows import worker
from rongshu.flows.table import CLOCK, Job
from rongshu.flows.worker import Worker
from rongshu.kernel.tenancy.scope import current_tenant, tenant_scope
from tests.factories import found


@pytest.mark.parametrize("job", CLOCK, ids=lambda job: str(job.name))
def test_a_tenant_without_anything_is_no_trouble(job: Job, tenant: int, now: datetime) -> None:
    for at in (now, now + timedelta(days=40)):
        more: object = True
        while more:
            with tenant_scope(tenant, snapshot=job.snapshot):
                more = job.work(now=at) and job.repeat


def test_a_job_that_fails_keeps_neither_tenants_nor_jobs_waiting(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    first, second = found(now=now).id, found(now=now).id
    done: list[tuple[str, int]] = []

    def fails(*, now: datetime) -> None:
        done.append(("fails", current_tenant()))
        raise ValueError("no")

    def works(*, now: datetime) -> None:
        done.append(("works", current_tenant()))

    monkeypatch.setattr(worker, "CLOCK", [Job("fails", timedelta(0), fails), Job("works", timedelta(0), works)])
    Worker(threading.Event(), clock=lambda: now).follow_clock()
    assert {(name, tenant) for name, tenant in done if tenant in (first, second)} == {
        (name, tenant) for name in ("fails", "works") for tenant in (first, second)
    }
