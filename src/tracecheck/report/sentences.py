"""What a report says in sentences, for a stranger who meets the rules for the first time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..model.verdict import Outcome, OutcomeName, Totals, Verdict

OMITTED = "and {} more (--max-findings all shows every one)"
_JOINING = ("handoff", "consistent", "sequence")
NOT_COUNTED = "(not counted)"
NEVER_SEEN = "Never seen in this log"
FOR_EXAMPLE = "For example"

UNFINISHED = (
    "Rotated files that do not end in a line feed: a line may have been cut in two, or lost, "
    "between them and the next:"
)
UNREAD = (
    "Not read when the run ended: {}. So no rule can pass, and what a finding misses may stand "
    "there."
)
UNTIMED = (
    "The sources were read one after the other, as given, and not by time, because this event "
    "has no time:"
)
UNTIMED_MEANS = (
    "The order between the sources is not known, so a rule that joins events of several of them "
    "cannot be called (`no_order`), whatever it found."
)
UNPLACED = "The events were put in order of time, in which this one, without a time, has no place:"
UNPLACED_MEANS = (
    "A rule that joins it with others cannot be called (`no_order`), whatever it found."
)
UNTIMED_REMEDY = (
    "Let the emitter write a full timestamp, with the year, on this line and all like it, say "
    "`--order given` if the sources follow each other as they are given, or check each source by "
    "itself."
)

STAMPS_READ = (
    "2025-12-18T21:00:00 and its like (a space for the T, / for -, a fraction; behind it Z, UTC, "
    "GMT, an offset, AM or PM), or at the start of a line 10, 13 or 16 digits of epoch seconds, ms "
    "or us"
)


def plural(number: int, noun: str) -> str:
    """`1 event`, `1,234 events`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def be(number: int, word: str) -> str:
    """`1 is open`, `1,234 are open`."""
    return f"{number:,} {'is' if number == 1 else 'are'} {word}"


def not_passing(failed: int, unsure: int, out_of: str = "") -> list[str]:
    """`1 fails`, `2 are inconclusive`: how many rules do not pass, without what is 0."""
    parts = [f"{failed:,}{out_of} {'fails' if failed == 1 else 'fail'}"] if failed else []
    return parts + ([be(unsure, "inconclusive")] if unsure else [])


def counts(classes: Mapping[str, int]) -> str:
    """`lost 2, late 1`: the classes that were found, or must be."""
    return ", ".join(f"{name} {count}" for name, count in classes.items() if count)


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
        return ", ".join(not_passing(failed, unsure, f" of {every:,} {rules}"))
    if unsure:
        are = "is" if unsure == 1 else "are"
        return f"{unsure:,} of {every:,} {rules} {are} inconclusive, none fails"
    return f"the only {rules} passes" if every == 1 else f"all {every:,} {rules} pass"


def _aside(others: Sequence[OutcomeName]) -> str:
    if not others:
        return ""
    parts = not_passing(others.count("fail"), others.count("inconclusive"))
    return f"; not counted: {', '.join(parts)}" if parts else f"; {len(others):,} not counted"


def asides(verdict: Verdict) -> list[str]:
    """What a verdict in one line must not hide: why it is not called, how little it stands on."""
    if not verdict.totals.events and (verdict.totals.lines or not unread(verdict)):
        return ["no trace line" if verdict.totals.lines else "the log is empty", *unread(verdict)]
    unsure = verdict.outcomes if verdict.verdict == "inconclusive" else ()
    reasons = dict.fromkeys(one.reason for one in unsure if one.counted and one.reason)
    return [*reasons, *warnings(verdict)]


def warnings(verdict: Verdict) -> list[str]:
    """What makes a verdict suspicious that counts look at alone; empty if nothing does."""
    return [*unread(verdict), *misspelt(verdict)]


def unread(verdict: Verdict) -> list[str]:
    """How much was known to be there when the run ended, and not read; empty if nothing was."""
    left = sum(one.unread for one in verdict.inputs)
    return [f"{plural(left, 'byte')} not read"] if left else []


def misspelt(verdict: Verdict) -> list[str]:
    """How many names of counted rules never occur, while one much like them does.

    Empty if there is none. That a tag never occurs is what a guard is there for; only a
    likeness makes it suspicious.
    """
    names = {
        (one.what, one.of, one.name)
        for outcome in verdict.outcomes
        if outcome.counted
        for one in outcome.never_seen
        if one.nearest is not None
    }
    return [f"{plural(len(names), 'name')} may be misspelt"] if names else []


def nothing_read(verdict: Verdict) -> str:
    """Why there was nothing for any selector to match; empty if that is said, or there was."""
    totals, cut_short = verdict.totals, unread(verdict)
    if totals.events or (cut_short and not totals.lines):
        return ""
    if cut_short:
        return "No line that was read is a trace line."
    return "No line of this log is a trace line." if totals.lines else "The log is empty."


def size(verdict: Verdict) -> str:
    """How much was read."""
    lines, events = verdict.totals.lines, verdict.totals.events
    begun = [one for one in verdict.inputs if one.bytes or not one.unread]
    files = plural(len(begun), "file")
    return f"{plural(lines, 'line')}, {plural(events, 'event')}, {files}"


def defects(totals: Totals) -> str:
    """Which lines were damaged; empty if none was."""
    counts = {
        "malformed (meant to be events, but cannot be read as such)": totals.malformed,
        "undecodable (not UTF-8)": totals.undecodable,
        "too_long (cut at 1 MiB)": totals.too_long,
        "duplicate_field (the first value was taken)": totals.duplicate_field,
        "second_event (only the first of the line was read)": totals.second_event,
    }
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def backwards(outcome: Outcome, verdict: Verdict) -> str:
    """What to do for a rule that joins events where times go back; empty if that is no matter."""
    back = verdict.totals.time_goes_back
    if outcome.rule.kind not in _JOINING or not back or verdict.asked_order == "time":
        return ""
    return (
        f"Time goes back at {plural(back, 'event')} of the log. `--order time` "
        "judges events in the order of their times, not of their lines."
    )


def unsettled(outcome: Outcome) -> list[str]:
    """What a run that follows knows to be missing from an outcome; empty if nothing is."""
    counts = {
        f"{outcome.open:,} still open": outcome.open,
        f"{outcome.evicted:,} evicted": outcome.evicted,
        plural(outcome.late_arrivals, "late arrival"): outcome.late_arrivals,
    }
    return [text for text, count in counts.items() if count]


def overdue(count: int) -> str:
    """That the log is silent for so long that subjects should have settled."""
    return f"{be(count, 'overdue')} by the clock of this machine"


def weak(outcome: Outcome) -> str:
    """What a weak key means for the findings; empty if no subject had one."""
    if not outcome.weak:
        return ""
    return (
        f"{outcome.weak:,} of {plural(outcome.subjects, 'subject')} judged under a weak key: a "
        "part of it is missing or void, so events of different messages may have been joined."
    )


def stamps_not_read(verdict: Verdict) -> str:
    """Which stamps were seen and are no time; empty if none were, or no rule misses a time."""
    misses = any(one.reason in ("no_time", "no_order") for one in verdict.outcomes)
    if not (misses or verdict.untimed):
        return ""
    return "; ".join(verdict.stamps_not_read)
