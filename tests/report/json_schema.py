"""The published JSON Schema of the report, and what it says of which fields there are."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema

SCHEMA: dict[str, Any] = json.loads(
    (Path(__file__).parents[2] / "docs" / "report.schema.json").read_text("utf-8")
)


def _closed(value: Any) -> Any:
    """The same schema, that takes no key which it does not describe."""
    if isinstance(value, list):
        return [_closed(one) for one in value]
    if not isinstance(value, dict):
        return value
    closed = {name: _closed(one) for name, one in value.items()}
    is_object = "object" in closed.get("type", ())
    return {"additionalProperties": False, **closed} if is_object else closed


CLOSED = jsonschema.Draft202012Validator(_closed(SCHEMA))


def fields(schema: dict[str, Any] = SCHEMA, above: str = "") -> Iterator[str]:
    """Each key that a report can have, behind the field that holds it: `rules[].id`, `at.line`."""
    schema = SCHEMA["$defs"][schema["$ref"].split("/")[-1]] if "$ref" in schema else schema
    if "items" in schema:
        yield from fields(schema["items"], f"{above}[]")
    for name, one in schema.get("properties", {}).items():
        yield f"{above}.{name}".lstrip(".")
        yield from fields(one, name)
