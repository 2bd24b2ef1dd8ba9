"""The options that ways to run have in common, and what may be asked for."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import BinaryIO, Protocol
from zoneinfo import available_timezones

from ..errors import UsageError
from ..model.rules import SEVERITIES, Severity
from ..reading.sources.decompression import DEFAULT_LIMIT, InflateLimit
from ..text.wording import nearest, quoted

# Names that system databases list, but that mean another zone, or none, on each machine.
_NO_ZONES = frozenset({"Factory", "localtime"})


def ensure_options(max_findings: int | None, fail_on: Severity) -> None:
    """Refuse what is no number of findings, or no severity. Raises UsageError."""
    if max_findings is not None and max_findings < 0:
        raise UsageError(f"max_findings is a number from 0, or None for all, not {max_findings}")
    if fail_on not in SEVERITIES:
        raise UsageError(f"{quoted(fail_on)} is no severity (one of {', '.join(SEVERITIES)})")


def zone_named(name: str) -> str:
    """The name of a time zone, if it is one. Raises UsageError."""
    if name == "UTC":  # to know all the others takes a look at each of their files
        return name
    known = available_timezones() - _NO_ZONES
    if name in known:
        return name
    cities = {timezone.rpartition("/")[2].casefold(): timezone for timezone in sorted(known)}
    city = name.rpartition("/")[2].casefold().replace(" ", "_")
    near = nearest(city, cities, among=len(cities))
    hint = f"did you mean {cities[near]}?" if near else "a name such as Europe/Berlin"
    raise UsageError(f"{quoted(name)} is no time zone ({hint})")


BLOCK = 16 << 20
"""Bytes read at a time; a few blocks are in memory at once, whatever the size of the log."""

_MOST_WORKERS = 8
"""Blocks prepared at once; each takes memory, and the fold is one thread after all."""


class Progress(Protocol):
    """Told how far the run is: bytes of the stored files read, and events found."""

    def __call__(self, position: int, events: int) -> None:
        """Take note; must be quick."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a check; what it means is in the rules.

    `most` findings are shown a rule, None for all. `zone` is that of times without one.
    `limit` guards against decompression bombs, None lifts it. `workers` and `block` change
    the speed and nothing else.
    """

    max_findings: int | None = 20
    fail_on: Severity = "low"
    timezone: str = "UTC"
    inflate_limit: InflateLimit | None = DEFAULT_LIMIT
    stdin: BinaryIO | None = None
    progress: Progress = lambda _position, _events: None
    workers: int = field(default_factory=lambda: min(_MOST_WORKERS, _cores()))
    block: int = BLOCK


def _cores() -> int:
    """Processors this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
