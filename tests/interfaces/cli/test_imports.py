"""`rongshu import`: files into a tenant, every refusal with its line, column and reason."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from rongshu.domain.commerce.orders.models import Order, OrderLine, Refund
from rongshu.domain.commission.rating.models import Commission
from rongshu.domain.members.profiles.models import Member
from rongshu.domain.members.profiles.queries import find_member
from rongshu.domain.referral.promoters.models import Promoter
from rongshu.flows.intake import bring
from rongshu.flows.intake.accept import accept_orders
from rongshu.interfaces.cli.imports import import_file
from rongshu.kernel.tenancy.queries import House
from rongshu.kernel.tenancy.scope import tenant_scope
from tests.factories import found

PLAN = """
name: p
currency: CNY
jurisdiction: CN
levels: {1: {rate: 10%}, 2: {rate: 3%}}
release: {after: completed, days: 7}
"""
HEAD = (
    "order_id,line_no,buyer,promoter,sku,category,qty,paid,cost,"
    "paid_at,completed_at,channel,store,region,tier,currency\n"
)
PROMOTERS = "external_id,inviter,rank,joined_at\nann,,,2025-01-01T00:00:00Z\nbob,ann,gold,2025-02-01T08:00:00+08:00\n"
AT = "2026-02-01T12:00:00+08:00"


def row(order: str, line: int | str = 1, paid: str = "100.00", **more: str) -> str:
    cells = {
        "order_id": order, "line_no": str(line), "buyer": "zoe", "promoter": "bob", "sku": f"S{line}",
        "category": "tea/green", "qty": "1", "paid": paid, "paid_at": AT, **more,
    }  # fmt: skip
    return ",".join(cells.get(name, "") for name in HEAD.strip().split(",")) + "\n"


class Desk:
    """A tenant, a folder, and the command run on its files."""

    def __init__(self, folder: Path, house: House) -> None:
        self.folder, self.house = folder, house

    def bring(self, kind: str, text: str | bytes, *more: str, name: str = "") -> Result:
        path = self.folder / (name or f"{kind}.csv")
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        app = typer.Typer()
        app.command()(import_file)
        return CliRunner().invoke(app, [kind, str(path), "--tenant", self.house.slug, *more])

    def counts(
        self, kind: str, text: str | bytes, *more: str, code: int = 0, name: str = ""
    ) -> tuple[int, int, int, int]:
        result = self.bring(kind, text, "--json", *more, name=name)
        assert result.exit_code == code, result.output
        told = json.loads(result.stdout)
        return told["rows"], told["accepted"], told["duplicates"], told["refused"]

    def refusals(self, kind: str, text: str | bytes, *, name: str = "") -> list[str]:
        """What is refused, as `line column: reason`, of the file that keeps it."""
        kept = self.folder / "refused.csv"
        result = self.bring(kind, text, "--refused", str(kept), name=name)
        assert result.exit_code == 1, result.output
        with kept.open(encoding="utf-8", newline="") as file:
            refused = list(csv.DictReader(file))
        for one in refused[:20]:
            assert one["reason"].replace("\t", "\\t") in result.stderr
        return [f"{one['line']} {one['column']}: {one['reason']}" for one in refused]

    def see(self, model: Any, **which: Any) -> list[Any]:
        with tenant_scope(self.house.id):
            return list(model.objects.filter(**which).order_by("pk"))

    def orders(self) -> dict[str, int]:
        return {order.external_id: order.paid for order in self.see(Order)}


@pytest.fixture
def desk(tmp_path: Path, now: datetime) -> Iterator[Desk]:
    from rongshu.domain.commission.plans.actions import publish_plan
    from tests.factories import TESTER

    house = found(now=now)
    with tenant_scope(house.id):
        publish_plan(text=PLAN, effective_from=datetime.fromisoformat("2025-01-01T00:00:00+08:00"), by=TESTER, now=now)
    desk = Desk(tmp_path, house)
    assert desk.counts("promoters", PROMOTERS) == (2, 2, 0, 0)
    yield desk


def test_orders_come_in_whole_and_are_rated(desk: Desk) -> None:
    more = {"cost": "12.5", "completed_at": "2026-02-09T00:00:00Z", "channel": "wechat", "currency": "CNY", "qty": "3"}
    text = HEAD + row("O1", 1, **more) + row("O1", 2, "0.55", **more) + row("O2", promoter="", buyer="")
    assert desk.counts("orders", text) == (3, 2, 0, 0)
    assert desk.orders() == {"O1": 10055, "O2": 10000}
    line = desk.see(OrderLine, line_no=1, sku="S1", qty=3)[0]
    assert (line.category, line.cost, line.paid) == ("tea/green", 1250, 10000)
    assert sorted(commission.amount for commission in desk.see(Commission)) == [2, 6, 300, 1000]


def test_again_is_a_duplicate_and_other_content_a_conflict(desk: Desk) -> None:
    text = HEAD + row("O1") + row("O2")
    assert desk.counts("orders", text) == (2, 2, 0, 0)
    assert desk.counts("orders", text) == (2, 0, 2, 0)
    assert desk.refusals("orders", HEAD + row("O1", paid="7.00") + row("O3")) == [
        "2 : api:O1 was accepted before with other content; nothing was changed."
    ]
    assert desk.orders() == {"O1": 10000, "O2": 10000, "O3": 10000}
    assert desk.counts("orders", text, "--source", "shop") == (2, 2, 0, 0)


def test_what_is_wrong_is_named_and_the_rest_accepted(desk: Desk) -> None:
    rows = [
        row("good"),
        row("O1", paid="1.5x"), row("O2", paid="1.005"), row("O3", paid="-1.00"), row("O4", paid=""),
        row("O5", paid_at="2026-02-01 12:00:00"), row("O6", paid_at="20260201"),
        row("O7", paid_at="2026-13-01T00:00:00Z"),
        row("O8", qty="two"), row("O9", qty="0"), row("O10", promoter="zoe"), row("O11", currency="USD"), row(" O12"),
        row("O13", 1), row("O13", 1), "O14,1\n", row("O15", buyer="x\ty"), row("O16", 1), row("O16", 2, buyer="other"),
        row("", 1), row("last"),
    ]  # fmt: skip
    assert desk.refusals("orders", HEAD + "".join(rows)) == [
        '3 paid: "1.5x" is not an amount; write a decimal like 5.00',
        "6 paid: the field is empty",
        '7 paid_at: "2026-02-01 12:00:00" has no time zone; write it like 2026-05-01T08:00:00+08:00',
        '8 paid_at: "20260201" is not a time; write it like 2026-05-01T08:00:00+08:00',
        '9 paid_at: "2026-13-01T00:00:00Z" is not a time; write it like 2026-05-01T08:00:00+08:00',
        '10 qty: "two" is not a whole number',
        '11 qty: "0": Input should be greater than or equal to 1',
        '14 order_id: " O12" has a character that is not accepted here',
        "17 : the line has 2 fields, the header has 16",
        '18 buyer: "x\ty" has a character that is not accepted here',
        '20 buyer: "other" is not "zoe", as line 19 of O16 says',
        "21 order_id: the field is empty",
        "4 paid: 1.005 has more decimals than CNY (2).",
        "5 paid: -1.00 is below 0; a refund is its own call.",
        "12 promoter: There is no promoter zoe; enrol them first.",
        "13 currency: The order is in USD and the tenant works in CNY.",
        "16 line_no: Line 1 is named twice.",
    ]
    assert desk.orders() == {"good": 10000, "last": 10000}


def test_an_order_in_two_places_is_not_taken_by_halves(desk: Desk) -> None:
    many = "".join(row("O4", line) for line in range(1, 2002))
    assert desk.refusals("orders", HEAD + many) == ["2 : it has 2001 lines; at most 2000 are accepted"]
    text = HEAD + row("O1", 1) + row("O2") + row("O1", 2) + row("O3")
    reason = "the rows of O1 do not stand together in the file; nothing of it was taken"
    assert desk.refusals("orders", text) == [f"2 order_id: {reason}", f"4 order_id: {reason}"]
    assert set(desk.orders()) == {"O2", "O3"}


def test_a_record_that_cannot_be_read_takes_its_order_with_it(desk: Desk) -> None:
    text = (
        HEAD
        + row("O1", 1)
        + "O1,2\n"
        + row("O2", 1)
        + "\n"
        + row("O2", 2)
        + '"O2"x,1\n'
        + row("O3", 1)
        + "O4,1\n"
        + row("O4", 2)
    )
    refused = desk.refusals("orders", text + row("O5"))
    assert [one.split(":")[0] for one in refused] == ["3 ", "2 ", "7 ", "4 ", "9 ", "8 ", "10 "]
    assert refused[1] == "2 : refused with line 3, which may be a part of it"
    assert desk.orders() == {"O5": 10000}


def test_files_as_spreadsheets_write_them(desk: Desk) -> None:
    text = HEAD + row("O1", category='"tea, ""best"""') + row("O2", category="茶")
    assert desk.counts("orders", b"\xef\xbb\xbf" + text.replace("\n", "\r\n").encode()) == (2, 2, 0, 0)
    assert [line.category for line in desk.see(OrderLine)] == ['tea, "best"', "茶"]
    few = "paid_at,sku,paid,order_id\n2026-02-01T04:00:00Z,S1,1,O3\n2026-02-01T04:00:00Z,S2,2,O3\n"
    assert desk.counts("orders", few) == (2, 1, 0, 0)
    assert desk.orders()["O3"] == 300
    wrong = desk.refusals("orders", (HEAD + row("O4", category="茶")).encode("gb18030"))
    assert wrong == ["2 category: the text is not UTF-8"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            HEAD.replace("paid_at", "paid_on") + row("O1"),
            ['the column paid_at is missing; the column "paid_on" is not known', "order_id,"],
        ),
        (HEAD.replace("tier", "store") + row("O1"), ["the column store is named twice"]),
        ("", ["the column order_id is missing"]),
        (HEAD.encode("utf-16"), ["is not UTF-8 text"]),
    ],
)
def test_another_header_is_no_import(desk: Desk, text: str | bytes, words: list[str]) -> None:
    result = desk.bring("orders", text)
    assert result.exit_code == 2
    for word in words:
        assert word in " ".join(result.stderr.split())
    assert desk.orders() == {}


