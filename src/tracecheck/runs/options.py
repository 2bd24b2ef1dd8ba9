"""The options that ways to run have in common: what may be asked for, and the defaults."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO, Protocol
from zoneinfo import available_timezones

from ..errors import UsageError
from ..model.bounds import Bounds
from ..model.rules import SEVERITIES, Severity
from ..model.tuning import DEFAULT_TUNING, Tuning
from ..model.verdict import AskedOrder
from ..reading.sources.decompression import DEFAULT_LIMIT, InflateLimit
from ..text.amounts import SECOND
from ..text.wording import did_you_mean, nearest, quoted

BOUNDS = Bounds(open_keys=100_000, closed_keys=100_000)
"""What a rule keeps in memory while a log is followed."""

LATENESS = 5 * SECOND
"""Nanoseconds that events wait for those of other sources while logs are followed."""

# Names that system databases list, but that mean another zone, or none, on each machine.
_NO_ZONES = frozenset({"Factory", "localtime"})


class Progress(Protocol):
    """Called with how far the run is: bytes of the stored files read, and events found."""

    def __call__(self, position: int, events: int) -> None:
        """Take note; must be quick."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How to run; what a run means is in the rules. Raises UsageError for what cannot be.

    `max_findings` findings are kept a rule, None for all. `timezone` is that of times without
    one. `inflate_limit` guards against decompression bombs, None lifts it. `progress` is called by
    a check.

    `order` lets sources follow each other as `given`, or puts the events of each by `time` too;
    without it several sources are interleaved by time, and each keeps its own order.

    A run that follows keeps to `bounds`, and events wait `lateness` (ns) for other sources.
    `clock` is the machine's, in seconds: it decides when to wait no longer, and never a verdict.
    """

    max_findings: int | None = 20
    fail_on: Severity = "low"
    timezone: str = "UTC"
    order: AskedOrder | None = None
    inflate_limit: InflateLimit | None = DEFAULT_LIMIT
    stdin: BinaryIO | None = None
    tuning: Tuning = DEFAULT_TUNING
    progress: Progress = lambda _position, _events: None
    bounds: Bounds = BOUNDS
    lateness: int = LATENESS
    clock: Callable[[], float] = time.monotonic

    def __post_init__(self) -> None:
        most = self.max_findings
        if most is not None and most < 0:
            raise UsageError(f"max_findings is a number from 0, or None for all, not {most}")
        if self.fail_on not in SEVERITIES:
            known = ", ".join(SEVERITIES)
            raise UsageError(f"{quoted(self.fail_on)} is no severity (one of {known})")
        if self.order not in {None, "given", "time"}:
            raise UsageError(f"the order of events is given or time, not {self.order}")
        _ensure_timezone(self.timezone)


def _ensure_timezone(name: str) -> None:
    """Refuse what is no name of a time zone. Raises UsageError."""
    if name == "UTC":  # to know all the others takes a look at each of their files
        return
    known = available_timezones() - _NO_ZONES
    if name in known:
        return
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(known)}
    city = name.rpartition("/")[2].casefold().replace(" ", "_")
    near = nearest(city, cities, among=len(cities))
    hint = did_you_mean(cities[near]) if near else "a name such as Europe/Berlin"
    raise UsageError(f"{quoted(name)} is no time zone ({hint})")
