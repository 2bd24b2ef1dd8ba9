"""Where a rule is not called because of some lines, the first of them is named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracecheck import check, load_rules

RULES = """
key: [k]
rules:
  - id: r
    %s
"""
HANDOFF = "handoff: {from: AA, to: BB%s}"
SEQUENCE = "sequence: {steps: [AA, BB]%s}"


@pytest.mark.parametrize(
    ("rule", "log", "reason", "line"),
    [
        ("forbid: {where: AA where n > 1}", "AA|n=1\nAA|n=x\nAA|n=y\n", "incomparable", 2),
        ("require: {where: AA where n < 5}", "AA|n=1\nAA|n=x\n", "incomparable", 2),
        ("rate: {of: AA where n == 1, over: AA, at_most: 50%}", "AA|n=0\nAA|n=x\n",
         "incomparable", 2),
        ("rate: {of: AA, over: AA where n == 1, at_least: 5%}", "AA|n=x\nAA|n=1\n",
         "incomparable", 1),
        (HANDOFF % "", "AA|k=1\nBB|k=1\nAA|k=\n", "unattributed", 3),
        (HANDOFF % ", expect: to.n > 0", "AA|k=1\nBB|k=1|n=x\n", "incomparable", 2),
        (HANDOFF % ", within: 1s", "AA|k=1\n2025-12-18T21:00:00Z BB|k=1\n", "no_time", 1),
        (HANDOFF % ", within: 1s", "2025-12-18T21:00:00Z AA|k=1\nBB|k=1\n", "no_time", 2),
        ("consistent: {from: AA, to: BB, fields: [n]}", "AA|k=1|n=1\nBB|k=1|n=1\nBB|x=1\n",
         "unattributed", 3),
        (SEQUENCE % "", "AA|k=1\nBB|k=1\nBB|k=\n", "unattributed", 3),
        ("sequence: {steps: [AA, BB where n > 1]}", "AA|k=1\nBB|k=1|n=x\nBB|k=1|n=2\n",
         "incomparable", 2),
        (SEQUENCE % ", within: 1s", "2025-12-18T21:00:00Z AA|k=1\nBB|k=1\n", "no_time", 2),
        (SEQUENCE % ", within: 1s", "AA|k=1\nBB|k=1\n", "no_time", 1),
    ],
)  # fmt: skip
def test_the_first_line_that_a_reason_speaks_of_is_shown(
    rule: str, log: str, reason: str, line: int, tmp_path: Path
) -> None:
    outcome = only_outcome(rule, log, tmp_path)
    assert outcome.reason == reason
    assert (outcome.reason_evidence.line, outcome.reason_evidence.text) == (
        line,
        log.splitlines()[line - 1],
    )


def test_no_line_is_shown_for_a_reason_that_speaks_of_none(tmp_path: Path) -> None:
    outcome = only_outcome(HANDOFF % "", "CC|k=1\n", tmp_path)
    assert (outcome.reason, outcome.reason_evidence) == ("no_evidence", None)


def test_a_personal_value_in_such_a_line_is_masked(tmp_path: Path) -> None:
    outcome = only_outcome("forbid: {where: AA where n > 1}", "AA|n=x|phone=5511\n", tmp_path)
    assert outcome.reason_evidence.text == "AA|n=x|phone=***"


def test_the_event_that_keeps_sources_from_being_interleaved_is_named(tmp_path: Path) -> None:
    logs = [tmp_path / "a.log", tmp_path / "b.log"]
    logs[0].write_text("2025-12-18T21:00:00Z AA|k=1\n")
    logs[1].write_text("2025-12-18T21:00:01Z BB|k=1\nBOOT|v=1\nBOOT|v=2\n")
    joins, counts = (rule_file(tmp_path, rule) for rule in (HANDOFF % "", "forbid: {where: AA}"))
    untimed = check(logs, rules=joins).untimed
    assert untimed is not None
    assert (untimed.path, untimed.line, untimed.text) == (str(logs[1]), 2, "BOOT|v=1")
    assert check(logs, rules=counts).untimed is None
    assert check(logs[0], rules=joins).untimed is None


def test_a_verdict_says_which_rule_files_it_is_by(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_text("AA|k=1\n")
    own = rule_file(tmp_path, HANDOFF % "")
    assert check(log, rules="golive").judged_by == ("golive",)
    assert check(log, rules=load_rules(["golive", own])).judged_by == ("golive", own)


def only_outcome(rule: str, log: str, folder: Path) -> Any:
    path = folder / "app.log"
    path.write_text(log)
    [outcome] = check(path, rules=rule_file(folder, rule)).outcomes
    return outcome


def rule_file(folder: Path, rule: str) -> str:
    path = folder / f"{abs(hash(rule))}.yaml"
    path.write_text(RULES % rule)
    return str(path)
