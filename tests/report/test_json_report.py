"""The JSON report says exactly what the contract says, and no byte of it acts on a terminal."""

from __future__ import annotations

import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tracecheck.model.verdict import Evidence, Finding, Measure, Unseen
from tracecheck.report import REPORTERS, Style
from tracecheck.report import json_report as as_json
from tracecheck.version import __version__

from .verdicts import FAILING, HANDOFF, HANDOFFS, NOON, RATE, outcome, verdict

EXAMPLE = """\
{
  "schema": 2,
  "tool": {
    "name": "tracecheck",
    "version": "VERSION"
  },
  "verdict": "fail",
  "exit_code": 1,
  "rule_files": [
    "golive"
  ],
  "order": "time",
  "inputs": [
    {
      "path": "app-1.log",
      "lines": 14,
      "bytes": 1873
    }
  ],
  "totals": {
    "lines": 14,
    "events": 9,
    "plain": 5,
    "malformed": 0,
    "undecodable": 0,
    "too_long": 0,
    "duplicate_field": 0,
    "second_event": 0,
    "time_goes_back": 0
  },
  "span": {
    "first": "2025-12-18T12:00:00Z",
    "last": "2025-12-18T12:00:00.000000001Z"
  },
  "rules": [
    {
      "id": "every-plan-is-delivered",
      "kind": "handoff",
      "severity": "critical",
      "counted": true,
      "title": "Every planned message is delivered",
      "why": "A plan without a delivery is a customer who never gets an answer.",
      "remedy": null,
      "at": {
        "path": "golive.yaml",
        "line": 22
      },
      "outcome": "fail",
      "reason": null,
      "subjects": 3,
      "violations": 1,
      "unattributed": 0,
      "weak": 3,
      "never_seen": [
        {
          "what": "tag",
          "name": "OUTBOX_TRACES",
          "nearest": null
        },
        {
          "what": "value",
          "name": "pllanner",
          "of": "phase",
          "nearest": "planner"
        }
      ],
      "classes": {
        "lost": 0,
        "mismatch": 1
      },
      "measure": null,
      "findings": [
        {
          "class": "mismatch",
          "key": {
            "conv": "conv_A3",
            "idem": null
          },
          "time": "2025-12-18T12:00:00.250Z",
          "message": "caf\\u00e9",
          "evidence": [
            {
              "path": "app.log",
              "line": 4,
              "text": "A|x=1"
            }
          ]
        }
      ],
      "findings_omitted": 0
    }
  ]
}
"""


def _one(text: str) -> str:
    found = Finding("lost", {"conv": text}, text, (Evidence(text, 1, text),))
    return as_json.render(verdict(outcome(HANDOFF, "fail", violations=1, findings=(found,))))


def test_the_report_is_byte_for_byte_what_schema_2_says() -> None:
    found = Finding(
        "mismatch",
        {"conv": "conv_A3", "idem": None},
        "café",
        (Evidence("app.log", 4, "A|x=1"),),
        time=NOON + 250_000_000,
    )
    failed = outcome(
        replace(HANDOFF, remedy="", path="golive.yaml", line=22),
        "fail",
        subjects=3,
        violations=1,
        weak=3,
        never_seen=(
            Unseen("tag", "OUTBOX_TRACES", None),
            Unseen("value", "pllanner", "planner", of="phase"),
        ),
        classes={"lost": 0, "mismatch": 1},
        findings=(found,),
    )
    of = replace(verdict(failed), judged_by=("golive",), order="time", span=(NOON, NOON + 1))
    assert as_json.render(of) == EXAMPLE.replace("VERSION", __version__)


def test_a_rate_carries_its_measure_as_counts_and_the_limit_as_written() -> None:
    rated = outcome(RATE, measure=Measure(0, 100, "95%"))
    report = json.loads(as_json.render(verdict(rated)))
    assert report["rules"][0]["measure"] == {"of": 0, "over": 100, "limit": "95%"}


def test_a_finding_that_was_left_out_is_still_counted() -> None:
    report = json.loads(as_json.render(verdict(HANDOFFS)))
    assert report["rules"][0]["violations"] == 1_238
    assert report["rules"][0]["findings_omitted"] == 1_235


def test_a_rule_that_does_not_count_says_so_and_keeps_its_outcome() -> None:
    failed = outcome(HANDOFF, "fail", violations=1, counted=False)
    report = json.loads(as_json.render(verdict(failed, outcome(RATE))))
    assert report["verdict"] == "pass"
    assert [(one["counted"], one["outcome"]) for one in report["rules"]] == [
        (False, "fail"),
        (True, "pass"),
    ]


def test_what_only_the_text_tells_is_no_part_of_the_json() -> None:
    line = Evidence("app.log", 1, "A|x=1")
    plain = verdict(outcome(HANDOFF, "inconclusive", reason="no_time"))
    told = verdict(outcome(HANDOFF, "inconclusive", reason="no_time", reason_evidence=line))
    told = replace(told, untimed=line)
    assert as_json.render(told) == as_json.render(plain)


def test_the_style_of_a_terminal_changes_nothing() -> None:
    plain = REPORTERS["json"].render(FAILING, Style())
    assert REPORTERS["json"].render(FAILING, Style(40, color=True, quiet=True, ascii=True)) == plain


@given(st.text() | st.sampled_from(["\ud800", "##vso[a]", "##[error]", "\\##x[", "\x7f\x9b"]))
def test_whatever_a_log_holds_comes_back_and_is_printable_ascii(text: str) -> None:
    report = _one(text)
    assert all(" " <= c <= "~" or c == "\n" for c in report)
    found = json.loads(report)["rules"][0]["findings"][0]
    assert found["message"] == found["evidence"][0]["text"] == found["key"]["conv"] == text


def test_a_command_for_a_ci_runner_does_not_stand_in_the_bytes() -> None:
    report = _one("x ##vso[task.setvariable]y ##[error] ##TeamCity[z] ::error::")
    assert "##vso[" not in report
    assert "##[" not in report
    assert "##TeamCity[" not in report
    assert not any(line.lstrip().startswith("::") for line in report.splitlines())