def test_what_cannot_be_read_at_all(desk: Desk) -> None:
    assert desk.bring("orders", HEAD, name="orders.xlsx").exit_code == 2
    assert desk.bring("orders", HEAD, "--format", "csv", name="orders.txt").exit_code == 0
    assert desk.bring("orders", HEAD, "--refused", "/nowhere/r.csv").exit_code == 2
    (desk.folder / "orders.csv").unlink()
    app = typer.Typer()
    app.command()(import_file)
    assert CliRunner().invoke(app, ["orders", str(desk.folder / "orders.csv")]).exit_code == 2
    assert CliRunner().invoke(app, ["orders", str(desk.folder / "orders.txt"), "--tenant", "nobody"]).exit_code == 2


def test_ndjson_has_the_shapes_of_the_api(desk: Desk) -> None:
    good = {
        "id": "O1",
        "paid_at": AT,
        "buyer": "zoe",
        "promoter": "bob",
        "lines": [{"sku": "A", "paid": "10.00", "qty": 2}],
    }
    lines = [
        json.dumps(good), "", json.dumps({**good, "id": "O2", "source": "shop"}), "{",
        json.dumps({**good, "id": "O3", "coupon": 1}),
        json.dumps({**good, "id": "O4", "lines": [{"sku": "A", "paid": "10.00"}, {"sku": "A", "paid": "ten"}]}),
        json.dumps({**good, "id": "O5", "lines": [{"sku": "A", "paid": "10.001"}]}),
    ]  # fmt: skip
    refused = desk.refusals("orders", "\n".join(lines), name="orders.ndjson")
    assert refused[0].startswith("4 : Invalid JSON")
    assert refused[1:] == [
        "5 coupon: there is no such field",
        '6 lines.1.paid: "ten" is not an amount; write a decimal like 5.00',
        "7 lines.0.paid: 10.001 has more decimals than CNY (2).",
    ]
    assert [(order.source, order.external_id) for order in desk.see(Order)] == [("api", "O1"), ("shop", "O2")]


