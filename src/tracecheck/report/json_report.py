"""The JSON report, schema 1 (contract, section 8); small values have the names of the model.

A pure function of the verdict, in pure ASCII: no byte of a log can act on a terminal.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from ..model.verdict import Finding, Input, Outcome, Verdict
from ..text.safe import COMMAND
from ..version import __version__
from .style import Style

SCHEMA = 1


def render(verdict: Verdict, _: Style | None = None) -> str:
    """The whole report with a newline at its end; how a terminal looks has no part in it."""
    return written(report(verdict), indent=2) + "\n"


def written(value: Any, indent: int | None = None) -> str:
    """JSON in ASCII; without an indent, on one line."""
    text = json.dumps(value, indent=indent, ensure_ascii=True)
    # A CI runner would obey `##vso[…]` inside a string; written so, JSON means the same.
    return COMMAND.sub(r"\1\\u005b", text)


def report(verdict: Verdict) -> dict[str, Any]:
    """The report as values that JSON knows."""
    return {
        "schema": SCHEMA,
        "tool": {"name": "tracecheck", "version": __version__},
        "verdict": verdict.verdict,
        "exit_code": verdict.exit_code,
        "inputs": [_input(one) for one in verdict.inputs],
        "totals": asdict(verdict.totals),
        "rules": [_outcome(outcome) for outcome in verdict.outcomes],
    }


def _input(one: Input) -> dict[str, Any]:
    """A file that was read; `unfinished` stands there only where it applies."""
    values = asdict(one)
    return values if one.unfinished else {k: v for k, v in values.items() if k != "unfinished"}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    # What only a run that follows can count is left out where there is none: a batch report
    # stays as it was.
    followed = {"evicted": outcome.evicted, "late_arrivals": outcome.late_arrivals}
    return {
        "id": outcome.rule.id,
        "kind": outcome.rule.kind,
        "severity": outcome.rule.severity,
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "subjects": outcome.subjects,
        "violations": outcome.violations,
        "unattributed": outcome.unattributed,
        "weak": outcome.weak,
        "never_seen": [asdict(unseen) for unseen in outcome.never_seen],
        "classes": dict(outcome.classes),
        "measure": measured(outcome),
        "findings": [found(finding) for finding in outcome.findings],
        "findings_omitted": outcome.findings_omitted,
        **{name: count for name, count in followed.items() if count},
    }


def measured(outcome: Outcome) -> dict[str, Any] | None:
    """What a rate measured; None for every other kind."""
    return None if outcome.measure is None else asdict(outcome.measure)


def found(finding: Finding) -> dict[str, Any]:
    """One finding as values that JSON knows."""
    return {
        "class": finding.class_,
        "key": dict(finding.key),
        "message": finding.message,
        "evidence": [asdict(line) for line in finding.evidence],
    }
