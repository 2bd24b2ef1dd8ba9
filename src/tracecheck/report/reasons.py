"""Why a rule cannot honestly be called, and what to do, in sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ..model.verdict import Outcome, Reason
from .sentences import be, plural


def _evicted(outcome: Outcome) -> tuple[str, str]:
    were = "was" if outcome.evicted == 1 else "were"
    return (
        (
            f"{plural(outcome.evicted, 'subject')} {were} forgotten while still open, because "
            "more were open at a time than are kept, so a violation may have been missed."
        ),
        (
            "Let more be kept, let them settle sooner with a shorter `within`, or judge the "
            "whole log, without `--follow`."
        ),
    )


def _late_arrivals(outcome: Outcome) -> tuple[str, str]:
    return (
        (
            f"{plural(outcome.late_arrivals, 'event')} came after what happened at their time was "
            "settled, so they could not be judged."
        ),
        (
            "Let the run wait longer for events that come late, see why the emitter writes them "
            "late, or judge the whole log, without `--follow`."
        ),
    )


def _pending(outcome: Outcome) -> tuple[str, str]:
    return (
        (
            f"{be(outcome.open, 'still open')}: what the log says next decides."
            if outcome.open
            else "The log goes on, and what it says next decides."
        ),
        "Wait: the rule is called once nothing is open, or when the log ends.",
    )


def _unattributed(outcome: Outcome) -> tuple[str, str]:
    lack = "carries" if outcome.unattributed == 1 else "carry"
    fields = ", ".join(outcome.rule.key or ())
    return (
        (
            f"{plural(outcome.unattributed, 'event')} {lack} no key at all, so they could not be "
            f"joined (every one of its fields is missing or void: {fields})."
        ),
        (
            "Make the emitter write the key, name the fields that it does write with `key:`, or "
            "accept such events with `allow_unattributed: true` on the rule."
        ),
    )


def _no_evidence(_: Outcome) -> tuple[str, str]:
    return (
        "There is nothing in the log to judge here, and a pass over nothing is no pass.",
        (
            "Check that this is the right log, and that the rule spells tags, fields and values as "
            "the log does. If nothing to judge is fine, say `allow_empty: true` on the rule."
        ),
    )


def _too_few(outcome: Outcome) -> tuple[str, str]:
    found = outcome.measure.over if outcome.measure else outcome.subjects
    wanted = outcome.rule.parameters.get("min_events")
    asked = f"at least {wanted:,} are asked for" if isinstance(wanted, int) else "too few"
    return (
        f"The log has only {plural(found, 'event')} to judge here; {asked}.",
        "Judge a longer log, or lower `min_events` if so few are enough.",
    )


def _incomparable(_: Outcome) -> tuple[str, str]:
    return (
        (
            "A value that must be compared as a number is no number, so some events could not be "
            "judged."
        ),
        (
            "Look at what the log writes in the fields that are compared; mend the emitter, or "
            "let the rule select only events whose value is a number."
        ),
    )


def _no_time(_: Outcome) -> tuple[str, str]:
    return (
        "There is a time limit, and lines that must keep it carry no time.",
        (
            "Let the emitter write a full timestamp, with the year, on each line, or drop "
            "`within` from the rule."
        ),
    )


REASONS: Mapping[Reason, Callable[[Outcome], tuple[str, str]]] = {
    "evicted": _evicted,
    "late_arrivals": _late_arrivals,
    "pending": _pending,
    "unattributed": _unattributed,
    "no_evidence": _no_evidence,
    "too_few": _too_few,
    "incomparable": _incomparable,
    "no_time": _no_time,
}
"""For each reason: why the rule cannot honestly be called, and what to do."""


def reason(outcome: Outcome) -> tuple[str, str]:
    """Why a rule that is inconclusive cannot honestly be called, and what to do."""
    return REASONS[outcome.reason](outcome) if outcome.reason is not None else ("", "")
