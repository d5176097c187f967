from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from rongshu.interfaces.cli.application import application

RUN = CliRunner()
PLAN = "{name: p, currency: CNY, jurisdiction: CN, levels: {1: {rate: 10%}}, release: {after: completed, days: 15}}"


def run(tmp_path: Path, plan: str, *more: str, **files: str) -> tuple[int, str]:
    (tmp_path / "plan.yaml").write_text(plan)
    words = ["lint", str(tmp_path / "plan.yaml"), "--on", "2026-11-22"]
    for name, text in files.items():
        (tmp_path / name).write_text(text)
        words += [f"--{name}", str(tmp_path / name)]
    result = RUN.invoke(application, [*words, *more])
    return result.exit_code, result.output


def test_what_blocks_ends_with_one(tmp_path: Path) -> None:
    code, text = run(tmp_path, PLAN)
    assert code == 0 and "worst case: 10% of the base" in text and "WARNS" in text
    code, text = run(tmp_path, PLAN, facts='{"join_fee": true}')
    assert code == 1 and "BLOCKS STR-07" in text
    assert "lawful" in text and "compliant" not in text


def test_for_programs_it_says_the_same(tmp_path: Path) -> None:
    text = PLAN.replace("10%}", "10%}, 2: {rate: 3%}")
    code, shown = run(tmp_path, text, "--json")
    document = json.loads(shown)
    assert code == 1
    assert (document["worst_case"]["ppm"], document["on"]) == (130_000, "2026-11-22")
    assert document["findings"][0]["rule"] == "STR-02" and document["findings"][0]["words"]


LADDER = "{currency: CNY, window: {months: 1}, ranks: [{name: gold, needs: {invited_promoters: 3}}]}"


def test_the_ladder_is_looked_at(tmp_path: Path) -> None:
    text = PLAN.replace("release", "boosts: [{id: b, when: {rank: gold}, add: 1%}], release")
    code, shown = run(tmp_path, text, ladder=LADDER)
    assert code == 1 and "BLOCKS STR-11 boosts[0].when.rank" in shown


@pytest.mark.parametrize(
    ("plan", "files", "words"),
    [
        ("{", {}, "cannot be read"),
        (PLAN.replace("10%", "ten"), {}, "levels.1.rate"),
        (PLAN.replace("10%}", "90%}, 2: {rate: 20%}"), {}, "110% of the base"),
        (PLAN, {"facts": "[]"}, "not a JSON object"),
        (PLAN, {"facts": '{"colour": 1}'}, "colour: unknown"),
        (PLAN, {"facts": "{"}, "facts"),
        (PLAN, {"ladder": "{}"}, "ladder"),
    ],
)
def test_what_is_refused_ends_with_two(tmp_path: Path, plan: str, files: dict[str, str], words: str) -> None:
    code, text = run(tmp_path, plan, **files)
    assert code == 2 and words in " ".join(text.split())
