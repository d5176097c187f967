"""The withholding algorithms against worked vectors, and what must hold of any of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongshu.engine import tax
from rongshu.engine.money import format_units, parse_units

DAY = date(2026, 6, 30)
VECTORS = json.loads((Path(__file__).parent / "tax_vectors.json").read_text())
amounts = st.integers(0, 10**9)


def fen(text: str) -> int:
    return parse_units(text, "CNY")


def yuan(units: int) -> str:
    return format_units(units, "CNY")


def _by_month(paid: list[str], day: date = DAY) -> list[str]:
    withheld, total, out = 0, 0, []
    for one in map(fen, paid):
        total += one
        due = tax.labour_month(total, day) - withheld
        withheld += due
        out.append(yuan(due))
    return out


def _cumulative(months: list[str], policy: Any = "paid") -> list[str]:
    year, out = tax.Cumulative(), []
    for paid in map(fen, months):
        year, due = year.month(paid, DAY, gap_policy=policy)
        out.append(yuan(due))
    return out


def computed(algo: str, given: dict[str, Any]) -> dict[str, Any]:
    match algo:
        case "cn_labor_monthly":
            withheld = _by_month(given["paid_in_month"])
            net = sum(map(fen, given["paid_in_month"])) - sum(map(fen, withheld))
            return {"withhold": withheld, "net_total": yuan(net)}
        case "cn_labor_grossup":
            gross = tax.labour_gross(fen(given["net"]), DAY)
            return {"gross": yuan(gross), "tax": yuan(tax.labour_month(gross, DAY))}
        case "cn_platform_cumulative" if "monthly_income_by_year" in given:
            years = given["monthly_income_by_year"]
            return {"withhold_by_year": {year: _cumulative(months) for year, months in years.items()}}
        case "cn_platform_cumulative":
            return {"withhold": _cumulative(given["monthly_income"], given.get("gap_policy", "paid"))}
        case "cn_incidental":
            due = tax.incidental(fen(given["prize"]), DAY)
            return {"withhold": yuan(due), "net": yuan(fen(given["prize"]) - due)}
        case "cn_incidental_grossup":
            gross = tax.incidental_gross(fen(given["net"]), DAY)
            return {"gross": yuan(gross), "tax": yuan(tax.incidental(gross, DAY))}
        case "cn_labor_nonresident":
            due = tax.non_resident(fen(given["paid"]), DAY)
            return {"withhold": yuan(due), "net": yuan(fen(given["paid"]) - due)}
        case "cn_vat_per_transaction" | "cn_vat_platform_month":
            due = tax.vat(fen(given["gross"]), DAY, monthly=algo.endswith("month"))
            return {"sales_ex_vat": yuan(due.sales), "vat": yuan(due.vat), "surcharges": yuan(due.surcharges)}
        case "cn_platform_full_first_month" | "cn_nonplatform_full":
            platform = algo == "cn_platform_full_first_month"
            gross = fen(given["gross"])
            due = tax.vat(gross, DAY, monthly=platform)
            income = tax.Cumulative().month(due.sales, DAY)[1] if platform else tax.labour_month(due.sales, DAY)
            net = gross - due.vat - due.surcharges - income
            return {
                "vat": yuan(due.vat), "surcharges": yuan(due.surcharges), "iit": yuan(income), "net": yuan(net),
            }  # fmt: skip
        case "us_1099":
            before, out = 0, []
            for paid in map(fen, given["paid_2026"]):
                out.append(yuan(tax.us_backup(paid, before, DAY, has_tin=given["tin"])))
                before += paid
            return {"backup_withhold": out, "form_1099nec": tax.us_reported(before, DAY)}
        case "us_nra_us_source":
            return {"withhold": yuan(tax.us_non_resident(fen(given["paid"]), given["treaty_rate"]))}
        case "jp_art204_salesperson":
            return {"withhold": str(tax.jp_salesperson(int(given["paid_in_month"])))}
        case "kr_business_income":
            income, local = tax.kr_business(int(given["paid"]))
            return {"income_tax": str(income), "local_tax": str(local)}
    raise AssertionError(algo)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["id"] for vector in VECTORS])
def test_vector(vector: dict[str, Any]) -> None:
    assert computed(vector["algo"], vector["in"]) == vector["out"]


@given(amounts, st.integers(0, 10**7))
def test_more_pay_never_leaves_less(paid: int, more: int) -> None:
    assert paid - tax.labour_month(paid, DAY) <= paid + more - tax.labour_month(paid + more, DAY)


@given(amounts)
def test_the_gross_amount_is_the_smallest_that_leaves_the_net(net: int) -> None:
    gross = tax.labour_gross(net, DAY)
    assert gross - tax.labour_month(gross, DAY) >= net
    assert not gross or gross - 1 - tax.labour_month(gross - 1, DAY) < net


@given(st.lists(amounts, min_size=1, max_size=12))
def test_a_month_is_taxed_as_one_receipt_however_it_is_cut(payments: list[int]) -> None:
    withheld = _by_month([yuan(paid) for paid in payments])
    assert sum(map(fen, withheld)) == tax.labour_month(sum(payments), DAY)


@given(st.lists(amounts, min_size=1, max_size=12))
def test_a_year_of_a_platform_worker_never_pays_back_and_never_takes_all(months: list[int]) -> None:
    for policy in ("paid", "elapsed", "streak"):
        year = tax.Cumulative()
        for paid in months:
            year, due = year.month(paid, DAY, gap_policy=policy)  # type: ignore[arg-type]
            assert 0 <= due <= paid


def test_a_day_without_figures_is_said() -> None:
    with pytest.raises(tax.NoFigure):
        tax.vat(1000_00, date(2028, 1, 1))
