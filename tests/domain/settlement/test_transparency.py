"""Publications: everything owed is in them, each promoter can prove their own from a file, and nothing changed goes unseen."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from typer.testing import CliRunner

from rongshu.domain.settlement.policies.actions import set_policy
from rongshu.domain.settlement.transparency.actions import publish_balances, publish_monthly, set_openness
from rongshu.domain.settlement.transparency.models import Publication
from rongshu.domain.settlement.transparency.queries import (
    Openness,
    openness,
    proof_of,
    publication,
    transparency_findings,
)
from rongshu.domain.settlement.transparency.sealing import checked, digest_of, proof_file
from rongshu.domain.settlement.withdrawals.actions import cancel_withdrawal
from rongshu.engine.canonical import canonical_bytes
from rongshu.engine.withdrawals import Policy
from rongshu.interfaces.cli.application import application
from rongshu.kernel.ids import outside
from rongshu.kernel.signing import public_key
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.domain.settlement.test_cycles import people
from tests.domain.settlement.test_withdrawals import ANN, NOW, ask
from tests.factories import found

RUN = CliRunner()


def taken(tenant: int, promoter: int, number: int = 1) -> bytes:
    with tenant_scope(tenant):
        one = publication(number)
        proof = proof_of(promoter, one)
        assert proof is not None
        return proof_file(one.document, proof, outside("mem", promoter))


def test_everything_owed_is_in_it_and_each_proves_their_own(tenant: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rongshu.domain.settlement.transparency.actions.ROW", 4)
    amounts = [100_00 * (number + 1) for number in range(11)]
    them = people(tenant, amounts)
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=0), by=ANN, now=NOW)
        ask(them[3], 150_00)
        made = publish_balances(by=ANN, now=NOW)
        assert publish_balances(by=ANN, now=NOW + timedelta(minutes=5)).number == made.number, (
            "within an hour it is one"
        )
        assert made.document["totals"] == {
            "accrued": "6600.00", "paid": "0.00", "tax": "0.00", "fees": "0.00", "debts": "0.00", "owed": "6600.00",
            "available": "6450.00", "reserved": "150.00", "pending": "0.00",
        }  # fmt: skip
        assert made.document["promoters"] == 11 and made.document["previous"] is None
        assert [one.differences for one in transparency_findings()] == [0, 0]
        other = publish_balances(by=ANN, now=NOW + timedelta(hours=2))
        assert other.document["previous"] == digest_of(made.document)
        assert other.document["root"]["digest"] != made.document["root"]["digest"], "secrets of its own"
    fresh = canonical_bytes(made.document)
    for one, amount in zip(them, amounts, strict=True):
        told = checked(taken(tenant, one), publication=fresh, key=public_key().hex())
        assert told.sound and (told.amount, told.promoter) == (amount, outside("mem", one))
    assert checked(taken(tenant, them[0]), publication=canonical_bytes(other.document)).same is False
    second = taken(tenant, them[0], 2)
    assert checked(second, previous=fresh).sound
    assert checked(second, previous=canonical_bytes(other.document)).follows is False


@pytest.mark.parametrize(
    "change",
    [
        lambda file: file.update(amount="1"),
        lambda file: file.update(secret="00" * 32),
        lambda file: file["path"][0].update(sum="-100"),
        lambda file: file["path"][0].update(side="right" if file["path"][0]["side"] == "left" else "left"),
        lambda file: file["path"].pop(),
        lambda file: file["publication"]["root"].update(sum="100"),
        lambda file: file["publication"]["totals"].update(owed="1.00"),
        lambda file: file["publication"].update(as_of="2027-01-01T00:00:00+00:00"),
        lambda file: file["publication"].update(signature="00" * 64),
        lambda file: file["publication"].update(key="00" * 32),
    ],
)
def test_nothing_changed_goes_unseen(tenant: int, change: Callable[[dict[str, Any]], None], tmp_path: Path) -> None:
    them = people(tenant, [100_00, 200_00, 300_00])
    with tenant_scope(tenant):
        publish_balances(by=ANN, now=NOW)
    good = taken(tenant, them[1])
    file = json.loads(good)
    change(file)
    assert checked(good).sound
    assert not checked(canonical_bytes(file)).sound
    path = tmp_path / "proof.json"
    path.write_bytes(canonical_bytes(file))
    assert RUN.invoke(application, ["check-balance", str(path)]).exit_code == 1


def test_by_the_command_line_in_both_languages(tenant: int, tmp_path: Path) -> None:
    (one,) = people(tenant, [1234_56])
    with tenant_scope(tenant):
        made = publish_balances(by=ANN, now=NOW)
    proof, public = tmp_path / "proof.json", tmp_path / "publication.json"
    proof.write_bytes(taken(tenant, one))
    public.write_bytes(canonical_bytes(made.document))
    told = RUN.invoke(application, ["check-balance", str(proof), str(public), "--key", public_key().hex()])
    assert told.exit_code == 0 and "1234.56 CNY" in told.stdout and "✗" not in told.stdout
    told = RUN.invoke(application, ["check-balance", str(proof), "--language", "zh-hans"])
    assert told.exit_code == 0 and "应付总额 1234.56" in told.stdout
    assert json.loads(RUN.invoke(application, ["check-balance", str(proof), "--json"]).stdout)["sound"] is True
    public.write_bytes(b"{}")
    told = RUN.invoke(application, ["check-balance", str(public), "--language", "zh-hans"])
    assert told.exit_code == 1 and "不是余额证明文件" in told.stdout
    assert RUN.invoke(application, ["check-balance", str(proof), str(public)]).exit_code == 1
    assert RUN.invoke(application, ["check-balance", str(tmp_path / "none.json")]).exit_code == 2


def test_off_until_wanted_and_by_the_clock_once_a_month(tenant: int) -> None:
    people(tenant, [10_00])
    with tenant_scope(tenant):
        assert openness() == Openness() and publish_monthly(now=NOW) == 0
        set_openness(wanted=Openness(shown=True, monthly=True), by=ANN, now=NOW)
        assert [publish_monthly(now=NOW + timedelta(days=days)) for days in (0, 1, 25, 26)] == [1, 0, 1, 0]
        assert Publication.objects.count() == 2
    with tenant_scope(found(now=NOW).id):
        assert not Publication.objects.exists() and openness() == Openness()


def test_who_is_owed_nothing_has_no_leaf_and_a_stranger_neither(tenant: int) -> None:
    one, two = people(tenant, [10_00, 0])
    with tenant_scope(tenant):
        made = publish_balances(by=ANN, now=NOW)
        assert proof_of(one, made) is not None
        assert proof_of(two, made) is None and proof_of(two + 1, made) is None


def test_money_that_moves_between_books_meanwhile_is_in_it_once(tenant: int) -> None:
    them = people(tenant, [100_00] * 5)
    with tenant_scope(tenant):
        set_policy(rules=Policy(per_day=0), by=ANN, now=NOW)
    stop, moved, seen = threading.Event(), [], set()

    def move() -> None:
        """From available to reserved and back: a figure of another moment would count it twice, or not at all."""
        while not stop.is_set():
            with tenant_scope(tenant):
                asked = ask(them[0], 100_00)
            with tenant_scope(tenant):
                cancel_withdrawal(identifier=asked, promoter_id=them[0], by=ANN, now=NOW)
            moved.append(1)
        connection.close()

    mover = threading.Thread(target=move)
    mover.start()
    try:
        for hours in range(1, 40):
            with tenant_scope(tenant):
                made = publish_balances(by=ANN, now=NOW + timedelta(hours=hours))
            assert made.owed == 500_00
            seen.add(made.document["totals"]["reserved"])
    finally:
        stop.set()
        mover.join()
    assert moved and seen <= {"0.00", "100.00"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("document = jsonb_set(document, '{totals,paid}', '\"7.00\"')", 2),
        ("owed = owed + 1", 1),
        ("document = jsonb_set(document, '{previous}', '\"00\"')", 2),
    ],
)
def test_a_changed_publication_is_found(tenant: int, change: str, told: int) -> None:
    people(tenant, [10_00, 20_00])
    with tenant_scope(tenant):
        publish_balances(by=ANN, now=NOW)
        publish_balances(by=ANN, now=NOW + timedelta(hours=2))
        assert [one.differences for one in transparency_findings()] == [0, 0]
    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute(f"UPDATE settlement_publication SET {change} WHERE tenant_id = %s AND number = 2", [tenant])
    with tenant_scope(tenant):
        assert [one.differences for one in transparency_findings()] == [told, 0]


def test_what_was_changed_in_the_database_is_found(tenant: int) -> None:
    people(tenant, [10_00, 20_00])
    with tenant_scope(tenant):
        publish_balances(by=ANN, now=NOW)
    with psycopg.connect(os.environ["RONGSHU_OWNER_URL"], autocommit=True) as owner:
        owner.execute("SET session_replication_role = replica")
        owner.execute("UPDATE settlement_published_row SET sum = sum + 1 WHERE tenant_id = %s", [tenant])
    with tenant_scope(tenant):
        assert [one.differences for one in transparency_findings()] == [0, 2]
