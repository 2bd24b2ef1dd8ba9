"""What a report says in sentences, for a stranger who meets the rules for the first time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from ..model import Outcome, OutcomeName, Reason, Totals, Unseen, Verdict

LABELS: Mapping[OutcomeName, str] = {
    "pass": "PASS",
    "fail": "FAIL",
    "inconclusive": "INCONCLUSIVE",
}

OMITTED = "and {} more (--max-findings all shows every one)"
NOT_COUNTED = "(not counted)"
NEVER_SEEN = "Never seen in this log"
DOUBT = "For example"

UNTIMED = (
    "The sources were read one after the other, as given, and not by time, because this event "
    "has no time:"
)
UNTIMED_MEANS = (
    "The order between the sources may be wrong: a handoff or a sequence that goes from one to "
    "another can be missed, or be found where there was none."
)
UNTIMED_REMEDY = (
    "Let the emitter write a full timestamp, with the year, on this line and all like it, or "
    "check each source by itself."
)


def plural(number: int, noun: str) -> str:
    """`1 event`, `1,234 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def be(number: int, word: str) -> str:
    """`1 is open`, `1,234 are open`."""
    return f"{number:,} {'is' if number == 1 else 'are'} {word}"


def fail(number: int) -> str:
    """`1 fails`, `1,234 fail`."""
    return f"{number:,} {'fails' if number == 1 else 'fail'}"


def headline(verdict: Verdict) -> str:
    """One sentence that says why the verdict is what it is."""
    counted = [one.outcome for one in verdict.outcomes if one.counted]
    others = [one.outcome for one in verdict.outcomes if not one.counted]
    return _counted(counted, bool(others)) + _aside(others)


def _counted(counted: Sequence[OutcomeName], some_are_not: bool) -> str:
    every, failed = len(counted), counted.count("fail")
    unsure = counted.count("inconclusive")
    rules = ("counted rule" if some_are_not else "rule") + ("" if every == 1 else "s")
    if not every:
        return "--fail-on leaves no rule to count" if some_are_not else "there is no rule to judge"
    if failed:
        said = f"{failed:,} of {every:,} {rules} {'fails' if failed == 1 else 'fail'}"
        return f"{said}, {be(unsure, 'inconclusive')}" if unsure else said
    if unsure:
        said = f"{unsure:,} of {every:,} {rules} {'is' if unsure == 1 else 'are'} inconclusive"
        return f"{said}, none fails"
    return f"the only {rules} passes" if every == 1 else f"all {every:,} {rules} pass"


def _aside(others: Sequence[OutcomeName]) -> str:
    if not others:
        return ""
    failed, unsure = others.count("fail"), others.count("inconclusive")
    parts = [fail(failed)] if failed else []
    parts += [be(unsure, "inconclusive")] if unsure else []
    return f"; not counted: {', '.join(parts)}" if parts else f"; {len(others):,} not counted"


def asides(verdict: Verdict) -> list[str]:
    """What a verdict in one line must not hide: how little it may stand on."""
    if verdict.totals.events:
        return misspelt(verdict)
    return ["no trace line" if verdict.totals.lines else "the log is empty"]


def misspelt(verdict: Verdict) -> list[str]:
    """How many names of counted rules never occur, while one much like them does.

    Empty if there is none. That a tag never occurs is what a guard is there for; only a
    likeness makes it suspicious.
    """
    names = {
        (one.what, one.name)
        for outcome in verdict.outcomes
        if outcome.counted
        for one in outcome.never_seen
        if one.nearest is not None
    }
    return [f"{plural(len(names), 'name')} may be misspelt"] if names else []


def nothing_read(totals: Totals) -> str:
    """Why there was nothing for any selector to match; empty if there was an event."""
    if totals.events:
        return ""
    return "No line of this log is a trace line." if totals.lines else "The log is empty."


def size(verdict: Verdict) -> str:
    """How much was read."""
    totals = verdict.totals
    return ", ".join(
        (
            plural(totals.lines, "line"),
            plural(totals.events, "event"),
            plural(len(verdict.inputs), "file"),
        )
    )


def defects(totals: Totals) -> str:
    """Which lines were damaged; empty if none was."""
    counts = {
        "malformed (meant to be events, but cannot be read as such)": totals.malformed,
        "undecodable (not UTF-8)": totals.undecodable,
        "too_long (cut at 1 MiB)": totals.too_long,
        "duplicate_field (the first value was taken)": totals.duplicate_field,
    }
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def never_seen(names: Iterable[Unseen], name: Callable[[str], str]) -> str:
    """What a rule names and the log never shows; empty if there is nothing."""
    return ", ".join(
        f"{unseen.what} {name(unseen.name)}"
        + (f" (did you mean {name(unseen.nearest)}?)" if unseen.nearest is not None else "")
        for unseen in names
    )


def unsettled(outcome: Outcome) -> list[str]:
    """What a run that follows knows to be missing from an outcome; empty if nothing is."""
    counts = {
        f"{outcome.open:,} still open": outcome.open,
        f"{outcome.evicted:,} evicted": outcome.evicted,
        plural(outcome.late_arrivals, "late arrival"): outcome.late_arrivals,
    }
    return [said for said, count in counts.items() if count]


def overdue(count: int) -> str:
    """That the log is silent for so long that subjects should have settled."""
    return f"{be(count, 'overdue')} by the clock of this machine"


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


def one_reason(rules: int) -> str:
    """The head above several rules that cannot be called for the same reason."""
    return f"{plural(rules, 'rule')}, all for the same reason"


def weak(outcome: Outcome) -> str:
    """What a weak key means for the findings; empty if no subject had one."""
    if not outcome.weak:
        return ""
    return (
        f"{outcome.weak:,} of {plural(outcome.subjects, 'subject')} judged under a weak key: a "
        "part of it is missing or void, so events of different messages may have been joined."
    )
