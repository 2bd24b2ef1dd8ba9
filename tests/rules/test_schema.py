"""The JSON Schema accepts what `load` accepts and refuses bad shapes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tracecheck.rules import schema

from .kinds import KINDS

HERE = Path(__file__).parent
VALIDATOR = jsonschema.Draft202012Validator(schema(KINDS))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema(KINDS))


@pytest.mark.parametrize("path", sorted(HERE.glob("good/**/*.yaml")), ids=lambda path: path.name)
def test_good_files_are_valid(path: Path) -> None:
    assert [error.message for error in VALIDATOR.iter_errors(_read(path))] == []


@pytest.mark.parametrize(
    "name",
    ["examples", "kinds", "not-a-mapping", "rules-are-a-mapping", "parameters",
     "unknown-keys", "version-2", "vocabulary", "wrong-types", "yaml-booleans"],
)  # fmt: skip
def test_bad_shapes_are_not(name: str) -> None:
    assert not VALIDATOR.is_valid(_read(HERE / "bad" / f"{name}.bad.yaml"))


@pytest.mark.parametrize(
    "kind",
    [
        {"forbid": {"where": "AB", "text": "x"}},
        {"forbid": {}},
        {"handoff": {"from": "AB"}},
        {"handoff": {"from": "AB", "to": "CD", "within": 30}},
        {"handoff": {"from": "AB", "to": "CD", "lost": "maybe"}},
        {"rate": {"of": "AB", "over": "CD", "at_least": 95}},
        {"sequence": {"steps": ["AB"]}},
        {"consistent": {"from": "AB", "to": "CD", "fields": ["a", "a"]}},
        {"wellformed": {"count": ["malformd"]}},
        {"wellformed": {}, "forbid": {"where": "AB"}},
        {"teleport": {}},
        {},
    ],
)
def test_bad_parameters_are_not_valid(kind: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid({"version": 1, "rules": [{"id": "a", **kind}]})


def test_a_new_kind_is_in_the_schema_at_once() -> None:
    kinds = {**KINDS, "outlaw": replace(KINDS["forbid"], name="outlaw")}
    rule = {"version": 1, "rules": [{"id": "a", "outlaw": {"where": "AB"}}]}
    assert jsonschema.Draft202012Validator(schema(kinds)).is_valid(rule)
    assert not VALIDATOR.is_valid(rule)


def _read(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))
