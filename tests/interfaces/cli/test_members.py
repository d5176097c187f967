"""Members from files and as files, from the command line."""

from __future__ import annotations

import csv
import json
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rongshu.domain.members.profiles.queries import find_member
from rongshu.interfaces.cli.application import application
from rongshu.kernel.audit.models import AuditEntry
from rongshu.kernel.secrets import unseal
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import found

TEXT = "编号,电话,称呼,备注,市场短信\nC1,+86 139 2222 0001,张三,甲,是\nC2,12,李四,乙,否\n"
MAPPED = ["--map", "市场短信=consent:marketing_sms", "--source", "paper forms", "--day", "2026-01-05"]


@pytest.fixture
def house(now: datetime) -> House:
    return found(now=now)


def run(house: House, command: str, *words: object) -> Result:
    return CliRunner().invoke(application, ["member", command, house.slug, *(str(word) for word in words)])


def test_a_file_is_tried_brought_in_and_again_changes_nothing(house: House, tmp_path: Path) -> None:
    path, wrong = tmp_path / "a.csv", tmp_path / "wrong.csv"
    path.write_bytes(TEXT.encode("gb18030"))
    assert run(house, "bring", path, "--map", "nothing=phone").exit_code == 2
    tried = run(house, "bring", path, *MAPPED, "--dry-run", "--json")
    assert (tried.exit_code, json.loads(tried.stdout)) == (
        1, {"new": 1, "updated": 0, "same": 0, "wrong": 1, "rows": 2, "dry_run": True},
    )  # fmt: skip
    with tenant_scope(house.id):
        assert not AuditEntry.objects.filter(action="members.imported").exists()
    done = run(house, "bring", path, *MAPPED, "--wrong", wrong)
    assert "1 new, 0 changed, 0 as they were, 1 not taken" in done.stdout and "line 3" in done.stderr
    rows = list(csv.reader(wrong.open(encoding="utf-8")))
    assert rows[1][0] == "3" and "6 to 15 digits" in rows[1][1] and rows[1][2] == "C2"
    assert "0 new, 0 changed, 1 as they were" in run(house, "bring", path, *MAPPED).stdout
    with tenant_scope(house.id):
        assert unseal(find_member("C1").phone) == "13922220001"


def test_members_are_taken_out(house: House, tmp_path: Path) -> None:
    path, taken = tmp_path / "a.csv", tmp_path / "taken.csv"
    path.write_text("id,phone,name,province\nC1,13922220001,张三,广东\nC2,13922220002,李四,北京\n", encoding="utf-8")
    assert run(house, "bring", path).exit_code == 0
    assert run(house, "export", taken, "--full").exit_code == 2, "in full needs a reason"
    assert "1 members" in run(house, "export", taken, "--region", "CN-GD").stdout
    rows = list(csv.DictReader(taken.open(encoding="utf-8-sig")))
    assert [(row["external_id"], row["phone"], row["name"]) for row in rows] == [("C1", "139****0001", "张**")]
    assert run(house, "export", taken, "--full", "--reason", "moving house").exit_code == 0
    assert run(house, "bring", taken, "--json").exit_code == 2, "its consents have to be stated, or passed over"
    over = [word for code in ("service", "marketing_sms", "marketing_mail", "marketing_wechat", "marketing_app", "profiling",
            "sharing_inviter") for word in ("--map", f"consent:{code}=")]  # fmt: skip
    assert json.loads(run(house, "bring", taken, *over, "--json").stdout)["same"] == 2, (
        "what was taken out in full can be brought in"
    )
