"""Runs and the calendar through the console's own pages: begun, looked at, started, worked off, approved; a bad calendar changes nothing."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from django.test import Client

from rongshu.domain.settlement.cycles.actions import work_on_runs
from rongshu.domain.settlement.cycles.models import SettlementRun
from rongshu.domain.settlement.holidays.models import Holiday
from rongshu.domain.settlement.policies.queries import policy
from rongshu.domain.settlement.withdrawals.models import Withdrawal
from rongshu.kernel.access.actions import add_login
from rongshu.kernel.access.rules import Role
from rongshu.kernel.clock import utc_now
from rongshu.kernel.ids import outside
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_cycles import people
from tests.factories import TESTER

PASSWORD = "a banyan grows"
RUNS = "/console/withdrawals/runs"


def signed_in(tenant: int, role: Role) -> Client:
    name = f"{role}{tenant}"
    with tenant_scope(tenant):
        add_login(name=name, password=PASSWORD, role=role, by=TESTER, now=utc_now())
    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"203.0.113.{tenant % 250}", headers={"accept-language": "en"})
    client.cookies["django_language"] = "en"
    assert client.post("/console/sign-in", {"account": name, "password": PASSWORD}).status_code == 302
    return client


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    words = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())))
    return re.sub(r"(?<=\d) (?=\.\d)", "", words)


def test_a_run_from_its_preview_to_its_withdrawals(tenant: int) -> None:
    finance, auditor = signed_in(tenant, Role.FINANCE), signed_in(tenant, Role.AUDITOR)
    people(tenant, [500_00, 50_00, 9_99], at=utc_now() - timedelta(days=1))
    assert auditor.post(RUNS).status_code == 403
    begun = finance.post(RUNS)
    address = begun["Location"]
    with tenant_scope(tenant):
        assert address == f"{RUNS}/{outside('run', SettlementRun.objects.get().id)}"
    shown = text_of(finance, address)
    assert "550.00" in shown and "Less than a run takes" in shown and "Start it" in shown
    assert "Start it" not in text_of(auditor, address)
    assert auditor.post(address, {"do": "start"}).status_code == 403
    assert finance.post(address, {"do": "start"}).status_code == 302
    assert "0 / 3" in text_of(finance, address)
    assert finance.post(f"{address}/stop").status_code == 302
    assert "Resume" in text_of(finance, address)
    finance.post(address, {"do": "start"})
    with tenant_scope(tenant):
        while work_on_runs(now=utc_now()):
            pass
        assert Withdrawal.objects.count() == 2
    done = text_of(finance, address)
    assert "Approve 1 that waits" in done and "Less than a run takes" in done
    assert "9.99" in text_of(finance, f"{address}?why=below_threshold")
    finance.post(address, {"do": "approve"})
    with tenant_scope(tenant):
        assert set(Withdrawal.objects.values_list("state", flat=True)) == {"approved"}
    assert "that waits" not in text_of(finance, address)
    assert "550.00" in text_of(finance, RUNS)
    assert finance.get(f"{RUNS}/run_0000000000000").status_code == 404


def test_the_calendar_is_set_whole_or_not_at_all(tenant: int) -> None:
    finance = signed_in(tenant, Role.FINANCE)
    address = "/console/withdrawals/holidays"
    wrong = finance.post(address, {"year": "2026", "days": "2026-10-01, off\n2026-10-99, off"})
    assert "line 2" in wrong.content.decode() and "2026-10-99, off" in wrong.content.decode()
    with tenant_scope(tenant):
        assert not Holiday.objects.exists()
    good = finance.post(address, {"year": "2026", "days": "2026-10-01, off, National Day\n2026-10-10 , working"})
    assert good["Location"] == f"{address}?year=2026"
    assert "2026-10-01, off, National Day" in html.unescape(finance.get(good["Location"]).content.decode())
    with tenant_scope(tenant):
        assert Holiday.objects.count() == 2


@pytest.mark.parametrize(
    ("cycle", "day"), [("weekly", {"cycle_weekday": "4"}), ("monthly", {"cycle_monthday": "15"}), ("request", {})]
)
def test_the_form_sets_the_cycle(tenant: int, cycle: str, day: dict[str, str]) -> None:
    finance = signed_in(tenant, Role.FINANCE)
    form = {
        "minimum": "10", "agreement": "1", "weekday": ["0"], "working_weekday": ["0", "5"], "cycle": cycle,
        "cycle_wait_days": "3", "threshold": "25.50", "undo_minutes": "15", "tax": "none", **day,
    }  # fmt: skip
    assert finance.post("/console/withdrawals/rules", form).status_code == 302
    with tenant_scope(tenant):
        found = policy()
    assert (found.cycle, found.cycle_wait_days, found.threshold, found.undo_minutes) == (cycle, 3, 25_50, 15)
    assert found.cycle_day == {"weekly": 4, "monthly": 15, "request": 0}[cycle]
    assert found.working_weekdays == (0, 5)
    page = finance.get("/console/withdrawals/rules").content.decode()
    assert f'value="{cycle}" selected' in page
