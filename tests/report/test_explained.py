"""The page on reports explains everything that a report can hold, and shows what is printed.

To renew the examples on the page, in the directory of the tests: python -m report.test_explained
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from tracecheck import kinds
from tracecheck.api.check import check
from tracecheck.model.rules import SEVERITIES
from tracecheck.model.verdict import DEFECTS, Order, OutcomeName, Reason
from tracecheck.report import REPORTERS, Style

from .json_schema import fields
from .verdicts import NO_ORDER, verdict

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "report.md"
PAGE = FILE.read_text("utf-8")
SAMPLE = "samples/formats/asctime.log"


def _blocks(language: str) -> Iterator[re.Match[str]]:
    return re.finditer(rf"(?<=^```{language}\n).*?(?=^```$)", PAGE, re.MULTILINE | re.DOTALL)


@cache
def _printed(format_: str) -> str:
    """The report of the sample by the rule on the page, from a folder that holds both."""
    rules = next(_blocks("yaml"))[0]
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("plans.yaml").write_text(rules, "utf-8")
        Path("samples").symlink_to(ROOT / "samples")
        return REPORTERS[format_].render(check([SAMPLE], rules="plans.yaml"), Style())


def test_the_fields_that_the_page_explains_are_those_of_the_json_schema() -> None:
    table = re.findall(r"^\| (`[^|]+) \| \w[^|]* \| ", PAGE, re.MULTILINE)
    rows = re.findall(r"`([^`]+)`", " ".join(table))
    in_one_row = {"tool.name", "tool.version"}
    assert sorted(rows) == sorted(set(fields()) - in_one_row)
    assert "its `name`, `tracecheck`, and its `version`" in PAGE


@pytest.mark.parametrize(
    "words",
    [
        get_args(Reason),
        get_args(OutcomeName),
        get_args(Order),
        SEVERITIES,
        DEFECTS,
        tuple(kinds.KINDS),
    ],
)
def test_every_word_that_a_field_can_hold_is_named(words: tuple[str, ...]) -> None:
    for word in words:
        assert f"`{word}`" in PAGE or f".{word}`" in PAGE, word


@pytest.mark.parametrize("format_", ["text", "json"])
def test_an_example_on_the_page_is_what_is_printed(format_: str) -> None:
    assert next(_blocks(format_))[0] == _printed(format_)


def test_the_quiet_line_on_the_page_is_one_that_is_printed() -> None:
    _, shown = _blocks("text")
    assert shown[0] == REPORTERS["text"].render(verdict(NO_ORDER), Style(quiet=True))


if __name__ == "__main__":
    text, json = next(_blocks("text")), next(_blocks("json"))
    renewed = PAGE[: text.start()] + _printed("text") + PAGE[text.end() : json.start()]
    FILE.write_text(renewed + _printed("json") + PAGE[json.end() :], "utf-8")
