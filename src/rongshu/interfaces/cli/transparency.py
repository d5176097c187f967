"""`rongshu check-balance`: whether a balance is in a published total, from the files alone; needs no server and no database."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rongshu.interfaces.cli.output import as_json as print_json
from rongshu.interfaces.cli.output import fail, out

if TYPE_CHECKING:
    from rongshu.domain.settlement.transparency.sealing import Checked

DIFFERS = 1
"""Exit code of a proof that does not hold."""


def check_balance(
    file: Annotated[Path, typer.Argument(help="The proof, as the portal gives it (.json).")],
    publication: Annotated[
        Path | None, typer.Argument(help="The publication, as the public page gives it: is it the one in the proof?")
    ] = None,
    previous: Annotated[
        Path | None, typer.Option(help="The publication before, kept from then: is it the one that is named?")
    ] = None,
    key: Annotated[str | None, typer.Option(help="The public key it must be signed by (hex).")] = None,
    language: Annotated[str, typer.Option(help="zh-hans or en.")] = "en",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> None:
    """Check that a balance is within a published total, without a server and without a database.

    Exit code 0 when everything holds, 1 when something does not, 2 when a file cannot be read.
    """
    from rongshu.domain.settlement.transparency.sealing import checked

    try:
        beside = None if publication is None else publication.read_bytes()
        earlier = None if previous is None else previous.read_bytes()
        found = checked(file.read_bytes(), publication=beside, previous=earlier, key=key)
    except OSError as error:
        fail(f"{error.filename}: {error.strerror}")
    if as_json:
        print_json({"sound": found.sound, "key_name": found.key_name, **asdict(found)})
    else:
        words = _ZH if language.startswith("zh") else _EN
        for good, text in _findings(found, words):
            sign, style = _SIGNS[good]
            out.print(f"{sign} {text}", markup=False, soft_wrap=True, style=style)
    if not found.sound:
        raise SystemExit(DIFFERS)


_SIGNS = {True: ("✓", "green"), False: ("✗", "red"), None: ("·", "default")}
"""Holds, does not hold, is only told."""

_EN = {
    "about": "%(promoter)s is owed %(amount)s %(currency)s, %(as_of)s, in publication %(number)s",
    "included": "the balance is in the published total of %(owed)s %(currency)s",
    "not_included": "the balance does not lead to the published root: the amount, the path or the root was changed",
    "total": "the root's sum is the published figure",
    "not_total": "the published figure of what is owed is not the sum of the root",
    "signature": "the signature holds (key %(key)s)",
    "not_signature": "the signature does not hold: the publication was changed (key %(key)s)",
    "same": "it is the publication you gave",
    "not_same": "the publication you gave is another one: not everybody was shown the same",
    "follows": "it names the publication before that you gave",
    "not_follows": "it does not name the publication before that you gave: one of them was exchanged",
    "expected": "it is the key you named",
    "not_expected": "another key than the one you named",
    "compare": "compare the publication with the public page, and this key with the published one: %(whole)s",
}
_ZH = {
    "the file is no JSON": "文件不是 JSON",
    "the file is larger than any proof": "文件过大，不是证明文件",
    "there is no publication in it": "文件中没有公示内容",
    "the promoter or the secret is missing": "缺少推广员或密钥",
    "a part of it is missing or written in another way": "文件缺少某一部分，或写法不同",
    "the file is not of the format rongshu-balance-proof-1": "不是余额证明文件",
    "the file is not of the format rongshu-transparency-1": "不是公示文件",
    "about": "第 %(number)s 期公示（%(as_of)s）：应付 %(promoter)s %(amount)s %(currency)s",
    "included": "这笔余额包含在公示的应付总额 %(owed)s %(currency)s 之内",
    "not_included": "这笔余额推不出公示的根：金额、路径或根被改动过",
    "total": "根的合计就是公示的数字",
    "not_total": "公示的应付总额与根的合计不符",
    "signature": "签名有效（密钥 %(key)s）",
    "not_signature": "签名无效：公示内容被改动过（密钥 %(key)s）",
    "same": "与您给出的公示一致",
    "not_same": "与您给出的公示不一致：不是所有人看到的都一样",
    "follows": "引用的上一期与您给出的一致",
    "not_follows": "引用的上一期与您给出的不一致：其中之一被换过",
    "expected": "是您指定的密钥",
    "not_expected": "不是您指定的密钥",
    "compare": "请与公示页核对公示内容，并核对此密钥：%(whole)s",
}


def _findings(found: Checked, words: dict[str, str]) -> list[tuple[bool | None, str]]:
    if found.readable:
        return [(False, words.get(found.readable, found.readable))]
    decimals = len(found.owed.partition(".")[2])
    digits = f"{found.amount:0{decimals + 1}d}"
    amount = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    values = {
        "promoter": found.promoter, "amount": amount, "currency": found.currency, "as_of": found.as_of,
        "number": found.number, "owed": found.owed, "key": found.key_name, "whole": found.key,
    }  # fmt: skip
    lines: list[tuple[bool | None, str]] = [(None, words["about"])]
    for name, good in (("included", found.included), ("total", found.total), ("signature", found.signature)):
        lines.append((good, words[name if good else f"not_{name}"]))
    for name, told in (("same", found.same), ("follows", found.follows), ("expected", found.expected_key)):
        if told is not None:
            lines.append((told, words[name if told else f"not_{name}"]))
    if found.same is None or found.expected_key is None:
        lines.append((None, words["compare"]))
    return [(good, text % values) for good, text in lines]
