"""The JSON report, schema 2 (contract, section 8); small values have the names of the model.

`docs/report.md` explains each field, `docs/report.schema.json` is its JSON Schema.

A pure function of the verdict, in pure ASCII: no byte of a log can act on a terminal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from ..model.verdict import Finding, Input, Outcome, Unseen, Verdict
from ..text.amounts import rfc3339
from ..text.safe import COMMAND
from ..version import __version__
from .style import Style

SCHEMA = 2


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
        "rule_files": list(verdict.judged_by),
        "order": verdict.order,
        "inputs": [_input(one) for one in verdict.inputs],
        "totals": asdict(verdict.totals),
        "span": _span(verdict.span),
        "rules": [_outcome(outcome) for outcome in verdict.outcomes],
    }


def _input(one: Input) -> dict[str, Any]:
    # What is rare is a key only where it is so.
    rare = {"unfinished": one.unfinished, "unread": one.unread}
    return {"path": one.path, "lines": one.lines, "bytes": one.bytes, **_set(rare)}


def _set(rare: Mapping[str, int]) -> dict[str, int]:
    return {name: value for name, value in rare.items() if value}


def _span(span: tuple[int, int] | None) -> dict[str, str] | None:
    return span and {"first": rfc3339(span[0]), "last": rfc3339(span[1])}


def _outcome(outcome: Outcome) -> dict[str, Any]:
    rule = outcome.rule
    # What only a run that follows can count is left out where there is none: so a run that
    # follows and a check of the finished log say the same.
    followed = {"evicted": outcome.evicted, "late_arrivals": outcome.late_arrivals}
    return {
        "id": rule.id,
        "kind": rule.kind,
        "severity": rule.severity,
        "counted": outcome.counted,
        "title": rule.title or None,
        "why": rule.why or None,
        "remedy": rule.remedy or None,
        "at": {"path": rule.path, "line": rule.line},
        "outcome": outcome.outcome,
        "reason": outcome.reason,
        "subjects": outcome.subjects,
        "violations": outcome.violations,
        "unattributed": outcome.unattributed,
        "weak": outcome.weak,
        "never_seen": [_unseen(one) for one in outcome.never_seen],
        "classes": dict(outcome.classes),
        "measure": measured(outcome),
        "findings": [found(finding) for finding in outcome.findings],
        "findings_omitted": outcome.findings_omitted,
        **_set(followed),
    }


def _unseen(unseen: Unseen) -> dict[str, Any]:
    of = {} if unseen.of is None else {"of": unseen.of}
    return {"what": unseen.what, "name": unseen.name, **of, "nearest": unseen.nearest}


def measured(outcome: Outcome) -> dict[str, Any] | None:
    """What a rate measured; None for every other kind."""
    return None if outcome.measure is None else asdict(outcome.measure)


def found(finding: Finding) -> dict[str, Any]:
    """One finding as values that JSON knows."""
    return {
        "class": finding.class_,
        "key": dict(finding.key),
        "time": None if finding.time is None else rfc3339(finding.time),
        "message": finding.message,
        "evidence": [asdict(line) for line in finding.evidence],
    }
