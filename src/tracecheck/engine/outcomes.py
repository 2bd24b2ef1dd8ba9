"""What a kind found in a log, as an outcome; and of all outcomes the verdict (section 5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, cast

from ..model.rules import SEVERITIES, RuleSpec, Severity
from ..model.verdict import Finding, Input, Outcome, OutcomeName, Reason, Unseen
from .kind import Context, Judgement, Kind


def outcome_of(
    kind: Kind,
    context: Context,
    judged: Judgement,
    never_seen: Iterable[Unseen],
    fail_on: Severity,
) -> Outcome:
    """Make an outcome of what a rule found."""
    name, reason = called(context.rule, judged)
    max_findings = judged.findings.height if context.max_findings is None else context.max_findings
    rows = judged.findings.head(max_findings).iter_rows(named=True)
    shown = tuple(finding_of(kind, context, judged, row) for row in rows)
    reason_evidence = (
        context.evidence(line["place"], line["text"])
        for line in judged.reasons.iter_rows(named=True)
        if line["reason"] == reason
    )
    return Outcome(
        rule=context.rule,
        outcome=name,
        reason=reason,
        subjects=judged.subjects,
        violations=judged.violations,
        unattributed=judged.counts["unattributed"],
        weak=judged.counts["weak"],
        never_seen=tuple(never_seen),
        classes=judged.classes,
        measure=judged.measure,
        findings=shown,
        findings_omitted=judged.violations - len(shown),
        counted=SEVERITIES.index(context.rule.severity) <= SEVERITIES.index(fail_on),
        reason_evidence=next(reason_evidence, None),
        open=0 if judged.open is None else len(judged.open),
        oldest_open=None if judged.open is None else cast("int | None", judged.open.min()),
        evicted=judged.counts["evicted"],
        late_arrivals=judged.counts["late_arrivals"],
    )


def of_what_was_read(judged: Sequence[Judgement], inputs: Iterable[Input]) -> tuple[Judgement, ...]:
    """Judgements of a run which, by its inputs, may have ended before all was read."""
    unread = Counter(unread=sum(one.unread for one in inputs))
    return tuple(replace(one, counts=one.counts | unread) for one in judged)


def verdict_of(outcomes: Iterable[Outcome]) -> OutcomeName:
    """What the run yields: nothing passes if no rule counts."""
    names = [outcome.outcome for outcome in outcomes if outcome.counted]
    if "fail" in names:
        return "fail"
    return "inconclusive" if "inconclusive" in names or not names else "pass"


def called(rule: RuleSpec, judged: Judgement) -> tuple[OutcomeName, Reason | None]:
    """An outcome's name, and the first reason that stands against a pass."""
    if judged.violations:
        return "fail", None
    stands: dict[Reason, object] = {
        "unread": judged.counts["unread"],
        "evicted": judged.counts["evicted"],
        "late_arrivals": judged.counts["late_arrivals"],
        "pending": judged.pending or (judged.open is not None and not judged.harmless),
        "no_order": judged.counts["no_order"],
        "open": judged.ends_open,
        "unattributed": judged.counts["unattributed"] and not rule.allow_unattributed,
        "no_evidence": not judged.subjects and not rule.allow_empty,
        "too_few": judged.too_few and judged.subjects,
        "incomparable": judged.counts["incomparable"],
        "no_time": judged.counts["no_time"],
    }
    reason = next((reason for reason, applies in stands.items() if applies), None)
    return ("inconclusive" if reason else "pass"), reason


def finding_of(kind: Kind, context: Context, judged: Judgement, row: Mapping[str, Any]) -> Finding:
    """A row of FINDINGS, its values masked, its places named."""
    masking = context.masking
    key = zip(context.key, row["key"], strict=bool(row["key"]))
    return Finding(
        class_=kind.spec.classes[row["class"]],
        key={name: masking.value(name, value) if value else value for name, value in key},
        message=judged.message(row),
        evidence=tuple(map(context.evidence, row["places"], row["texts"])),
        time=row["time"],
    )
