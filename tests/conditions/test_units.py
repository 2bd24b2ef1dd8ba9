"""Which unit a word was meant to be, and where users find all of them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from pathlib import Path

import pytest

from tracecheck.conditions.units import TIMES, UNITS, listed, meant_unit

RULES = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_page_on_rules_lists_all_units_and_no_other() -> None:
    (entry,) = re.findall(r"^- Units: (.*?)^- ", RULES.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    shown = {unit for unit in re.findall(r"`([^`]+)`", entry) if not unit[0].isdigit()}
    # The micro sign and the Greek letter are one to a reader.
    assert _normal(shown) == _normal(UNITS)


def test_a_message_lists_all_units_that_every_keyboard_has() -> None:
    assert set(listed().split()) == {unit for unit in UNITS if unit.isascii()}
    assert listed(TIMES) == "ns us ms s sec min h d day days"


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("m", "min"), ("mins", "min"), (" Hours", "h"), ("MIN", "min"), ("/minute", "/min"),
        ("mb", "MB"), ("secs", "sec"), ("s", "s"), ("/fortnight", None), ("weeks", None),
    ],
)  # fmt: skip
def test_a_word_that_is_no_unit_stands_for_one_or_for_none(word: str, unit: str | None) -> None:
    assert meant_unit(word) == unit


def test_only_the_units_that_are_asked_for_are_meant() -> None:
    assert meant_unit("mb", TIMES) is None
    assert meant_unit("percent", TIMES) is None


def _normal(units: Iterable[str]) -> set[str]:
    return {unicodedata.normalize("NFKC", unit) for unit in units}
