"""The page on reports names everything that a report can hold."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest

from tracecheck import kinds
from tracecheck.model.rules import SEVERITIES
from tracecheck.model.verdict import DEFECTS, OutcomeName, Reason, Verdict
from tracecheck.report import REPORTERS, Style

from .verdicts import FAILING, MISSPELT, PASSING, UNCLEAR, verdict

PAGE = (Path(__file__).parents[2] / "docs" / "report.md").read_text("utf-8")
FREE = {"classes", "key"}
"""Fields whose own keys come from kinds and rule files."""


def _paths(value: Any, above: str = "") -> Iterator[str]:
    """Each key of a report, behind the field that holds it: `rules[].id`, `measure.of`."""
    if isinstance(value, list):
        for one in value:
            yield from _paths(one, f"{above}[]")
    elif isinstance(value, dict):
        for name, one in value.items():
            yield f"{above}.{name}".lstrip(".")
            if name not in FREE:
                yield from _paths(one, name)


@pytest.mark.parametrize("of", [FAILING, PASSING, UNCLEAR])
def test_every_field_of_a_json_report_is_explained(of: Verdict) -> None:
    report = json.loads(REPORTERS["json"].render(of, Style()))
    firsts = re.findall(r"^\| (`[^|]+) \|", PAGE, re.MULTILINE)
    rows = set(re.findall(r"`([^`]+)`", " ".join(firsts)))
    tool = {"tool.name", "tool.version"}  # both in one row
    assert set(_paths(report)) - tool <= rows
    assert all(f"`{name}`" in PAGE for name in report["tool"])


@pytest.mark.parametrize(
    "words", [get_args(Reason), get_args(OutcomeName), SEVERITIES, DEFECTS, tuple(kinds.KINDS)]
)
def test_every_word_that_a_field_can_hold_is_named(words: tuple[str, ...]) -> None:
    for word in words:
        assert f"`{word}`" in PAGE or f".{word}`" in PAGE, word


def test_the_first_line_on_the_page_is_one_that_is_printed() -> None:
    (shown,) = re.findall(r"^```text\n(.*?)\n", PAGE, re.MULTILINE)
    assert REPORTERS["text"].render(verdict(MISSPELT), Style()).splitlines()[0] == shown
