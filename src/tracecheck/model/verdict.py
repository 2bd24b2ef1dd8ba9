"""What a run yields: the frozen values that every report is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .rules import RuleSpec

OutcomeName = Literal["pass", "fail", "inconclusive"]
_EXIT_CODES: Mapping[OutcomeName, int] = {"pass": 0, "fail": 1, "inconclusive": 3}
Reason = Literal[
    "unread",  # these four only while a log is followed
    "evicted",
    "late_arrivals",
    "pending",
    "no_order",
    "open",
    "unattributed",
    "no_evidence",
    "too_few",
    "incomparable",
    "no_time",
]

DEFECTS = ("malformed", "undecodable", "too_long", "duplicate_field", "second_event")
"""The classes of a defective line, first that applies first (contract, section 7)."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line that shows a violation: the file as given or found, the 1-based line, its text."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation. `key` maps each key field to its value, None where it is missing.

    `time` is that of the first evidence line, in nanoseconds since the epoch.
    """

    class_: str
    key: Mapping[str, str | None]
    message: str
    evidence: tuple[Evidence, ...]
    time: int | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """What a rule names and the log never shows, with the nearest that it does show.

    A `value` is one of a field, which `of` names. `there` are a few of those that the log shows
    instead (tags, or values of the field); `more`: there are others beside these.
    """

    what: Literal["tag", "field", "attribute", "value"]
    name: str
    nearest: str | None
    of: str | None = None
    there: tuple[str, ...] = ()
    more: bool = False


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rate measured: `of` out of `over` events, against the limit as written."""

    of: int
    over: int
    limit: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule yields (contract, section 5). `counted`: it can fail the run.

    `reason_evidence` is the first line that the reason speaks of, where it speaks of lines.
    While a log is followed, `open` counts the subjects that are not settled yet, `oldest_open` is
    the time (ns since the epoch) of the oldest that has one, and `evicted` and `late_arrivals`
    count what the reasons of these names are about. A `fail` is settled; all else may still change.
    """

    rule: RuleSpec
    outcome: OutcomeName
    reason: Reason | None
    subjects: int
    violations: int
    unattributed: int
    weak: int
    never_seen: tuple[Unseen, ...]
    classes: Mapping[str, int]
    measure: Measure | None
    findings: tuple[Finding, ...]
    findings_omitted: int
    counted: bool = True
    reason_evidence: Evidence | None = None
    open: int = 0
    oldest_open: int | None = None
    evicted: int = 0
    late_arrivals: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read: its path as given or found, its lines, its bytes decompressed.

    `unfinished`: it is no newest part of its rotated set, and has no LF at its end. `unread` are
    bytes, as they are stored, that were known to be there and not read when a run that follows
    ended; of a file that it had not begun, all.
    """

    path: str
    lines: int
    bytes: int
    unfinished: bool = False
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over all lines; lines = events + plain + malformed.

    `time_goes_back` counts events whose time is less than that of an earlier event of their source.
    """

    lines: int = 0
    events: int = 0
    plain: int = 0
    malformed: int = 0
    undecodable: int = 0
    too_long: int = 0
    duplicate_field: int = 0
    second_event: int = 0
    time_goes_back: int = 0

    @staticmethod
    def added(parts: Iterable[Totals]) -> Totals:
        """The counts of several parts of a log together."""
        several = list(parts)
        return Totals(*(sum(getattr(one, name) for one in several) for name in Totals.__slots__))


Order = Literal["lines", "time", "given", "unknown"]
"""How events were ordered: by line (one source), by time, as asked for, or not known."""

AskedOrder = Literal["given", "time"]
"""The orders that a run may be asked for: sources as given; all events by time."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the run yields, and everything behind it.

    `judged_by` are the rule files, as given or by their shipped names. `untimed` is the event
    without a time for which several sources were not interleaved, but follow each other. `span` is
    the least and the greatest time of events (ns since the epoch), None if no event has one.
    `asked_order` is what the run was asked for.
    `stamps_not_read` are forms, by example, of stamps of events that were taken for no time.
    """

    verdict: OutcomeName
    inputs: tuple[Input, ...]
    totals: Totals
    outcomes: tuple[Outcome, ...]
    judged_by: tuple[str, ...] = ()
    untimed: Evidence | None = None
    order: Order = "lines"
    asked_order: AskedOrder | None = None
    span: tuple[int, int] | None = None
    stamps_not_read: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """What the verdict maps to (contract, section 5)."""
        return _EXIT_CODES[self.verdict]
