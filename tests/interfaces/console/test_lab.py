"""The plan lab over HTTP: form and YAML in step, problems with their line, files, scenarios, and who may see it."""

from __future__ import annotations

import csv
import io
import itertools
import re
import zipfile
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client

if TYPE_CHECKING:
    from tests.e2e.shop import Shop

_addresses = itertools.count(1)
LAB = "/console/plans/lab"


@pytest.fixture(scope="module")
def shop() -> Shop:
    from tests.e2e.shop import open_shop

    return open_shop()


@pytest.fixture
def operator(shop: Shop) -> Client:
    from tests.e2e.shop import PASSWORD

    client = Client(HTTP_HOST="localhost", REMOTE_ADDR=f"198.51.100.{next(_addresses)}", HTTP_ACCEPT_LANGUAGE="en")
    assert client.post("/console/sign-in", {"account": shop.owner, "password": PASSWORD}).status_code == 302
    client.cookies["django_language"] = "en"
    return client


def fields(html: str) -> dict[str, str]:
    """What the lab's form would send."""
    form = html[html.index('id="lab-form"') :]
    found = {
        name: unescape(value) for name, value in re.findall(r'<input[^>]* name="([^"]+)"[^>]* value="([^"]*)"', form)
    }
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        if chosen:
            found[name] = chosen[1]
    text = re.search(r'<textarea[^>]* name="document"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    assert text is not None
    return found | {"document": unescape(text[1])}


def tried(client: Client, given: dict[str, str], **more: str) -> str:
    response = client.post(LAB, given | {"do": "try", **more}, headers={"HX-Request": "true"})
    assert response.status_code == 200
    html = response.content.decode()
    assert not html.lstrip().startswith("<!"), "the moving part alone"
    return html


def result(client: Client, **more: str) -> tuple[str, dict[str, str]]:
    given = fields(client.get(f"{LAB}?window=all").content.decode())
    html = tried(client, given, **more)
    return html, fields(html)


def carried(html: str) -> dict[str, str]:
    """What the form below a result carries."""
    form = html[html.index('id="lab-result"') :]
    found = {
        name: unescape(value)
        for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    }
    text = re.search(r'<textarea name="document" hidden>(.*?)</textarea>', form, re.DOTALL)
    assert text is not None
    return found | {"document": unescape(text[1])}


def test_the_published_version_against_itself(operator: Client) -> None:
    html, _given = result(operator)
    assert "lab-verdict" in html and "as much as" in html
    assert "The books say the same of these orders" in html


def test_a_rate_by_the_form_stands_in_the_yaml_and_back(operator: Client) -> None:
    html, given = result(operator, **{"f:levels.1.rate": "11%"})
    assert "more than" in html and given["f:levels.1.rate"] == "11%"
    assert re.search(r"1: \{rate: 11%\}", given["document"])
    yaml = tried(operator, given, do="as_yaml")
    given = fields(yaml)
    assert given["tab"] == "yaml" and "11%" in given["document"] and 'name="f:levels.1.rate"' not in yaml
    given["document"] = given["document"].replace("11%", "9.5%")
    back = fields(tried(operator, given, do="as_form"))
    assert (back["tab"], back["f:levels.1.rate"]) == ("form", "9.5%")


def test_rules_come_and_go_by_the_form(operator: Client) -> None:
    _html, given = result(operator)
    html = tried(operator, given, **{"f:new.id": "mine", "f:new.level": "1", "f:new.key": "order", "f:new.value": "first, repeat", "f:new.rate": "1%", "f:caps.order": "5%"})  # fmt: skip
    given = fields(html)
    assert "id: mine" in given["document"] and "order: 5%" in given["document"]
    at = next(name for name, value in given.items() if name.startswith("f:overrides.") and value == "1%")
    given = fields(tried(operator, given, **{at: "", "f:caps.order": ""}))
    assert "mine" not in given["document"] and "order: 5%" not in given["document"]


def test_what_cannot_be_read_is_said_with_its_line_and_stays_typed(operator: Client) -> None:
    _html, given = result(operator)
    html = tried(operator, given, **{"f:levels.1.rate": "lots"})
    assert (
        "<code>levels.1.rate</code>" in html and fields(html)["f:levels.1.rate"] == "lots" and "lab-verdict" not in html
    )
    given = fields(tried(operator, given, do="as_yaml"))
    given["document"] = given["document"].replace("jurisdiction:", "jurisdictions:")
    html = tried(operator, given)
    assert re.search(r'data-line="\d+"', html) and "jurisdictions:" in fields(html)["document"]
    assert "currency: USD" in tried(operator, given | {"document": "name: x\ncurrency: USD\nlevels: {1: {rate: 1%}}\n"})


def test_a_window_without_orders_says_so(operator: Client) -> None:
    _html, given = result(operator)
    html = tried(operator, given | {"window": "dates", "since": "2001-01-01", "until": "2001-02-01"})
    assert "No order was paid in this window" in html
    assert "The window ends before it begins" in tried(
        operator, given | {"window": "dates", "since": "2001-02-02", "until": "2001-01-01"}
    )
    assert "is not a date" in tried(operator, given | {"window": "dates", "since": "yesterday", "until": ""})


def test_one_order_and_growth(operator: Client) -> None:
    html, _given = result(operator, **{"f:levels.1.rate": "11%"})
    held = carried(html)
    order = re.search(r'hx-post="(/console/plans/lab/orders/ord_\w+)"', html)
    assert order is not None
    shown = operator.post(order[1], held, headers={"HX-Request": "true"}).content.decode()
    assert shown.count("<h3>") == 2 and "Level 1 earns 11%." in shown
    grown = operator.post(f"{LAB}/growth", held | {"sales": "1.5", "team": "2"}, headers={"HX-Request": "true"})
    assert grown.content.decode().count("<tr>") == 5
    for wrong in ("", "x", "0", "1e5", "-1", "1000"):
        refused = operator.post(f"{LAB}/growth", held | {"sales": wrong, "team": "2"}, headers={"HX-Request": "true"})
        assert "Write a factor" in refused.content.decode()
    assert operator.post(f"{LAB}/orders/ord_0000000000000", held).status_code == 404
    assert operator.post(f"{LAB}/growth", held | {"document": "x", "sales": "1", "team": "1"}).status_code == 422


def test_files(operator: Client) -> None:
    html, _given = result(operator, **{"f:levels.1.rate": "11%"})
    held = carried(html)

    def table(name: str) -> list[dict[str, Any]]:
        response = operator.post(f"{LAB}/files/{name}", held)
        assert response.status_code == 200 and "attachment" in response["Content-Disposition"]
        return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"))))

    summary = {row["figure"]: row for row in table("summary.csv")}
    for name in ("promoters.csv", "orders.csv"):
        for side in ("before", "after"):
            cents = sum(round(float(row[side]) * 100) for row in table(name))
            assert cents == round(float(summary["accrued"][side]) * 100)
    zipped = zipfile.ZipFile(io.BytesIO(operator.post(f"{LAB}/files/simulate.zip", held).content))
    files = ["orders.csv", "plan.yaml", "promoters.csv", "ranks.csv", "refunds.csv", "used.csv"]
    assert sorted(zipped.namelist()) == ["README.txt", *files]
    command = zipped.read("README.txt").decode()
    assert all(f" {name} " in command for name in files)
    assert operator.post(f"{LAB}/files/else", held).status_code == 404


def test_scenarios_by_their_address(shop: Shop, operator: Client) -> None:
    html, _given = result(operator, **{"f:levels.1.rate": "11%"})
    held = carried(html)
    assert operator.post(f"{LAB}/scenarios", held | {"name": " "}).status_code == 422
    kept = operator.post(f"{LAB}/scenarios", held | {"name": "eleven <b>"})
    assert kept.status_code == 302
    page = operator.get(kept["Location"]).content.decode()
    assert (
        "eleven &lt;b&gt;" in page and "every order and every promoter has the same" in page and "lab-verdict" in page
    )
    assert Client(HTTP_HOST="localhost").get(kept["Location"]).status_code == 302, "only for who has signed in"
    token = kept["Location"].partition("scenario=")[2]
    assert operator.get(f"{LAB}?scenario={token[::-1]}").status_code == 404
    assert operator.post(f"{LAB}/scenarios/{token}/delete").status_code == 302
    assert operator.get(kept["Location"]).status_code == 404


def test_from_a_draft_to_the_lab_and_back(shop: Shop, operator: Client) -> None:
    """The text as it is typed, saved or not, is tried; what is changed in the lab goes into the same draft."""
    from rongshu.domain.commission.plans.queries import drafts
    from rongshu.kernel.ids import outside
    from rongshu.kernel.tenancy.scope import tenant_scope

    plan = fields(operator.get(LAB).content.decode())["document"]
    checked = operator.post("/console/plans/draft", {"document": plan, "do": "check"}).content.decode()
    draft = re.search(r'name="draft" value="(drf_\w+)"', checked)
    assert draft is not None and f'formaction="{LAB}"' in checked
    typed = re.sub(r"1: \{rate: [0-9.]+%\}", "1: {rate: 13%}", plan)
    page = operator.post(
        LAB, {"draft": draft[1], "document": typed, "do": "as_form", "effective_from": ""}
    ).content.decode()
    assert 'name="f:levels.1.rate" value="13%"' in page and "Put it into the draft" in page
    held = carried(page)
    assert held["draft"] == draft[1]
    back = operator.post("/console/plans/draft", held | {"do": "check"}).content.decode()
    with tenant_scope(shop.house.id):
        [kept] = [one for one in drafts() if outside("drf", one.id) == draft[1]]
        assert "rate: 13%" in kept.text
    assert draft[1] in back
    other = operator.post(
        LAB, {"draft": draft[1], "document": typed, "do": "load", "source": "v1", "window": "all"}
    ).content.decode()
    assert "Make it a draft" in other and draft[1] not in carried(other).values(), (
        "begun with a version: the draft stays as it is"
    )
