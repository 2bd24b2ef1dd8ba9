"""The JSON report, schema 1: exactly what the contract's section 8 says, key by key.

A pure function of the verdict, in pure ASCII: no byte of a log can act on a terminal.
"""

from __future__ import annotations

import json
from typing import Any

from ..model import Finding, Outcome, Verdict
from ..version import __version__
from .safe import COMMAND
from .style import Style

SCHEMA = 1


def render(verdict: Verdict, style: Style | None = None) -> str:
    """The whole report with a newline at its end; how a terminal looks has no part in it."""
    del style
    text = json.dumps(_report(verdict), indent=2, ensure_ascii=True)
    # A CI runner would obey `##vso[…]` inside a string; written so, JSON means the same.
    return COMMAND.sub(r"\1\\u005b", text) + "\n"


def _report(verdict: Verdict) -> dict[str, Any]:
    totals = verdict.totals
    return {
        "schema": SCHEMA,
        "tool": {"name": "tracecheck", "version": __version__},
        "verdict": verdict.verdict,
        "exit_code": verdict.exit_code,
        "inputs": [
            {"path": one.path, "lines": one.lines, "bytes": one.bytes} for one in verdict.inputs
        ],
        "totals": {
            "lines": totals.lines,
            "events": totals.events,
            "plain": totals.plain,
            "malformed": totals.malformed,
            "undecodable": totals.undecodable,
            "too_long": totals.too_long,
            "duplicate_field": totals.duplicate_field,
        },
        "rules": [_outcome(outcome) for outcome in verdict.outcomes],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    measure = outcome.measure
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
        "never_seen": [
            {"what": unseen.what, "name": unseen.name, "nearest": unseen.nearest}
            for unseen in outcome.never_seen
        ],
        "classes": dict(outcome.classes),
        "measure": measure and {"of": measure.of, "over": measure.over, "limit": measure.limit},
        "findings": [_finding(finding) for finding in outcome.findings],
        "findings_omitted": outcome.findings_omitted,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "class": finding.class_,
        "key": dict(finding.key),
        "message": finding.message,
        "evidence": [
            {"path": line.path, "line": line.line, "text": line.text} for line in finding.evidence
        ],
    }
