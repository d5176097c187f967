"""pain.001 out, pain.002 in: each payment once, sums that agree, nothing believed that is not a report."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree import ElementTree

import pytest

from rongshu.domain.settlement.payouts.adapters.bank_file import Line
from rongshu.domain.settlement.payouts.adapters.bank_iso20022 import Payer, is_xml, read, write

NS = {"i": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"}


def test_the_message_names_every_payment_and_its_sum() -> None:
    lines = [
        Line("wdr1", "张三 & Söhne <x>", "6222", "工商银行", "960.00", "commission"),
        Line("wdr2", "李", "6223", "b", "0.10", "c"),
    ]
    payer = Payer("品牌", "1234", "招商银行")
    text = write(
        lines, payer=payer, message="bat1", currency="CNY", total="960.10", now=datetime(2026, 6, 10, tzinfo=UTC)
    )
    root = ElementTree.fromstring(text)
    assert root.find(".//i:GrpHdr/i:NbOfTxs", NS).text == "2"  # type: ignore[union-attr]
    assert [one.text for one in root.iterfind(".//i:CtrlSum", NS)] == ["960.10", "960.10"]
    assert [one.text for one in root.iterfind(".//i:EndToEndId", NS)] == ["wdr1", "wdr2"]
    assert [(one.text, one.get("Ccy")) for one in root.iterfind(".//i:InstdAmt", NS)] == [
        ("960.00", "CNY"),
        ("0.10", "CNY"),
    ]
    assert root.find(".//i:Cdtr/i:Nm", NS).text == "张三 & Söhne <x>"  # type: ignore[union-attr]


def report(*payments: tuple[str, str, str]) -> bytes:
    rows = "".join(
        f"<TxInfAndSts><OrgnlEndToEndId>{serial}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
        f"<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>{text}</AddtlInf></StsRsnInf></TxInfAndSts>"
        for serial, status, text in payments
    )
    return f'<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>{rows}</CstmrPmtStsRpt></Document>'.encode()


def test_a_report_says_what_ended_and_leaves_the_rest() -> None:
    content = report(("a", "ACSC", ""), ("b", "RJCT", "账户已注销"), ("c", "ACSP", ""), ("d", "RJCT", ""))
    found, wrong = read(content)
    assert is_xml(content) and wrong == []
    assert [(one.serial, one.paid, one.message) for one in found] == [
        ("a", True, "AC04"),
        ("b", False, "账户已注销"),
        ("d", False, "AC04"),
    ]


@pytest.mark.parametrize(
    "content",
    [b"<broken", b"<Document/>", b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>', report(("a", "ACSC", ""), ("a", "RJCT", ""))],
    ids=("broken", "empty", "entities", "twice"),
)  # fmt: skip
def test_what_is_no_report_is_refused(content: bytes) -> None:
    assert read(content)[1]
