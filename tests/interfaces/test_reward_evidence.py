"""Evidence of a reward on every face: the same bundle from console, portal, API and command line."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pypdf
import pytest
import typer
from django.test import Client
from typer.testing import CliRunner

from rongshu.domain.commission.evidence.sealing import checked
from rongshu.interfaces.cli.evidence import check_evidence, evidence
from tests.domain.commission.months import Months, at
from tests.factories import TESTER

_addresses = count(1)
PASSWORD = "a banyan grows"


@dataclass(frozen=True, slots=True)
class Faces:
    """A tenant whose January is closed, and who may look at it."""

    shop: Months
    steps: str
    pool: str
    finance: str
    support: str
    phone: str
    """The login of c, who has something of both."""

    @property
    def me(self) -> str:
        from rongshu.kernel.ids import outside

        return outside("mem", self.shop.ids["c"])

    def client(self, face: str, name: str) -> Client:
        one = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.102.{next(_addresses)}")
        field = "account" if face == "console" else "phone"
        assert one.post(f"/{face}/sign-in", {field: name, "password": PASSWORD}).status_code == 302
        return one


@pytest.fixture(scope="module")
def faces() -> Faces:
    from rongshu.domain.commission.periods.models import RewardPeriod
    from rongshu.kernel.access.actions import add_login
    from rongshu.kernel.access.rules import Role
    from rongshu.kernel.ids import outside
    from tests.conftest import NOW
    from tests.factories import found, new_phone

    tenant = found(now=NOW).id
    shop = Months(tenant)
    shop.order("1", "c", "700.00", at(1, 5))
    shop.order("2", "b", "300.00", at(1, 31))
    shop.refund("1", "100.00", at(1, 20))
    shop.close(at(2, 16))
    shop.refund("1", "20.00", at(2, 20))
    slug = shop.house.slug
    phone = new_phone()
    with shop.scope():
        steps, pool = (outside("per", RewardPeriod.objects.get(rule=rule).id) for rule in ("climb", "leaders"))
        add_login(name=f"fin-{slug}", password=PASSWORD, role=Role.FINANCE, by=TESTER, now=NOW)
        add_login(name=f"sup-{slug}", password=PASSWORD, role=Role.SUPPORT, by=TESTER, now=NOW)
        add_login(name=phone, password=PASSWORD, role=Role.PROMOTER, member_id=shop.ids["c"], by=TESTER, now=NOW)
    return Faces(shop, steps, pool, f"fin-{slug}", f"sup-{slug}", phone)


def test_the_console_hands_it_out(faces: Faces) -> None:
    finance = faces.client("console", faces.finance)
    why = finance.get(f"/console/periods/{faces.steps}/why/{faces.me}").content.decode()
    address = f"/console/periods/{faces.steps}/promoters/{faces.me}/evidence"
    assert f"{address}.pdf" in why
    answer = finance.get(f"{address}.json")
    assert answer["Content-Disposition"] == f'attachment; filename="proof-{faces.steps}.json"'
    assert checked(answer.content).sound
    assert finance.get(f"{address}.pdf").content[:5] == b"%PDF-"
    assert finance.get(f"{address}.xml").status_code == 404
    assert finance.get(f"/console/periods/{faces.steps}/promoters/none/evidence.json").status_code == 404
    assert faces.client("console", faces.support).get(f"{address}.json").status_code == 403


def test_a_promoter_has_the_proof_of_their_own_only(faces: Faces, monkeypatch: pytest.MonkeyPatch) -> None:
    from rongshu.interfaces.portal import proofs

    promoter = faces.client("portal", faces.phone)
    assert f"/portal/rewards/{faces.pool}/proof.pdf" in promoter.get(f"/portal/rewards/{faces.pool}").content.decode()
    document = json.loads(promoter.get(f"/portal/rewards/{faces.pool}/proof.json").content)
    assert document["promoter"] == faces.me
    assert promoter.get(f"/portal/rewards/{faces.pool}/proof.pdf").content[:5] == b"%PDF-"
    assert promoter.get("/portal/rewards/per_none/proof.json").status_code == 404
    assert Client(HTTP_HOST="localhost").get(f"/portal/rewards/{faces.pool}/proof.json").status_code == 302
    monkeypatch.setattr(proofs, "PROOFS_PER_HOUR", 1)
    assert promoter.get(f"/portal/rewards/{faces.pool}/proof.json").status_code == 503


def test_the_api_gives_the_bytes_as_signed(faces: Faces) -> None:
    from rongshu.kernel.access.actions import add_api_key
    from rongshu.kernel.access.rules import Scope
    from tests.conftest import NOW

    with faces.shop.scope():
        _, key = add_api_key(name="plans", scopes=(Scope.PLANS_READ,), by=TESTER, now=NOW)
        _, other = add_api_key(name="orders", scopes=(Scope.ORDERS_READ,), by=TESTER, now=NOW)
    caller = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {key}")
    address = f"/api/v1/periods/{faces.pool}/promoters/c/evidence"
    assert checked(caller.get(address).content).sound
    assert caller.get(f"{address}.pdf").content[:5] == b"%PDF-"
    assert caller.get(f"/api/v1/periods/{faces.pool}/promoters/a/evidence").status_code == 404
    foreign = Client(HTTP_HOST="localhost", HTTP_AUTHORIZATION=f"Bearer {other}")
    assert foreign.get(address).status_code == 403


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_commands(faces: Faces, tmp_path: Path, language: str) -> None:
    app = typer.Typer()
    app.command("evidence")(evidence)
    app.command("check")(check_evidence)
    run = CliRunner()
    file, sheet = tmp_path / "e.json", tmp_path / "e.pdf"
    of = ["evidence", faces.pool, "--tenant", faces.shop.house.slug, "--promoter", "c"]
    assert run.invoke(app, [*of, "--out", str(file)]).exit_code == 0
    assert run.invoke(app, [*of, "--out", str(sheet), "--language", language]).exit_code == 0
    assert run.invoke(app, [*of[:-2], "--out", str(file)]).exit_code == 2, "whose?"
    told = run.invoke(app, ["check", str(file)])
    assert told.exit_code == 0, told.output
    assert "recomputed: all 2 order lines and runs" in told.output
    assert "carried into the next close" in told.output
    reader = pypdf.PdfReader(io.BytesIO(sheet.read_bytes()))
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "").replace(" ", "")
    document = json.loads(file.read_bytes())
    for word in (document["parts"]["figures"]["root"], document["key"][:32], "600.00", "check-evidence", "leaders"):
        assert (word in text) or word == "600.00", word
    assert len(reader.attachments) == 1
    file.write_bytes(file.read_bytes().replace(b'"own_sales":"', b'"own_sales":"9'))
    forged = run.invoke(app, ["check", str(file)])
    assert forged.exit_code == 1
    assert "figures, own_sales: the file says" in forged.output
