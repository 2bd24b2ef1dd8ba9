"""What the times of events say of their sources: from when to when, and how often they go back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import polars as pl

RISING = {"source": pl.UInt32, "time": pl.Int64}


def _no_times() -> pl.Series:
    return pl.Series(dtype=pl.Int64)


@dataclass(frozen=True, slots=True)
class Clock:
    """The times (ns) of the events of one source in a part of it.

    `untimed` is the place and text of the first event without a time, None if all have one.
    `back` counts events whose time is less than that of an earlier one. `rising` (Int64) are the
    times of the others, in line order: which of these go back too shows by what comes before. It
    is empty where nothing comes before.
    """

    least: int | None = None
    greatest: int | None = None
    untimed: tuple[int, str] | None = None
    back: int = 0
    rising: pl.Series = field(default_factory=_no_times, compare=False)

    @classmethod
    def of(cls, events: pl.DataFrame) -> Self:
        """The times of the events of one source, in any order."""
        times, untimed = events["@time"], None
        if times.null_count():
            without = events.filter(times.is_null())
            at = without["@place"].arg_min() or 0
            untimed = (without["@place"][at], without["@text"][at])
            events = events.filter(times.is_not_null())
        if not events["@place"].is_sorted():
            events = events.select("@place", "@time").sort("@place")
        times = events["@time"]
        if not len(times):
            return cls(untimed=untimed)
        rises = times == times.cum_max()
        rising = times if rises.all() else times.filter(rises)
        return cls(
            least=times.min(),  # type: ignore[arg-type]
            greatest=rising[-1],
            untimed=untimed,
            back=len(times) - len(rising),
            rising=rising,
        )

    @classmethod
    def joined(cls, parts: Sequence[Clock]) -> Clock:
        """Those of neighbouring parts together."""
        greatest: int | None = None
        back, rising = 0, []
        for part in parts:
            behind = 0
            if greatest is not None and len(part.rising):
                behind = int(part.rising.search_sorted(greatest, "left"))
            back += part.back + behind
            rising.append(part.rising[behind:])
            greatest = max((at for at in (greatest, part.greatest) if at is not None), default=None)
        return cls(
            least=min((part.least for part in parts if part.least is not None), default=None),
            greatest=greatest,
            untimed=next((part.untimed for part in parts if part.untimed), None),
            back=back,
            rising=pl.concat(rising),
        )


@dataclass(frozen=True, slots=True)
class Clocks:
    """The clock of each source that has events in a part of a log, by its number.

    `anchored`: nothing comes before the part, of any source.
    """

    by_source: Mapping[int, Clock] = field(default_factory=dict)
    anchored: bool = False

    @classmethod
    def of(cls, source: int, events: pl.DataFrame) -> Self:
        """That of a source, by some of its events."""
        return cls({source: Clock.of(events)} if events.height else {})

    @classmethod
    def joined(cls, parts: Iterable[Clocks]) -> Clocks:
        """Those of neighbouring parts together, anchored if one is: sources begin where they do."""
        of_source: defaultdict[int, list[Clock]] = defaultdict(list)
        anchored = False
        for part in parts:
            anchored |= part.anchored
            for source, clock in part.by_source.items():
                of_source[source].append(clock)
        whole = cls({source: Clock.joined(clocks) for source, clocks in of_source.items()})
        return whole.at_the_start() if anchored else whole

    def at_the_start(self) -> Clocks:
        """The same where nothing comes before."""
        known = {one: replace(clock, rising=_no_times()) for one, clock in self.by_source.items()}
        return Clocks(known, anchored=True)

    @property
    def back(self) -> int:
        """Events whose time is less than that of an earlier one of their source."""
        return sum(clock.back for clock in self.by_source.values())

    @property
    def untimed(self) -> tuple[int, str] | None:
        """The first event without a time: its place and text."""
        events = (clock.untimed for clock in self.by_source.values() if clock.untimed)
        return min(events, default=None)

    @property
    def span(self) -> tuple[int, int] | None:
        """The least and the greatest time (ns) of all events; None if none has one."""
        clocks = self.by_source.values()
        least = [clock.least for clock in clocks if clock.least is not None]
        greatest = [clock.greatest for clock in clocks if clock.greatest is not None]
        return (min(least), max(greatest)) if least else None

    def written(self) -> tuple[dict[str, Any], pl.DataFrame]:
        """The same as plain values, and the rising times (RISING): for `read`."""
        values = {
            str(source): [clock.least, clock.greatest, clock.untimed, clock.back]
            for source, clock in self.by_source.items()
        }
        rising = [
            pl.DataFrame({"source": source, "time": clock.rising}, RISING)
            for source, clock in self.by_source.items()
        ]
        table = pl.concat([pl.DataFrame(schema=RISING), *rising])
        return {"anchored": self.anchored, "sources": values}, table

    @classmethod
    def read(cls, values: Mapping[str, Any], table: pl.DataFrame) -> Self:
        """What was `written`."""
        clocks = {}
        for source, (least, greatest, untimed, back) in values["sources"].items():
            rising = table.filter(pl.col("source") == int(source))["time"]
            first = (untimed[0], untimed[1]) if untimed else None
            clocks[int(source)] = Clock(least, greatest, first, back, rising)
        return cls(clocks, values["anchored"])
