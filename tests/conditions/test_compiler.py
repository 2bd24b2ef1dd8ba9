"""Conditions at their limits; what they mean is held by the laws and the cases."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tracecheck import check
from tracecheck.conditions.compiler import Vocabulary, select
from tracecheck.conditions.parser import parse_selector
from tracecheck.events.table import EVENT


def violations(condition: str, log: str, folder: Path) -> int | str | None:
    """How many lines the condition forbids; the reason where that cannot be said."""
    (folder / "app.log").write_text(log)
    rule = f"forbid: {{where: 'AA where {condition}'}}"
    (folder / "r.yaml").write_text(f"rules:\n  - id: r\n    {rule}\n")
    [outcome] = check(folder / "app.log", rules=folder / "r.yaml").outcomes
    return outcome.reason or outcome.violations


@pytest.mark.parametrize(
    "condition",
    [
        f"n in [{', '.join(map(str, range(8000)))}]",
        "n in [" + ", ".join(f'"{at}"' for at in range(6000)) + "]",
        " or ".join(f'n == "{at}"' for at in range(3000)),
        "not (" + " and ".join(f'n != "{at}"' for at in range(3000)) + ")",
    ],
    ids=["numbers", "texts", "or", "and"],
)
def test_a_condition_may_be_as_wide_as_a_rule_file_allows(condition: str, tmp_path: Path) -> None:
    """Each was once nested as deep as it is wide, and would not end."""
    assert violations(condition, "AA|n=7\nAA|n=9999\nAA|n=2999\n", tmp_path) == 2


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ('n in [1, "x", m]', 4),
        ("n in [1.0, 2.5]", 2),
        ("n in [1.0, 2.5, n]", 5),
        ("not (n in [1])", 2),
        ("n in [5, 6]", "incomparable"),
    ],
)
def test_numbers_texts_and_fields_may_stand_in_one_list(
    condition: str, expected: int | str, tmp_path: Path
) -> None:
    log = "AA|n=1\nAA|n=x\nAA|n=1.0\nAA|n=y|m=y\nAA|n=7\nAA|m=1\n"
    assert violations(condition, log, tmp_path) == expected


def test_the_earliest_time_is_a_number(tmp_path: Path) -> None:
    log = "1677-09-21T00:12:43.145224192Z AA|n=1\n"
    assert violations("@time < 0", log, tmp_path) == 1
    assert violations("@time > 0", log, tmp_path) == 0


@pytest.mark.parametrize("paths", [{}, {0: "a.log"}])
def test_a_source_is_a_text_before_any_file_has_begun(paths: dict[int, str]) -> None:
    """As when following begins."""
    taken = select(parse_selector('AA where @source == "a.log"'), Vocabulary(paths=paths))
    assert pl.DataFrame(schema=EVENT).filter(taken).height == 0
