"""Several sources into one order of events, by time (contract, section 3).

Each source keeps its own order: where its time goes back, its running maximum counts. Equal
times go by source as given. An event leaves once no source can bring an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from .events import Needs, Stretch


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

    A stretch that leaves holds lines without events, or events without lines; what is counted
    is with the lines. Raises Untimed.
    """

    def __init__(self, sources: Sequence[Iterator[Stretch]], needs: Needs) -> None:
        """`needs` are those that the stretches were read with."""
        self._sources = [_Source(stretches) for stretches in sources]
        self._empty = Stretch.empty(needs)

    def __iter__(self) -> Iterator[Stretch]:
        while live := [source for source in self._sources if not source.done]:
            # The source that is furthest behind holds all others back.
            behind = min(live, key=lambda source: (source.reached is not None, source.reached or 0))
            stretch = next(behind.stretches, None)
            if stretch is None:
                behind.done = True
            else:
                yield replace(stretch, events=self._empty.events)
                self._take(behind, stretch.events)
            if events := self._released():
                yield replace(self._empty, events=pl.concat(events))

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