def test_a_dry_run_says_the_same_and_stores_nothing(desk: Desk) -> None:
    text = HEAD + row("O1") + row("O2", paid="x") + row("O3", promoter="nobody")
    assert desk.counts("orders", text, "--dry-run", code=1) == (3, 1, 0, 2)
    assert desk.counts("promoters", PROMOTERS + "cat,bob,,\n", "--dry-run") == (3, 1, 2, 0)
    assert desk.counts("members", "external_id\nnew\n", "--dry-run") == (1, 1, 0, 0)
    assert desk.orders() == {}
    assert {member.external_id for member in desk.see(Member)} == {"ann", "bob"}
    assert desk.counts("orders", text, code=1) == (3, 1, 0, 2)


def test_an_interrupted_import_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    text = HEAD + "".join(row(f"O{number}", line) for number in range(10) for line in (1, 2))
    monkeypatch.setattr(bring, "PART", 3)
    accept, calls = accept_orders, []

    def stops(**given: Any) -> Any:
        calls.append(len(given["orders"]))
        accepted = accept(**given)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return accepted

    monkeypatch.setattr("rongshu.flows.intake.bring.accept_orders", stops)
    result = desk.bring("orders", text)
    assert result.exit_code == 130
    assert "Stopped after 12 rows, 6 orders accepted" in result.stderr
    assert desk.counts("orders", text) == (20, 4, 6, 0)
    assert len(desk.orders()) == 10
    assert len(desk.see(OrderLine)) == 20


