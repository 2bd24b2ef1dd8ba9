"""The examples inside rule files: what they promise is held against the engine."""

from __future__ import annotations

from pathlib import Path
from textwrap import indent

import pytest
from rules.rule_texts import load_text

from tracecheck.api.rules import SPECS
from tracecheck.audit.examples import Trial, lacks, try_examples
from tracecheck.kinds import KINDS
from tracecheck.model.rules import RuleSet

HANDOFF = """\
version: 1
key: [id]
rules:
  - id: every-start-ends
    {more}
    handoff: {{from: START, to: END}}
    examples:
{examples}
  - id: lines-are-whole
    wellformed:
"""


def rules(examples: str, more: str = "severity: high") -> RuleSet:
    text = HANDOFF.format(examples=indent(examples, "      "), more=more)
    return load_text(text, SPECS)


def only(examples: str, more: str = "severity: high") -> Trial:
    (trial,) = try_examples(rules(examples, more), KINDS)
    return trial


def test_a_log_that_holds_must_pass() -> None:
    assert only("- holds: |\n    START|id=1\n    END|id=1").kept
    broken = only("- holds: |\n    START|id=1")
    assert (broken.kept, broken.expected, broken.got) == (False, "pass", "fail with lost 1")


def test_an_inconclusive_log_neither_holds_nor_breaks() -> None:
    held, broken = try_examples(rules("- holds: nothing\n- breaks: nothing"), KINDS)
    assert (held.kept, held.got) == (False, "inconclusive (no_evidence)")
    assert (broken.kept, broken.expected) == (False, "fail with any violation")


@pytest.mark.parametrize(
    ("counts", "kept"),
    [
        ("", True),
        ("  with: {lost: 1, orphan: 1}", True),
        ("  with: {orphan: 1, lost: 1, late: 0}", True),
        ("  with: {lost: 1}", False),
        ("  with: {lost: 2, orphan: 1}", False),
        ("  with: {lost: 1, orphan: 1, late: 1}", False),
    ],
)
def test_a_log_that_breaks_must_break_in_exactly_the_classes_it_names(
    counts: str, kept: bool
) -> None:
    trial = only(f"- breaks: |\n    START|id=1\n    END|id=2\n{counts}")
    assert trial.kept is kept
    assert trial.got == "fail with lost 1, orphan 1"


def test_a_rule_that_is_not_enabled_is_tested_too() -> None:
    assert only("- breaks: START|id=1\n  with: {lost: 1}", more="enabled: false").kept


def test_the_other_rules_of_the_file_lend_their_tags() -> None:
    text = """\
version: 1
rules:
  - id: lines-are-whole
    wellformed:
    examples:
      - breaks: |
          OTHER|state=1
          OTHER
        with: {malformed: 1}
  - id: others
    forbid: {where: OTHER where state == 2}
"""
    (trial,) = try_examples(load_text(text, SPECS), KINDS)
    assert trial.kept


def test_a_trial_knows_its_place() -> None:
    trial = only("- breaks: START|id=1")
    assert (trial.rule.id, trial.example.line) == ("every-start-ends", 8)
    assert Path(trial.example.path).name == "rules.yaml"


def test_an_example_that_is_no_log_is_broken_and_no_error() -> None:
    trial = only('- holds: "\\x7FELF"')
    assert not trial.kept
    assert trial.got.startswith("no verdict: ")


def test_a_rule_lacks_what_a_shipped_one_must_have() -> None:
    bare, _ = rules("- breaks: START|id=1").rules
    assert lacks(bare) == ["title", "why", "remedy", "example that holds"]
    told = "{title: T, why: W, remedy: R}"[1:-1].replace(", ", "\n    ")
    whole, _ = rules("- breaks: START|id=1\n- holds: END|id=1", more=told).rules
    assert lacks(whole) == []
