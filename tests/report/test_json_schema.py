"""The published JSON Schema describes every report, and nothing that is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import jsonschema
import pytest
from hypothesis import given

from tracecheck.model.rules import SEVERITIES
from tracecheck.model.verdict import Order, OutcomeName, Reason, Totals, Unseen, Verdict
from tracecheck.report import REPORTERS, Style
from tracecheck.report import json_report as as_json

from .json_schema import CLOSED, SCHEMA
from .snapshots import ELEVEN
from .strategies import verdicts
from .verdicts import EVERY, FAILING

SAMPLES = sorted((Path(__file__).parents[2] / "samples" / "expected").rglob("*.json"))
_RULE, _UNSEEN = (SCHEMA["$defs"][name]["properties"] for name in ("rule", "unseen"))


def _report(of: Verdict) -> dict[str, Any]:
    return json.loads(REPORTERS["json"].render(of, Style()))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_the_report_of_a_sample_is_as_described(path: Path) -> None:
    CLOSED.validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("of", [*EVERY.values(), ELEVEN])
def test_a_report_made_by_hand_is_as_described(of: Verdict) -> None:
    CLOSED.validate(_report(of))


def test_a_rule_that_began_later_than_its_run_is_as_described() -> None:
    first, *others = FAILING.outcomes
    report = _report(replace(FAILING, outcomes=(replace(first, since=7), *others)))
    assert report["rules"][0]["since"] == {"lines": 7}
    assert not any("since" in rule for rule in report["rules"][1:])
    CLOSED.validate(report)


@given(verdicts())
def test_whatever_a_log_holds_its_report_is_as_described(of: Verdict) -> None:
    CLOSED.validate(as_json.report(of))


@pytest.mark.parametrize(
    ("words", "described"),
    [
        (get_args(OutcomeName), SCHEMA["$defs"]["outcome"]["enum"]),
        (get_args(Order), SCHEMA["properties"]["order"]["enum"]),
        ((None, *get_args(Reason)), _RULE["reason"]["enum"]),
        (SEVERITIES, _RULE["severity"]["enum"]),
        (get_args(get_type_hints(Unseen)["what"]), _UNSEEN["what"]["enum"]),
        ([one.name for one in fields(Totals)], SCHEMA["properties"]["totals"]["required"]),
        (as_json.SCHEMA, SCHEMA["properties"]["schema"]["const"]),
    ],
)
def test_the_words_of_the_schema_are_those_of_the_model(words: Any, described: Any) -> None:
    assert words == described or list(words) == described


@pytest.mark.parametrize(
    "spoil",
    [
        lambda report: report.update(schema=1),
        lambda report: report.pop("span"),
        lambda report: report.update(order="alphabet"),
        lambda report: report["totals"].pop("second_event"),
        lambda report: report["rules"][0].update(reason="bored"),
        lambda report: report["rules"][0]["findings"][0].update(time="2025-12-18 21:00:00"),
        lambda report: report["rules"][0]["findings"][0]["evidence"][0].update(line=0),
        lambda report: report["rules"][0]["never_seen"].append(
            {"what": "value", "name": "x", "nearest": None}
        ),
        lambda report: report["rules"][0]["never_seen"].append(
            {"what": "tag", "name": "X", "of": "y", "nearest": None}
        ),
    ],
)
def test_what_is_no_report_is_not(spoil: Callable[[dict[str, Any]], object]) -> None:
    report = _report(FAILING)
    spoil(report)
    assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(report)
