"""What the API's description (OpenAPI) says of bodies and answers that are read and written without the framework's models."""

from __future__ import annotations

from typing import Any

from ninja import Schema
from pydantic import ConfigDict, TypeAdapter

from rongshu.flows.intake.shapes import MAX_ENTRIES


class Problem(Schema):
    """RFC 9457 problem details."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str


class Document(Schema):
    """A JSON document."""

    model_config = ConfigDict(extra="allow")


def answers(status: int) -> dict[int, Any]:
    """The responses of an operation: success, and the problems every operation may answer with."""
    listed: dict[int, Any] = {status: Document}
    if status == 201:
        listed[200] = Document
    return listed | dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 500, 503), Problem)


def accepts(shape: TypeAdapter[Any], *, one: bool = False) -> dict[str, Any]:
    """The request body of an operation, from the shape it is checked with."""
    schema = shape.json_schema(ref_template="#/components/schemas/{model}")
    definitions = schema.pop("$defs", {})
    schema = _inline(schema, definitions)
    if not one:
        schema["maxItems"] = MAX_ENTRIES
    parameters = [
        {
            "in": "header",
            "name": "Idempotency-Key",
            "required": False,
            "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            "description": "The same key with the same request gives the first answer again, for three days.",
        }
    ]
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}, "parameters": parameters}


def _inline(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _inline(definitions[schema["$ref"].rsplit("/", 1)[1]], definitions)
        return {key: _inline(value, definitions) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_inline(value, definitions) for value in schema]
    return schema
