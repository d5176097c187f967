"""Evidence on every face: the same bundle from console, portal, API and command line, each to whom it may go."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer
from django.test import Client
from typer.testing import CliRunner

from rongshu.domain.commission.evidence.sealing import checked
from rongshu.interfaces.cli.evidence import check_evidence, evidence

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = count(1)


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


def client(shop: Shop, face: str, name: str) -> Client:
    from tests.e2e.shop import PASSWORD

    one = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.101.{next(_addresses)}")  # signing in is rate limited
    field = "account" if face == "console" else "phone"
    assert one.post(f"/{face}/sign-in", {field: name, "password": PASSWORD}).status_code == 302
    return one


def notes(shop: Shop) -> int:
    from rongshu.kernel.audit.models import AuditEntry
    from rongshu.kernel.tenancy.scope import tenant_scope

    with tenant_scope(shop.house.id):
        return int(AuditEntry.objects.filter(action="evidence.made").count())


def test_the_console_hands_it_out_and_notes_it(shop: Shop) -> None:
    operator = client(shop, "console", shop.support)
    page = operator.get(f"/console/orders/{shop.order}").content.decode()
    assert f"/console/orders/{shop.order}/evidence.pdf" in page
    before = notes(shop)
    answer = operator.get(f"/console/orders/{shop.order}/evidence.json")
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{shop.order}.json"'
    assert checked(answer.content).sound
    pdf = operator.get(f"/console/orders/{shop.order}/evidence.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert notes(shop) == before + 2
    assert operator.get(f"/console/orders/{shop.order}/evidence.xml").status_code == 404
    assert operator.get("/console/orders/none/evidence.json").status_code == 404


def test_a_promoter_has_the_proof_of_their_own_only(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongshu.interfaces.portal import proofs

    promoter = client(shop, "portal", shop.promoter)
    page = promoter.get(f"/portal/earnings/{shop.order}").content.decode()
    assert f"/portal/earnings/{shop.order}/proof.pdf" in page
    answer = promoter.get(f"/portal/earnings/{shop.order}/proof.json")
    found = checked(answer.content)
    assert found.sound
    document: Any = found.document
    assert document["promoter"] is not None
    assert document["parts"]["order"]["told_place"] == 1
    assert document["parts"]["order"]["buyer"] is None
    assert promoter.get(f"/portal/earnings/{shop.order}/proof.pdf").content[:5] == b"%PDF-"
    stranger = Client(HTTP_HOST="localhost")
    assert stranger.get(f"/portal/earnings/{shop.order}/proof.json").status_code == 302
    monkeypatch.setattr(proofs, "PROOFS_PER_HOUR", 2)
    before = notes(shop)
    assert promoter.get(f"/portal/earnings/{shop.order}/proof.json").status_code == 503
    assert notes(shop) == before


def test_the_api_gives_the_bytes_as_signed(shop: Shop) -> None:
    from rongshu.kernel.access.actions import add_api_key
    from rongshu.kernel.access.rules import Scope
    from rongshu.kernel.tenancy.scope import tenant_scope
    from tests.conftest import NOW
    from tests.factories import TESTER

    with tenant_scope(shop.house.id):
        _, key = add_api_key(name="erp", scopes=(Scope.ORDERS_READ,), by=TESTER, now=NOW)
        _, other = add_api_key(name="plans", scopes=(Scope.PLANS_READ,), by=TESTER, now=NOW)
    caller = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {key}")
    whole = caller.get(f"/api/v1/orders/{shop.ref}/evidence")
    assert checked(whole.content).sound
    assert json.loads(whole.content)["promoter"] is None
    proof = caller.get(f"/api/v1/orders/{shop.ref}/evidence?promoter=m2")
    assert json.loads(proof.content)["promoter"].startswith("mem_")
    assert caller.get(f"/api/v1/orders/{shop.ref}/evidence.pdf").content[:5] == b"%PDF-"
    assert caller.get("/api/v1/orders/none/evidence").status_code == 404
    assert caller.get(f"/api/v1/orders/{shop.ref}/evidence?promoter=m4").status_code == 404
    foreign = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {other}")
    assert foreign.get(f"/api/v1/orders/{shop.ref}/evidence").status_code == 403
    published = Client(HTTP_HOST="localhost").get("/.well-known/rongshu-evidence.json").json()
    assert checked(whole.content, key=published["keys"][0]["key"]).sound


def test_the_commands(shop: Shop, tmp_path: Path) -> None:
    app = typer.Typer()
    app.command("evidence")(evidence)
    app.command("check")(check_evidence)
    run = CliRunner()
    file, sheet = tmp_path / "e.json", tmp_path / "e.pdf"
    of = ["evidence", shop.ref, "--tenant", shop.house.slug]
    made = run.invoke(app, [*of, "--out", str(file)])
    assert made.exit_code == 0, made.output
    assert run.invoke(app, [*of, "--promoter", "m2", "--out", str(sheet), "--language", "en"]).exit_code == 0
    assert sheet.read_bytes()[:5] == b"%PDF-"
    assert run.invoke(app, [*of, "--out", str(tmp_path / "e.txt")]).exit_code == 2
    assert run.invoke(app, ["evidence", "none", "--tenant", shop.house.slug, "--out", str(file)]).exit_code == 2
    told = run.invoke(app, ["check", str(file), "--json"])
    assert (told.exit_code, json.loads(told.stdout)["sound"]) == (0, True)
    assert run.invoke(app, ["check", str(file), "--key", "00"]).exit_code == 1
    assert run.invoke(app, ["check", str(tmp_path / "none")]).exit_code == 2
    file.write_bytes(file.read_bytes().replace(b"beauty/cream", b"beauty/dream"))
    assert run.invoke(app, ["check", str(file)]).exit_code == 1


def test_the_check_needs_neither_database_nor_secrets(shop: Shop, tmp_path: Path) -> None:
    operator = client(shop, "console", shop.reader)
    file = tmp_path / "e.json"
    file.write_bytes(operator.get(f"/console/orders/{shop.order}/evidence.json").content)
    home = tmp_path / "home"
    done = subprocess.run(
        [sys.executable, "-m", "rongshu", "check-evidence", str(file)],
        env={"RONGSHU_HOME": str(home), "PATH": ""}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "recomputed: all" in done.stdout
    assert not home.exists()