def test_refunds_and_statuses(desk: Desk) -> None:
    desk.counts("orders", HEAD + row("O1", 1) + row("O1", 2) + row("O2"))
    statuses = f"order_id,status,at\nO1,completed,{AT}\nO2,lost,{AT}\nO9,cancelled,{AT}\n"
    assert desk.refusals("statuses", statuses) == ["3 status: \"lost\": Input should be 'completed' or 'cancelled'"]
    assert desk.see(Order, external_id="O1")[0].completed_at is not None
    head = "refund_id,order_id,line_no,amount,refunded_at\n"
    good = f"{head}R1,O1,1,5.00,{AT}\nR1,O1,2,6.00,{AT}\n"
    assert desk.counts("refunds", good) == (2, 1, 0, 0)
    assert desk.counts("refunds", good, "--no-wait") == (2, 0, 1, 0)
    assert sorted(refund.amount for refund in desk.see(Refund)) == [500, 600]
    rows = ("R2,O1,7,1.00", "R3,O1,1,1.00", "R3,O1,2,0.00", "R4,O1,1,", "R5,O2,1,2.00", "R4,O1,2,1.00")
    bad = "".join(f"{one},{AT}\n" for one in rows)
    reason = "the rows of R4 do not stand together in the file; nothing of it was taken"
    assert desk.refusals("refunds", head + bad) == [
        f"5 refund_id: {reason}",
        f"7 refund_id: {reason}",
        "2 line_no: The order has no line 7.",
        "4 amount: A refund takes more than 0 from each line it names.",
    ]
    assert len(desk.see(Refund)) == 3


def test_members(desk: Desk) -> None:
    head = "external_id,phone,email,name,tier\n"
    good = head + "m1,13800001111,,王小明,gold\nm2,,m2@example.com,,\n,13800002222,,,\n"
    assert desk.counts("members", good) == (3, 3, 0, 0)
    with tenant_scope(desk.house.id):
        assert find_member("13800001111").external_id == "m1"
    assert desk.counts("members", head + "m1,13800001111,,王小明,gold\nm2,,,,\n") == (2, 0, 2, 0)
    bad = "m1,,,,silver\nm3,12,,,\nm4,,nobody,,\nm5,13800001111,,,\n,,,x,\nm6,,,,\n"
    assert desk.refusals("members", head + bad) == [
        "2 tier: the member m1 is known with another tier; nothing was changed",
        "3 phone: A phone number has 6 to 15 digits, perhaps with a + before them.",
        "4 email: An e-mail address looks like name@example.com.",
        "5 : There is already a member with this external id, phone or e-mail.",
        "6 external_id: Give at least one of external id, phone and e-mail.",
    ]
    assert desk.see(Member, external_id="m6")


def test_promoters_in_any_sequence(desk: Desk) -> None:
    head = "external_id,inviter,rank,joined_at\n"
    assert desk.counts("promoters", head + "eve,dan,,\ndan,bob,silver,2025-03-01T00:00:00Z\nann,,,\n") == (3, 2, 1, 0)
    with tenant_scope(desk.house.id):
        eve, dan = find_member("eve").id, find_member("dan").id
    assert desk.see(Promoter, id=eve)[0].inviter_id == dan
    bad = "a1,a2,,\na2,a1,,\na3,a3,,\na4,nobody,,\na5,,,2030-01-01T00:00:00Z\na6,a5,,\ndan,ann,,\nbob,ann,gold,\n"
    bad += "a7,,,\na7,,,\n"
    assert desk.refusals("promoters", head + bad) == [
        "11 : a7 stands in line 10 already",
        "6 joined_at: nobody has joined in the future yet",
        "2 inviter: the inviters of a1 go in a circle, or up to somebody who was refused",
        "3 inviter: the inviters of a2 go in a circle, or up to somebody who was refused",
        "4 inviter: the inviters of a3 go in a circle, or up to somebody who was refused",
        "5 inviter: nobody is no promoter, and none in this file that was accepted",
        "7 inviter: a5 is no promoter, and none in this file that was accepted",
        "8 inviter: dan is a promoter already, with another inviter; nothing was changed",
    ]
    ndjson = '{"member":"n2","inviter":"n1","rank":"gold"}\n'
    ndjson += '{"member":"n1","inviter":"eve","joined_at":"2026-01-01T00:00:00+08:00"}\n'
    assert desk.counts("promoters", ndjson, name="promoters.jsonl") == (2, 2, 0, 0)
