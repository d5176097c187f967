"""A batch as ISO 20022: out as pain.001.001.09 (CustomerCreditTransferInitiation), back as pain.002 (CustomerPaymentStatusReport).

The standard is published at iso20022.org and taken by banks' corporate channels in most markets. Of pain.002 any version is read:
elements are found by their local names. `ACSC` and `ACCC` (settled) are paid, `RJCT` and `CANC` are not; every other status is
still under way and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from rongshu.domain.settlement.payouts.adapters.bank_file import Back, Line, Unreadable

_OUT = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
PAID, REFUSED = frozenset({"ACSC", "ACCC"}), frozenset({"RJCT", "CANC"})
MOST = 20_000_000


@dataclass(frozen=True, slots=True)
class Payer:
    """From whose account is paid."""

    name: str
    account: str
    bank: str


def write(lines: Sequence[Line], *, payer: Payer, message: str, currency: str, total: str, now: datetime) -> bytes:
    """The message to hand to the bank; `message` is its id (35 letters at most), `total` the sum of the amounts as a decimal."""
    parts = [
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<Document xmlns="{_OUT}"><CstmrCdtTrfInitn><GrpHdr><MsgId>{_text(message, 35)}</MsgId>'
        f"<CreDtTm>{now:%Y-%m-%dT%H:%M:%S}</CreDtTm><NbOfTxs>{len(lines)}</NbOfTxs><CtrlSum>{total}</CtrlSum>"
        f"<InitgPty><Nm>{_text(payer.name, 140)}</Nm></InitgPty></GrpHdr>"
        f"<PmtInf><PmtInfId>{_text(message, 35)}</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>{len(lines)}</NbOfTxs>"
        f"<CtrlSum>{total}</CtrlSum><ReqdExctnDt><Dt>{now:%Y-%m-%d}</Dt></ReqdExctnDt>"
        f"<Dbtr><Nm>{_text(payer.name, 140)}</Nm></Dbtr>{_account('DbtrAcct', payer.account)}{_agent('DbtrAgt', payer.bank)}"
    ]
    parts += [
        f"<CdtTrfTxInf><PmtId><EndToEndId>{_text(line.serial, 35)}</EndToEndId></PmtId>"
        f'<Amt><InstdAmt Ccy="{currency}">{line.amount}</InstdAmt></Amt>{_agent("CdtrAgt", line.bank)}'
        f"<Cdtr><Nm>{_text(line.name, 140)}</Nm></Cdtr>{_account('CdtrAcct', line.account)}"
        f"<RmtInf><Ustrd>{_text(line.purpose, 140)}</Ustrd></RmtInf></CdtTrfTxInf>"
        for line in lines
    ]
    parts.append("</PmtInf></CstmrCdtTrfInitn></Document>\n")
    return "".join(parts).encode()


def _text(value: str, most: int) -> str:
    return escape("".join(letter for letter in value if letter.isprintable())[:most])


def _account(tag: str, number: str) -> str:
    return f"<{tag}><Id><Othr><Id>{_text(number, 34)}</Id></Othr></Id></{tag}>"


def _agent(tag: str, bank: str) -> str:
    return f"<{tag}><FinInstnId><Nm>{_text(bank, 140)}</Nm></FinInstnId></{tag}>"


def is_xml(content: bytes) -> bool:
    """Whether a result file is XML at all."""
    return content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<")


def read(content: bytes) -> tuple[list[Back], list[Unreadable]]:
    """What a status report says of payments that have ended. A message with a document type is refused: it could name files."""
    if len(content) > MOST or b"<!DOCTYPE" in content or b"<!ENTITY" in content:
        return [], [Unreadable(1, "", "not_xml")]
    try:
        root = ElementTree.fromstring(content)  # noqa: S314 - no document type, so no entities
    except ElementTree.ParseError:
        return [], [Unreadable(1, "", "not_xml")]
    found: list[Back] = []
    wrong: list[Unreadable] = []
    seen: set[str] = set()
    blocks = [one for one in root.iter() if _local(one.tag) == "TxInfAndSts"]
    if not blocks:
        return [], [Unreadable(1, "", "not_xml")]
    for number, block in enumerate(blocks, 1):
        values = {_local(one.tag): (one.text or "").strip() for one in block.iter()}
        serial, status = values.get("OrgnlEndToEndId", ""), values.get("TxSts", "")
        if not serial:
            wrong.append(Unreadable(number, "OrgnlEndToEndId", "no_serial"))
        elif serial in seen:
            wrong.append(Unreadable(number, "OrgnlEndToEndId", "serial_twice", serial))
        elif not status:
            wrong.append(Unreadable(number, "TxSts", "unknown_status"))
        elif status in PAID or status in REFUSED:
            found.append(Back(serial, status in PAID, values.get("AddtlInf") or values.get("Cd", "")))
        seen.add(serial)
    return found, wrong


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]
