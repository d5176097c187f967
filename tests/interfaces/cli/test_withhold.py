from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from rongshu.interfaces.cli.application import application

RUN = CliRunner()


@pytest.mark.parametrize(
    ("words", "gross", "tax", "net"),
    [
        (["1000"], "1000.00", "40.00", "960.00"),
        (["840", "--net"], "850.00", "10.00", "840.00"),
        (["600", "--paid-before", "600"], "600.00", "80.00", "520.00"),
        (["100", "--method", "prize"], "100.00", "20.00", "80.00"),
        (["60000", "--method", "non-resident"], "60000.00", "9990.00", "50010.00"),
        (["100000", "--method", "platform"], "100000.00", "4980.00", "95020.00"),
    ],
)
def test_what_is_received(words: list[str], gross: str, tax: str, net: str) -> None:
    result = RUN.invoke(application, ["withhold", *words, "--on", "2026-06-30", "--json"])
    assert result.exit_code == 0
    assert {"gross": gross, "tax": tax, "net": net}.items() <= json.loads(result.stdout).items()


@pytest.mark.parametrize("words", [["ten"], ["-1"], ["1", "--net", "--method", "platform"], ["1.001"]])
def test_what_cannot_be_answered(words: list[str]) -> None:
    arguments = ["withhold", "--", *words] if words == ["-1"] else ["withhold", *words]
    assert RUN.invoke(application, arguments).exit_code == 2
