"""`rongshu simulate`: files in, files out, and every refusal with its file, line and column."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from rongshu.interfaces.cli.simulate import simulate

PLAN = """
name: try
currency: CNY
levels: {1: {rate: 10%}, 2: {rate: 3%}}
overrides:
  - {id: flat, level: 1, when: {sku: [A100]}, fixed: "5.00"}
boosts:
  - {id: wechat, when: {channel: wechat}, add: 1%}
caps: {promoter_day: "12.00"}
"""
PROMOTERS = "promoter_id,inviter_id\nM1,\nM2,M1\n"
HEAD = "order_id,line_no,buyer_id,promoter_id,sku,category,qty,paid,cost,paid_at"
ORDERS = f"""{HEAD},channel
O2,1,Z,M2,A1,beauty,1,100.00,,2026-03-01T12:00:00+08:00,wechat
O1,2,Z,M2,A100,,2,20,,2026-03-01T04:00:00Z,
O1,1,Z,M2,A1,beauty/lips,1,9.99,,2026-03-01T04:00:00.000Z,
O3,1,Z,,A1,beauty,1,100.00,,2026-03-02T12:00:00+08:00,
"""
REFUNDS = "refund_id,order_id,line_no,amount,refunded_at\n"


class Desk:
    """A folder with the files of a simulation, and the command run on them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.out = folder / "out.csv"
        self.write(plan=PLAN, orders=ORDERS, promoters=PROMOTERS, refunds=REFUNDS)

    def write(self, **files: str | bytes) -> None:
        for name, text in files.items():
            path = self.folder / (f"{name}.yaml" if name == "plan" else f"{name}.csv")
            path.write_bytes(text if isinstance(text, bytes) else text.encode())

    def run(self, *more: str) -> Any:
        app = typer.Typer()
        app.command()(simulate)
        given = [f"--{name}={self.folder / name}.csv" for name in ("orders", "promoters", "refunds", "out")]
        given += [f"--{name}={path}" for name in ("ranks", "used") if (path := self.folder / f"{name}.csv").exists()]
        return CliRunner().invoke(app, [f"--plan={self.folder / 'plan.yaml'}", *given, *more])

    def refusals(self, **files: str | bytes) -> list[str]:
        self.write(**files)
        result = self.run()
        assert result.exit_code == 2, result.output
        assert not self.out.exists()
        return [line.removeprefix(f"{self.folder}/") for line in result.stderr.splitlines()]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_result_is_written_to_the_last_column(desk: Desk) -> None:
    desk.write(refunds=REFUNDS + "R1,O2,1,50.00,2026-03-09T00:00:00Z\n" * 2 + "R2,O1,1,9.99,2026-03-08T00:00:00Z\n")
    result = desk.run(f"--summary={desk.folder / 's.json'}")
    assert result.exit_code == 0, result.output
    assert desk.out.read_text() == (
        "order_id,line_no,kind,level,beneficiary_id,rule,base,ppm,before_caps,amount,reversed\n"
        "O1,1,level,1,M2,level-1,9.99,100000,1.00,1.00,1.00\n"
        "O1,1,level,2,M1,level-2,9.99,30000,0.30,0.30,0.30\n"
        "O1,2,level,1,M2,flat,20.00,,10.00,10.00,0.00\n"
        "O1,2,level,2,M1,level-2,20.00,30000,0.60,0.60,0.00\n"
        "O2,1,level,1,M2,level-1+wechat,100.00,110000,11.00,1.00,0.50\n"
        "O2,1,level,2,M1,level-2+wechat,100.00,40000,4.00,4.00,2.00\n"
    )
    summary = json.loads((desk.folder / "s.json").read_text())
    assert summary == {
        "orders": 3, "lines": 4, "rows": 6, "currency": "CNY", "paid": "229.99",
        "accrued": {"level": {"1": "12.00", "2": "4.90"}, "differential": {}, "peer": {}},
        "accrued_total": "16.90", "cut_by_caps": "10.00", "reversed": "3.80", "earners": 2,
        "top_1_percent_share": 0.710059, "gini": 0.210059,
        "cost_ratio": [
            {"category": "", "paid": "20.00", "accrued": "10.60", "ratio": 0.53},
            {"category": "beauty", "paid": "200.00", "accrued": "5.00", "ratio": 0.025},
            {"category": "beauty/lips", "paid": "9.99", "accrued": "1.30", "ratio": 0.13013},
        ],
        "steps": [], "pools": [],
    }  # fmt: skip
    assert not list(desk.folder.glob(".*"))


