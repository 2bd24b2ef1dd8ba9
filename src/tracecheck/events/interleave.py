"""Several sources into one order of events, by time (contract, section 3).

Each source keeps its own order: where its time goes back, its running maximum counts. Equal
times go by source as given. An event is released once no source can bring an earlier one.

Times are nanoseconds since the epoch. The watermark of a source is the latest time of its events
so far: nothing that it still brings is put before that.

A run may be asked to put the events of each source in order of time too. Then nothing is known of
what a source still brings, and equal times go in line order.

Without times there is no such order, and `Untimed` is where the two ways to run differ. A check
of whole logs promises the order of the contract, so the first event without a time sends it back
to read everything again, source after source. A run that follows cannot take back what it has
reported: it decides by the first events of each source, and orders one that lacks a time later
on by the time of the event before it, as a late arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from .table import EventBatch, Needs, joined

_LINES = 1 << 16
"""Lines of a batch, at least: with many sources each is read in small pieces."""

_NEVER = -(1 << 63)


class Untimed(Exception):
    """An event has no time: the sources cannot be interleaved."""


@dataclass(slots=True)
class _Source:
    watermark: int | None = None
    waiting: list[pl.DataFrame] = field(default_factory=list)


class ReorderBuffer:
    """Events of several sources that wait until no source can bring an earlier one.

    Their columns are `Needs.schema`, `@time` among them; `@when` becomes the time (ns) by which
    an event is ordered. An event without a time, or which comes when later ones were released,
    is put behind those: a late arrival.
    """

    def __init__(self, needs: Needs, *, sorts: bool = False) -> None:
        """`needs` are those that the events were read with. `sorts`: sources have no order."""
        self._sorts = sorts
        self._sources: dict[int, _Source] = {}
        self._empty = EventBatch.empty(needs).events
        self._last: tuple[int, int] | None = None  # @when and @place of the last one released

    def state(self) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
        """What waits, as plain values and tables that a later run can go on with."""
        watermarks = {str(number): source.watermark for number, source in self._sources.items()}
        tables = {
            str(number): pl.concat(source.waiting)
            for number, source in self._sources.items()
            if source.waiting
        }
        return {"left": self._last, "reached": watermarks}, tables

    def resume(self, state: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
        """Go on where another was when its `state` was taken."""
        self._last = tuple(state["left"]) if state["left"] else None
        self._sources = {
            int(number): _Source(watermark, [tables[number]] if number in tables else [])
            for number, watermark in state["reached"].items()
        }

    def add(self, source: int) -> None:
        """A source is there, which has not brought an event yet."""
        self._sources[source] = _Source()

    def watermark(self, source: int) -> int | None:
        """The latest time of a source's events so far; None before its first event."""
        return self._sources[source].watermark

    @property
    def latest(self) -> int | None:
        """The watermark of the source that is furthest ahead."""
        times = [one.watermark for one in self._sources.values() if one.watermark is not None]
        return max(times, default=None)

    def push(self, number: int, events: pl.DataFrame) -> int:
        """Take the next events of a source; return how many are late arrivals."""
        if not events.height:
            return 0
        source = self._sources[number]
        events = events.sort("@place")
        when = events["@time"].cum_max().fill_null(strategy="forward")
        if source.watermark is not None:
            when = when.fill_null(source.watermark).clip(source.watermark)
        if self._sorts:
            when = events["@time"].fill_null(when)
        late = events["@time"].is_null()
        if self._last is not None:
            time, place = self._last
            when = when.fill_null(time)
            late |= (when < time) | ((when == time) & (events["@place"] < place))
            when = when.clip(time)
        when = when.fill_null(0)
        events = events.with_columns(when.alias("@when"))
        if self._sorts:
            events = events.sort("@when", maintain_order=True)
        source.watermark = max(events["@when"][-1], source.watermark or _NEVER)
        source.waiting.append(events)
        return int(late.sum())

    def release(self, watermark: int | None) -> pl.DataFrame:
        """The events with `@when` before `watermark` (all if None), in no order.

        No event that is still to come may sort before the watermark.
        """
        released = [self._empty]
        for source in self._sources.values():
            kept = []
            for events in source.waiting:
                # They are in order of @when: what is ready stands first.
                ready = (
                    events.height
                    if watermark is None
                    else events["@when"].search_sorted(watermark, "left")
                )
                released += [events.head(ready)] if ready else []
                kept += [events.slice(ready)] if ready < events.height else []
            source.waiting = kept
        events = pl.concat(released)
        if events.height:
            time = events["@when"].max()
            place = events["@place"].filter(events["@when"] == time).max()
            self._last = max((time, place), self._last or (time, place))  # type: ignore[assignment]
        return events


def interleaved(sources: Sequence[Iterator[EventBatch]], needs: Needs) -> Iterator[EventBatch]:
    """Batches of whole sources: lines as they are read, events by time.

    The events of a batch are not those of its lines, but all that were released since the batch
    before; what is counted is with the lines. `needs` are those that the batches were read with.
    Raises Untimed.
    """
    buffer = ReorderBuffer(needs)
    live = dict(enumerate(sources))
    for number in live:
        buffer.add(number)
    read: list[EventBatch] = []
    lines = 0
    while live:
        # The slowest source holds all others back.
        number, _ = slowest(buffer, live)
        batch = next(live[number], None)
        if batch is None:
            del live[number]
            continue
        if batch.events["@time"].has_nulls():
            raise Untimed
        buffer.push(number, batch.events)
        read.append(batch)
        lines += batch.totals.lines
        if lines >= _LINES:
            _, watermark = slowest(buffer, live)
            released = buffer.release(_NEVER if watermark is None else watermark)
            yield joined(needs, read, released)
            read, lines = [], 0
    yield joined(needs, read, buffer.release(None))


def by_time(sources: Iterable[Iterable[EventBatch]], needs: Needs) -> Iterator[EventBatch]:
    """Batches of whole sources: lines as they are read, and then all events by time.

    An event without a time goes by the latest time before it in its source. All events are held
    in memory. `needs` are those that the batches were read with.
    """
    buffer = ReorderBuffer(needs, sorts=True)
    for number, batches in enumerate(sources):
        buffer.add(number)
        for batch in batches:
            buffer.push(number, batch.events)
            yield joined(needs, [batch], batch.events.clear())
    events = buffer.release(None).sort("@when", "@place")
    for start in range(0, events.height, _LINES):
        yield joined(needs, [], events[start : start + _LINES])


def slowest(buffer: ReorderBuffer, sources: Iterable[int]) -> tuple[int, int | None]:
    """Of some sources the one that is furthest behind, and its watermark."""
    watermarks = {number: buffer.watermark(number) for number in sources}
    number = min(watermarks, key=lambda one: (watermarks[one] is not None, watermarks[one] or 0))
    return number, watermarks[number]
