"""The frozen values of a run that follows: its notices as things happen, and its snapshots.

Times are nanoseconds since the epoch, in log time: what the lines say. No clock of the machine
is in them but where it is said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from .rules import RuleSpec
from .verdict import Evidence, Finding, Outcome, Verdict


@dataclass(frozen=True, slots=True)
class Violation:
    """A violation that settled. `more` violations of the rule settled with it, and have no notice.

    `at_end`: it settled because the log was closed; a log that had gone on might have undone it.
    """

    rule: RuleSpec
    finding: Finding
    more: int = 0
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class Changed:
    """A rule's outcome is another than it was."""

    before: Outcome
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Overdue:
    """The log fell silent, and by the clock of the machine so many of a rule are overdue.

    Nothing is settled by that, as only log time makes verdicts. `count` is 0 once none is left.
    `first` is the line of the one that is overdue for longest.
    """

    rule: RuleSpec
    count: int
    first: Evidence | None = None


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something stands in the way of reading, storing or notifying, or no longer does (`over`).

    `about` is what it concerns: the path of a log, the folder of the state.
    """

    about: str
    message: str
    over: bool = False


Notice = Violation | Changed | Overdue | Trouble


@dataclass(frozen=True, slots=True)
class Window:
    """The last `minutes` of log time: its events and, of each rate rule by id, (of, over).

    For display only: no verdict is made of it.
    """

    minutes: int
    events: int
    shares: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """How a run that follows stands.

    `verdict` is that of what is settled so far; outcomes count what is `open`. `log_time` is when
    the last event that has a time was written. `lag` are bytes that are there and not
    yet read. `lines_per_second` is by the clock of the machine, over the last seconds. `volume`
    are the events of each of the last minutes of log time, the oldest first. `overdue` counts, by
    rule id, what is overdue by the clock of the machine. `recent` are the last violations, the
    newest last. `troubles` are those that still stand.
    """

    verdict: Verdict
    log_time: int | None = None
    lag: int = 0
    lines_per_second: float = 0.0
    windows: tuple[Window, ...] = ()
    volume: tuple[int, ...] = ()
    overdue: Mapping[str, int] = field(default_factory=dict)
    late_arrivals: int = 0
    recent: tuple[Violation, ...] = ()
    troubles: tuple[Trouble, ...] = ()