def test_steps_and_pools_are_summed_up_by_period(desk: Desk) -> None:
    desk.write(
        plan=PLAN
        + """
steps:
  - {id: monthly, period: month, bands: [{from: "20.00", rate: 1%}, {from: "100.00", rate: 2%}]}
pools:
  - {id: house, period: quarter, share: 1%, split: equal}
""",
        refunds=REFUNDS + "R1,O2,1,4.99,2026-05-09T00:00:00Z\n",
        orders=ORDERS + "O4,1,Z,M1,A1,,1,30.00,,2026-04-01T00:00:00+08:00,\n",
    )
    summary = json.loads(desk.run("--json").stdout)
    spring = {"id": "monthly", "period": "2026-03", "from": "2026-03-01", "to": "2026-04-01"}
    assert summary["steps"] == [
        # M2: 9.99 + 20.00 + 95.01 = 125.00; 80.00 at 1% and 25.00 at 2%
        {**spring, "own_sales": "125.00", "total": "1.30", "promoters_paid": 1, "promoters": {"M2": "1.30"}},
        {
            "id": "monthly", "period": "2026-04", "from": "2026-04-01", "to": "2026-05-01", "own_sales": "30.00",
            "total": "0.10", "promoters_paid": 1, "promoters": {"M1": "0.10"},
        },
    ]  # fmt: skip
    # 225.00 of March in all, with what is credited to nobody; an odd unit goes to the first by id
    quarter = {"id": "house", "period": "2026-Q1", "from": "2026-01-01", "to": "2026-04-01"}
    assert summary["pools"][0] == {
        **quarter, "net_base": "225.00", "fund": "2.25", "total": "2.25", "promoters_paid": 2,
        "promoters": {"M1": "1.13", "M2": "1.12"},
    }  # fmt: skip
    assert "house, 2026-Q1: 2.25 for 2 promoters" in desk.run().stdout


def test_the_summary_can_be_printed_as_json(desk: Desk) -> None:
    assert json.loads(desk.run("--json").stdout)["orders"] == 3


def test_quotes_blank_lines_marks_and_line_ends_are_read(desk: Desk) -> None:
    plain = desk.run()
    expected = desk.out.read_bytes()
    rows = list(csv.reader(ORDERS.splitlines()))
    quoted = "\r\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).replace("\r\n", "\r\n\r\n", 2)
    desk.write(orders=b"\xef\xbb\xbf" + quoted.encode(), promoters=PROMOTERS.replace("\n", "\r\n"))
    again = desk.run()
    assert (plain.exit_code, again.exit_code) == (0, 0), again.output
    assert desk.out.read_bytes() == expected


def test_nothing_is_a_readable_input(desk: Desk) -> None:
    desk.write(orders=HEAD + "\n", promoters="promoter_id,inviter_id\n")
    assert desk.run().exit_code == 0
    assert desk.out.read_text().count("\n") == 1


def order(**fields: str) -> str:
    usual = ("O9", "1", "Z", "M2", "A1", "beauty", "1", "100.00", "", "2026-03-01T12:00:00+08:00")
    row = dict(zip(HEAD.split(","), usual, strict=True))
    return ",".join((row | fields).values())


