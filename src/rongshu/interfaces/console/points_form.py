"""The rules of points as fields of a form, and the fields as the document, whether it can be read yet or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Document = dict[str, Any]
FIELDS = (
    "per", "points", "rounding", "products", "first_order", "birthday", "sign_in", "tasks", "day", "month", "validity",
    "lasts", "usable_after", "refunded", "worth", "least", "step", "share", "remind",
)  # fmt: skip


def _whole(text: str) -> Any:
    """A number where it is one, else what was typed."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else text


def _list(text: str) -> list[Any]:
    return [_whole(one) for one in text.replace("，", ",").replace("、", ",").split(",") if one.strip()]


def _rows(text: str) -> list[list[str]]:
    return [[part.strip() for part in line.replace("｜", "|").split("|")] for line in text.splitlines() if line.strip()]


def document_of(typed: Mapping[str, str], currency: str) -> Document:
    """What the fields describe; what was left empty is left out."""
    found: Document = {"currency": currency}
    if typed.get("per"):
        found["spending"] = {
            "per": typed["per"], "points": _whole(typed.get("points") or "1"), "rounding": typed.get("rounding") or "down",
        }  # fmt: skip
    if products := _rows(typed.get("products", "")):
        found["products"] = [_product(at, row) for at, row in enumerate(products, start=1)]
    if tasks := _rows(typed.get("tasks", "")):
        found["tasks"] = [_task(row) for row in tasks]
    for key in ("first_order", "birthday", "usable_after"):
        if typed.get(key):
            found[key] = _whole(typed[key])
    for key in ("sign_in", "remind"):
        if typed.get(key):
            found[key] = _list(typed[key])
    if caps := {key: _whole(typed[key]) for key in ("day", "month") if typed.get(key)}:
        found["caps"] = caps
    if typed.get("validity") in ("days", "months", "years"):
        found["validity"] = {typed["validity"]: _whole(typed.get("lasts", ""))}
    found["refunded"] = typed.get("refunded") or "back"
    if typed.get("worth"):
        share = (typed.get("share") or "100%").replace("％", "%")
        found["offset"] = {
            "worth": typed["worth"], "least": _whole(typed.get("least") or "0"), "step": _whole(typed.get("step") or "1"),
            "share": share if share.endswith("%") else f"{share}%",
        }  # fmt: skip
    return found


def _product(at: int, row: list[str]) -> Document:
    """`Name | tea, sku:A100 | 2`."""
    named = [one.strip() for one in (row[1] if len(row) > 1 else "").replace("，", ",").split(",") if one.strip()]
    found: Document = {"id": f"p{at}", "name": row[0], "factor": row[2] if len(row) > 2 else ""}
    if skus := [one.removeprefix("sku:") for one in named if one.startswith("sku:")]:
        found["skus"] = skus
    if categories := [one for one in named if not one.startswith("sku:")]:
        found["categories"] = categories
    return found


def _task(row: list[str]) -> Document:
    """`id | Name | 30 | 1`."""
    cells = [*row, "", "", "", ""]
    return {"id": cells[0], "name": cells[1], "points": _whole(cells[2]), "times": _whole(cells[3] or "1")}


def fields_of(document: Document) -> dict[str, str]:
    """The fields that describe a document."""
    found = dict.fromkeys(FIELDS, "")
    found |= {key: str(value) for key, value in document.get("spending", {}).items()}
    for key in ("first_order", "birthday", "usable_after", "refunded"):
        if document.get(key):
            found[key] = str(document[key])
    for key in ("sign_in", "remind"):
        found[key] = ", ".join(map(str, document.get(key, ())))
    found |= {key: str(value) for key, value in document.get("caps", {}).items()}
    for key, value in document.get("validity", {}).items():
        found |= {"validity": key, "lasts": str(value)}
    found |= {key: str(value) for key, value in document.get("offset", {}).items()}
    found["products"] = "\n".join(
        f"{one['name']} | {', '.join([*one.get('categories', ()), *(f'sku:{sku}' for sku in one.get('skus', ()))])} | {one['factor']}"
        for one in document.get("products", ())
    )
    found["tasks"] = "\n".join(
        f"{one['id']} | {one['name']} | {one['points']} | {one['times']}" for one in document.get("tasks", ())
    )
    return found
