"""The cases in `cases/`: each is judged by the engine and by the oracle as it says itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import oracle
import pytest
import yaml
from laws import engine

CASES = Path(__file__).parents[1] / "cases"
FILES = sorted(CASES.glob("*/*.yaml"))
PARTS = {"about", "rules", "log", "sources", "timezone", "expect"}
COMPARED = {
    *("outcome", "reason", "subjects", "violations", "unattributed", "weak", "classes"),
    *("measure", "findings", "keys", "never_seen"),
}
JUDGES: dict[str, Callable[..., dict[str, Any]]] = {
    "engine": engine.report,
    "oracle": oracle.report,
}


def _case(file: Path) -> dict[str, Any]:
    case: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))
    return case


def _sources(case: dict[str, Any]) -> list[list[tuple[str, bytes]]]:
    named = case["sources"] if "sources" in case else {"app.log": case["log"]}
    return [
        [(name, text if isinstance(text, bytes) else text.encode())] for name, text in named.items()
    ]


def _as_written(rule: dict[str, Any], case: dict[str, Any]) -> dict[str, Any]:
    """A judged rule in the words in which a case expects it."""
    expected = case["expect"]
    keeps_nearest = any("nearest" in unseen for unseen in expected.get("never_seen", []))
    found = {name: rule[name] for name in COMPARED & rule.keys()}
    found["classes"] = {name: count for name, count in rule["classes"].items() if count}
    found["keys"] = [finding["key"] for finding in rule["findings"]]
    found["findings"] = [
        [
            finding["class"],
            [
                f"{line['path']}:{line['line']}" if "sources" in case else line["line"]
                for line in finding["evidence"]
            ],
        ]
        for finding in rule["findings"]
    ]
    if not keeps_nearest:
        found["never_seen"] = [
            {name: value for name, value in unseen.items() if name != "nearest"}
            for unseen in rule["never_seen"]
        ]
    return {name: found[name] for name in expected}


@pytest.mark.parametrize("judge", JUDGES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_case_is_judged_as_it_says(file: Path, judge: str) -> None:
    """Whatever a case expects of its first rule is what the run reports of it."""
    case = _case(file)
    expected = case["expect"]
    if judge == "oracle":  # it knows of no nearest name
        for unseen in expected.get("never_seen", []):
            unseen.pop("nearest", None)
    reported = JUDGES[judge](_sources(case), case["rules"], timezone=case.get("timezone", "UTC"))
    assert _as_written(reported["rules"][0], case) == expected


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_a_case_is_written_in_known_words(file: Path) -> None:
    """A misspelt part or expectation would never be looked at."""
    case = _case(file)
    assert case.keys() <= PARTS
    assert case["about"]
    assert case["expect"]
    assert case["expect"].keys() <= COMPARED
    assert file.parent.name in case["rules"]["rules"][0]