@pytest.mark.parametrize(
    ("fields", "column", "reason"),
    [
        ({"order_id": ""}, "order_id", "the field is empty"),
        ({"line_no": "1.0"}, "line_no", '"1.0" is not a whole number'),
        ({"line_no": "-1"}, "line_no", "-1 is too small; the least is 0"),
        ({"qty": "0"}, "qty", "0 is too small; the least is 1"),
        ({"qty": "99999999999"}, "qty", "99999999999 is too big; the most is 1000000000"),
        ({"paid": ""}, "paid", "the field is empty"),
        ({"paid": "-1"}, "paid", "-1 is too small; the least is 0.00"),
        ({"paid": "1.001"}, "paid", "1.001 has more decimals than CNY, which has 2"),
        ({"paid": "1e3"}, "paid", '"1e3" is not an amount; write a decimal like 5.00'),
        ({"paid": "10000000000.01"}, "paid", "10000000000.01 is too large; the most is 10000000000.00"),
        ({"cost": "x"}, "cost", '"x" is not an amount; write a decimal like 5.00'),
        ({"promoter_id": "M7"}, "promoter_id", '"M7" is no promoter of the promoters file'),
        ({"paid_at": "2026-03-01T12:00:00"}, "paid_at",
         '"2026-03-01T12:00:00" has no time zone; write it like 2026-05-01T08:00:00+08:00'),
        ({"paid_at": "2026-02-30T12:00:00Z"}, "paid_at",
         '"2026-02-30T12:00:00Z" is not a time; write it like 2026-05-01T08:00:00+08:00'),
        ({"paid_at": "yesterday"}, "paid_at", '"yesterday" is not a time; write it like 2026-05-01T08:00:00+08:00'),
    ],
)  # fmt: skip
def test_a_wrong_field_is_refused_at_its_place(desk: Desk, fields: dict[str, str], column: str, reason: str) -> None:
    orders = "\n".join([HEAD, order(order_id="O8"), order(**fields), ""])
    assert desk.refusals(orders=orders) == [f"orders.csv, line 3, column {column}: {reason}"]


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ({"promoters": "promoter_id,inviter_id\nM2,\nM2,\n"},
         'promoters.csv, line 3, column promoter_id: "M2" is given in an earlier line already'),
        ({"promoters": PROMOTERS + "M3,M9\n"},
         'promoters.csv, line 4, column inviter_id: "M9" is no promoter of this file'),
        ({"promoters": PROMOTERS + "M3,M3\n"},
         'promoters.csv, line 4, column inviter_id: "M3" is given as the own inviter'),
        ({"promoters": PROMOTERS + "M3,M4\nM4,M3\n"},
         'promoters.csv, line 4, column inviter_id: the inviters of "M3" go in a circle'),
        ({"promoters": "promoter_id,inviter_id,active_from,active_to\nM2,,2026-02-01T00:00:00Z,2026-01-01T00:00:00Z\n"},
         "promoters.csv, line 2, column active_to: the end is not after active_from"),
        ({"promoters": "promoter_id\nM2\n"},
         "promoters.csv, line 1, column inviter_id: the column is missing in the header"),
        ({"promoters": ""}, "promoters.csv, line 1: the file is empty; its first line must be promoter_id,inviter_id"),
        ({"promoters": b"promoter_id,inviter_id\nM1,\nM2,M1\n\xff,\n"},
         "promoters.csv, line 4: the line is not UTF-8 text"),
        ({"promoters": "promoter_id,inviter_id\nM1,\nM2\n"},
         "promoters.csv, line 3: the line has 1 fields, the header has 2"),
        ({"promoters": "promoter_id,inviter_id\nM1,\nM2,M1,\n"},
         "promoters.csv, line 3: the line has 3 fields, the header has 2"),
        ({"orders": f"{HEAD},price\n"},
         f"orders.csv, line 1, column price: the column is not known; known are {HEAD.replace(',', ', ')}, "
         "tier, channel, store, region, order"),
        ({"orders": f"{HEAD},cost\n"}, "orders.csv, line 1, column cost: the column is named twice in the header"),
        ({"orders": f"{HEAD}\n{order()}\n{order()}\n"},
         'orders.csv, line 3, column line_no: line 1 of order "O9" is given in an earlier line already'),
        ({"orders": f"{HEAD}\n{order()}\n{order(line_no='2', buyer_id='Y')}\n"},
         'orders.csv, line 3, column buyer_id: differs from the first line of order "O9"'),
        ({"orders": HEAD + "\n" + order(sku='"two\nlines"') + "\n" + order(line_no="2", qty="x") + "\n"},
         'orders.csv, line 4, column qty: "x" is not a whole number'),
        ({"orders": f'{HEAD}\n{order(sku=chr(34) + "open")}\n'},
         "orders.csv, line 2: the line cannot be read: unexpected end of data"),
        ({"refunds": REFUNDS + "R1,O7,1,1.00,2026-03-01T00:00:00Z\n"},
         'refunds.csv, line 2, column order_id: "O7" is no order of the orders file'),
        ({"refunds": REFUNDS + "R1,O1,7,1.00,2026-03-01T00:00:00Z\n"},
         'refunds.csv, line 2, column line_no: order "O1" has no line 7'),
        ({"refunds": REFUNDS + "R1,O1,1,0.00,2026-03-01T00:00:00Z\n"},
         "refunds.csv, line 2, column amount: 0.00 is too small; the least is 0.01"),
        ({"refunds": REFUNDS + "R1,O1,1,1.00,2026-03-01T00:00:00Z\nR1,O1,1,2.00,2026-03-01T00:00:00Z\n"},
         'refunds.csv, line 3, column refund_id: refund "R1" of this order line is given in an earlier line, '
         "and differs"),
        (
            {"plan": PLAN + "steps: [{id: s, bands: []}]\n"},
            "plan.yaml: steps[0].bands: the list is empty; name at least one, or leave the key out",
        ),
    ],
)  # fmt: skip
def test_files_that_do_not_agree_are_refused(desk: Desk, files: dict[str, Any], refusal: str) -> None:
    assert desk.refusals(**files) == [refusal]


