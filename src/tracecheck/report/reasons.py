"""Why a rule cannot honestly be called, and what to do, in sentences."""

from __future__ import annotations

from collections.abc import Mapping

from ..model.verdict import Outcome, Reason
from .sentences import be, plural

REMEDIES: Mapping[Reason, str] = {
    "unread": (
        "Let the run read all that is there: give it more time (`--for`, or `--idle` instead), go "
        "on with it (`--state`), or judge the whole log, without `--follow`."
    ),
    "evicted": (
        "Let more be kept, let them settle sooner with a shorter `within`, or judge the whole log, "
        "without `--follow`."
    ),
    "late_arrivals": (
        "Let the run wait longer for events that come late, see why the emitter writes them late, "
        "or judge the whole log, without `--follow`."
    ),
    "pending": "Wait: the rule is called once nothing is open, or when the log ends.",
    "unattributed": (
        "Make the emitter write the key, name the fields that it does write with `key:`, or "
        "accept such events with `allow_unattributed: true` on the rule."
    ),
    "no_evidence": (
        "Check that this is the right log, and that the rule spells tags, fields and values as "
        "the log does. If nothing to judge is fine, say `allow_empty: true` on the rule."
    ),
    "too_few": "Judge a longer log, or lower `min_events` if so few are enough.",
    "incomparable": (
        "Look at what the log writes in the fields that are compared; mend the emitter, or let "
        "the rule select only events whose value is a number."
    ),
    "no_order": (
        "Let the emitter write a full timestamp, with the year, on each line, or say `--order "
        "given` if the sources follow each other as they are given."
    ),
    "open": (
        "Judge a log that goes on until the limit has passed, or say `open: violate` on the rule "
        "if what is open at the end is a violation."
    ),
    "no_time": (
        "Let the emitter write a full timestamp, with the year, on each line, or drop `within` "
        "from the rule."
    ),
}
"""For each reason: what to do."""

_WHY: Mapping[Reason, str] = {
    "unread": (
        "The run ended while more of the log was there than it had read, and what it did not read "
        "may break the rule."
    ),
    "no_order": (
        "Events of several sources stand under one key, and without times nobody can say which "
        "came first, so whatever the rule found may be wrong."
    ),
    "no_evidence": (
        "There is nothing in the log to judge here, and a pass over nothing is no pass."
    ),
    "incomparable": (
        "A value that must be compared as a number is no number, so some events could not be "
        "judged."
    ),
    "no_time": "There is a time limit, and lines that must keep it carry no time.",
}
"""For each reason that has nothing to count: why."""


def why(outcome: Outcome, reason: Reason) -> str:
    """Why a rule that is inconclusive for this reason cannot honestly be called."""
    match reason:
        case "evicted":
            were = "was" if outcome.evicted == 1 else "were"
            return (
                f"{plural(outcome.evicted, 'subject')} {were} forgotten while still open, because "
                "more were open at a time than are kept, so a violation may have been missed."
            )
        case "late_arrivals":
            return (
                f"{plural(outcome.late_arrivals, 'event')} came after what happened at their time "
                "was settled, so they could not be judged."
            )
        case "pending":
            if outcome.open:
                return f"{be(outcome.open, 'still open')}: what the log says next decides."
            return "The log goes on, and what it says next decides."
        case "open":
            still = be(outcome.classes.get("open", 0), "still open")
            return f"{still}: the log ends before the time limit has passed."
        case "unattributed":
            lack = "carries" if outcome.unattributed == 1 else "carry"
            fields = ", ".join(outcome.rule.key or ())
            return (
                f"{plural(outcome.unattributed, 'event')} {lack} no key at all, so they could not "
                f"be joined (every one of its fields is missing or void: {fields})."
            )
        case "too_few":
            wanted = outcome.rule.parameters.get("min_events")
            asked = f"at least {wanted:,} are asked for" if isinstance(wanted, int) else "too few"
            return f"The log has only {plural(outcome.subjects, 'event')} to judge here; {asked}."
        case _:
            return _WHY[reason]
