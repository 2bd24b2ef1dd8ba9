"""Several sources into one order of events, by time (contract, section 3).

Each source keeps its own order: where its time goes back, its running maximum counts. Equal
times go by source as given. An event leaves once no source can bring an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import polars as pl

from .events import Needs, Seen, Stretch
from .lines.decoding import LINES
from .model import DEFECTS, Totals

_WORTH_LEAVING = 1 << 16
"""Lines that leave together: with many sources each is read in small pieces."""


class Untimed(Exception):
    """An event has no time: the sources cannot be interleaved."""

    def __init__(self, place: int, text: str) -> None:
        """Where it stands, and its text."""
        super().__init__(place, text)
        self.place = place
        self.text = text


@dataclass(slots=True)
class _Source:
    stretches: Iterator[Stretch]
    reached: int | None = None
    done: bool = False
    waiting: list[pl.DataFrame] = field(default_factory=list)


class Interleaver:
    """Iterates over stretches of the sources: lines as they are read, events in time order.

    The events of a stretch that leaves are not those of its lines, but all that come before any
    still to come; what is counted is with the lines. Raises Untimed.
    """

    def __init__(self, sources: Sequence[Iterator[Stretch]], needs: Needs) -> None:
        """`needs` are those that the stretches were read with."""
        self._sources = [_Source(stretches) for stretches in sources]
        self._empty = Stretch.empty(needs)

    def __iter__(self) -> Iterator[Stretch]:
        read: list[Stretch] = []
        lines = 0
        while live := [source for source in self._sources if not source.done]:
            # The source that is furthest behind holds all others back.
            behind = min(live, key=lambda source: (source.reached is not None, source.reached or 0))
            stretch = next(behind.stretches, None)
            if stretch is None:
                behind.done = True
                continue
            self._take(behind, stretch.events)
            read.append(stretch)
            lines += stretch.totals.lines
            if lines >= _WORTH_LEAVING:
                yield self._leaving(read)
                read, lines = [], 0
        yield self._leaving(read)

    def _leaving(self, read: Sequence[Stretch]) -> Stretch:
        """What was read, as one stretch, with the events that can leave."""
        return _joined([self._empty, *read], [self._empty.events, *self._released()])

    def _take(self, source: _Source, events: pl.DataFrame) -> None:
        if not events.height:
            return
        events = events.sort("@place")
        if events["@time"].has_nulls():
            first = events.filter(events["@time"].is_null()).head(1)
            raise Untimed(first["@place"].item(), first["@text"].item())
        reached = events["@time"][0] if source.reached is None else source.reached
        events = events.with_columns(
            pl.max_horizontal(pl.col("@time").cum_max(), reached).alias("@when")
        )
        source.reached = events["@when"][-1]
        source.waiting.append(events)

    def _released(self) -> list[pl.DataFrame]:
        """The events that no source can precede any more: those before what all have reached."""
        live = [source.reached for source in self._sources if not source.done]
        if None in live:
            return []
        until = min((reached for reached in live if reached is not None), default=None)
        released = []
        for source in self._sources:
            kept = []
            for events in source.waiting:
                # In order: what is ready stands first.
                ready = (
                    events.height if until is None else events["@when"].search_sorted(until, "left")
                )
                released += [events.head(ready)] if ready else []
                kept += [events.slice(ready)] if ready < events.height else []
            source.waiting = kept
        return released


def _joined(read: Sequence[Stretch], events: Sequence[pl.DataFrame]) -> Stretch:
    """The lines of several stretches together, with these events."""
    starts = list(accumulate((one.lines.height for one in read), initial=0))
    defects = {
        name: pl.concat(
            (one.defects[name] + start).cast(pl.UInt32)
            for one, start in zip(read, starts, strict=False)
        )
        for name in DEFECTS
    }
    return Stretch(
        events=pl.concat(events),
        lines=pl.concat(one.lines[list(LINES)] for one in read),
        defects=defects,
        totals=Totals.added(one.totals for one in read),
        seen=Seen.joined(one.seen for one in read),
    )