RANKS = "promoter_id,since,rank,before\n"
USED = "promoter_id,period,used\n"


def test_ranks_count_from_their_instant_and_days_in_the_zone(desk: Desk) -> None:
    """M2 is gold from 12:00 (+08:00) of March 1 on, until the beginning of March 2; M1 held silver before the first change."""
    desk.write(
        plan="name: r\ncurrency: CNY\nlevels: {1: {rate: 1%}, 2: {rate: 1%}}\n"
        "boosts: [{id: g, when: {rank: gold}, add: 1%}]\n",
        promoters="promoter_id,inviter_id,rank\nM1,,\nM2,M1,gold\n",
        orders=HEAD
        + "".join(
            f"\nO{place},1,Z,M2,A1,,1,100.00,,{at}"
            for place, at in enumerate(
                (
                    "2026-03-01T11:59:59.999999+08:00",
                    "2026-03-01T12:00:00+08:00",
                    "2026-03-01T23:59:59+08:00",
                    "2026-03-02T00:00:00+08:00",
                )
            )
        )
        + "\n",
        ranks=RANKS + "M2,2026-03-02,,gold\nM2,2026-03-01T04:00:00Z,gold,\nM1,2026-03-02,silver,gold\n",
    )
    assert desk.run().exit_code == 0
    rows = list(csv.DictReader(desk.out.open()))
    assert [(row["order_id"], row["beneficiary_id"], row["amount"]) for row in rows] == [
        ("O0", "M2", "1.00"), ("O0", "M1", "2.00"), ("O1", "M2", "2.00"), ("O1", "M1", "2.00"),
        ("O2", "M2", "2.00"), ("O2", "M1", "2.00"), ("O3", "M2", "1.00"), ("O3", "M1", "1.00"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("used", "earned"),
    [
        ("", ["1.00", "10.00", "1.00"]),
        ("M2,2026-03-01,5.00\n", ["1.00", "6.00", "0.00"]),
        ("M2,2026-03,5.00\n", ["1.00", "10.00", "1.00"]),
        ("M2,2026-02-28,12.00\nM2,2026-02,90.00\nM1,2026-03-01,12.00\n", ["1.00", "10.00", "1.00"]),
        ("M2,2026-03,19.50\n", ["0.50", "0.00", "0.00"]),
        ("M2,2026-03-01,2.00\nM2,2026-03,12.00\n", ["1.00", "7.00", "0.00"]),
    ],
)
def test_what_was_used_before_counts_for_caps(desk: Desk, used: str, earned: list[str]) -> None:
    """Of a day 12.00, of a month 20.00; a month that is not given has what its days have."""
    desk.write(plan=PLAN.replace('"12.00"', '"12.00", promoter_month: "20.00"'), used=USED + used)
    assert desk.run().exit_code == 0
    rows = [row for row in csv.DictReader(desk.out.open()) if row["beneficiary_id"] == "M2"]
    assert [row["amount"] for row in rows] == earned


@pytest.mark.parametrize(
    ("files", "refusal"),
    [
        ({"ranks": RANKS + "M7,2026-03-01,gold,\n"},
         'ranks.csv, line 2, column promoter_id: "M7" is no promoter of the promoters file'),
        ({"ranks": RANKS + "M2,2026-02-30,gold,\n"},
         'ranks.csv, line 2, column since: "2026-02-30" is not a time; write it like 2026-05-01T08:00:00+08:00 or, for its '
         "beginning, a day like 2026-05-01"),
        ({"ranks": RANKS + "M2,2026-03-01T12:00,gold,\n"},
         'ranks.csv, line 2, column since: "2026-03-01T12:00" has no time zone; write it like 2026-05-01T08:00:00+08:00 or, '
         "for its beginning, a day like 2026-05-01"),
        ({"ranks": RANKS + "M2,,gold,\n"}, "ranks.csv, line 2, column since: the field is empty"),
        ({"ranks": RANKS + "M2,2026-03-02,gold,bronze\nM2,2026-03-01,silver,bronze\n"},
         'ranks.csv, line 2, column before: "bronze" is not what the change before this one gave, which is "silver"'),
        ({"ranks": "promoter_id,since\n"}, "ranks.csv, line 1, column rank: the column is missing in the header"),
        ({"used": USED + "M7,2026-03,1.00\n"},
         'used.csv, line 2, column promoter_id: "M7" is no promoter of the promoters file'),
        ({"used": USED + "M2,2026-13,1.00\n"},
         'used.csv, line 2, column period: "2026-13" is neither a day nor a month; write it like 2026-05-01 or 2026-05'),
        ({"used": USED + "M2,2026-03,\n"}, "used.csv, line 2, column used: the field is empty"),
        ({"used": USED + "M2,2026-03,-1.00\n"}, "used.csv, line 2, column used: -1.00 is too small; the least is 0.00"),
        ({"used": USED + "M2,2026-03,1.00\nM1,2026-03,1.00\nM2,2026-03,1.00\n"},
         'used.csv, line 4, column period: 2026-03 of "M2" is given in an earlier line already'),
        ({"used": USED + "M2,2026-03-01,1.00\nM2,2026-03-02,1.00\nM2,2026-03,1.99\n"},
         'used.csv, line 4, column used: 2026-03 of "M2" has less than its days, which are given too'),
    ],
)  # fmt: skip
def test_ranks_and_what_was_used_are_refused_at_their_place(desk: Desk, files: dict[str, Any], refusal: str) -> None:
    assert desk.refusals(**files) == [refusal]


def test_margin_needs_the_cost(desk: Desk) -> None:
    refusals = desk.refusals(plan=PLAN + "basis: margin\n")
    assert refusals == [f"orders.csv, line {line}, column cost: the field is empty" for line in (2, 3, 4, 5)]


def test_twenty_places_are_listed_and_the_rest_is_counted(desk: Desk) -> None:
    rows = [order(order_id=f"O{index}", qty="x") for index in range(50)]
    refusals = desk.refusals(orders="\n".join([HEAD, *rows]), promoters=PROMOTERS + "M2,\n" * 3)
    assert len(refusals) == 21
    assert refusals[-1] == "… and 30 more"


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../../etc/passwd"])
def test_an_unknown_zone_is_refused(desk: Desk, name: str) -> None:
    result = desk.run(f"--zone={name}")
    assert result.exit_code == 2
    assert "is not a time zone" in result.stderr


def test_a_file_that_is_not_there_is_refused(desk: Desk) -> None:
    (desk.folder / "orders.csv").unlink()
    result = desk.run()
    assert result.exit_code == 2
    assert "orders.csv, line 1: the file cannot be read: No such file or directory" in result.stderr


def test_a_failed_write_leaves_nothing_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device", str(target))

    monkeypatch.setattr(Path, "replace", refuse)
    result = desk.run()
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert not desk.out.exists() and not list(desk.folder.glob(".*"))


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("2026-03-01 12:00+08:00", True), ("2026-03-01T12:00:00.000001+0800", False), ("2026-02-28T23:00:00-05", True),
        ("2026-03-01T04:00:00z", True), ("2026-03-01T04:00:00+24:00", None), ("2026-03-01T24:00:00Z", None),
    ],
)  # fmt: skip
def test_forms_of_a_time(desk: Desk, text: str, same: bool | None) -> None:
    lines = [order(), order(line_no="2", paid_at=text)]
    desk.write(orders="\n".join([HEAD, *lines]))
    result = desk.run()
    if same:
        assert result.exit_code == 0, result.output
    else:
        word = "differs" if same is False else "is not a time"
        assert result.exit_code == 2 and word in result.stderr
