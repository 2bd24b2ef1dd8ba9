"""Several sources into one order of events, by time (contract, section 3).

Each source keeps its own order: where its time goes back, its running maximum counts. Equal
times go by source as given. An event leaves once no source can bring an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from .table import EventBatch, Needs, joined

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
    reached: int | None = None
    waiting: list[pl.DataFrame] = field(default_factory=list)


class ReorderBuffer:
    """The events of several sources that wait for their turn in the order of time.

    Where an event comes after its turn, or has no time to tell its turn, it is put in where the
    order has got to, and counted as a late arrival.
    """

    def __init__(self, needs: Needs) -> None:
        """`needs` are those that the events were read with."""
        self._sources: dict[int, _Source] = {}
        self._empty = EventBatch.empty(needs).events
        self._left: tuple[int, int] | None = None  # when and where the last that left was

    def state(self) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
        """What waits, as plain values and tables that a later run can go on with."""
        reached = {str(number): source.reached for number, source in self._sources.items()}
        tables = {
            str(number): pl.concat(source.waiting)
            for number, source in self._sources.items()
            if source.waiting
        }
        return {"left": self._left, "reached": reached}, tables

    def resume(self, state: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
        """Go on where another was when it told its state."""
        self._left = tuple(state["left"]) if state["left"] else None
        self._sources = {
            int(number): _Source(reached, [tables[number]] if number in tables else [])
            for number, reached in state["reached"].items()
        }

    def add(self, source: int) -> None:
        """A source is there, which has not brought an event yet."""
        self._sources[source] = _Source()

    def reached(self, source: int) -> int | None:
        """The time that a source has reached; None before its first event."""
        return self._sources[source].reached

    @property
    def latest(self) -> int | None:
        """The time that the source which is furthest has reached."""
        times = [one.reached for one in self._sources.values() if one.reached is not None]
        return max(times, default=None)

    def push(self, number: int, events: pl.DataFrame) -> int:
        """Let events of a source wait for their turn; return how many came late."""
        if not events.height:
            return 0
        source = self._sources[number]
        events = events.sort("@place")
        untimed = events["@time"].null_count()
        reached = source.reached
        begin = self._left[0] if self._left and reached is None else reached
        when = events["@time"].cum_max()
        if untimed:
            when = when.fill_null(strategy="forward").fill_null(begin or 0)
        if reached is not None:
            when = when.clip(reached)
        late = pl.repeat(value=False, n=events.height, dtype=pl.Boolean, eager=True)
        if self._left is not None:
            time, place = self._left
            late = (when < time) | ((when == time) & (events["@place"] < place))
            when = when.clip(time)
        source.reached = when[-1]
        source.waiting.append(events.with_columns(when.alias("@when")))
        return int((late | events["@time"].is_null()).sum())

    def release(self, watermark: int | None) -> pl.DataFrame:
        """The events before a time, or all if None, in no order: none that is to come precedes."""
        released = [self._empty]
        for source in self._sources.values():
            kept = []
            for events in source.waiting:
                # In order: what is ready stands first.
                ready = (
                    events.height
                    if watermark is None
                    else events["@when"].search_sorted(watermark, "left")
                )
                released += [events.head(ready)] if ready else []
                kept += [events.slice(ready)] if ready < events.height else []
            source.waiting = kept
        left = pl.concat(released)
        if left.height:
            last = left["@when"].max()
            place = left["@place"].filter(left["@when"] == last).max()
            self._left = max((last, place), self._left or (last, place))  # type: ignore[assignment]
        return left


class Interleaver:
    """Iterates over batches of whole sources: lines as they are read, events in time order.

    The events of a batch that leaves are not those of its lines, but all that come before any
    still to come; what is counted is with the lines. Raises Untimed.
    """

    def __init__(self, sources: Sequence[Iterator[EventBatch]], needs: Needs) -> None:
        """`needs` are those that the batches were read with."""
        self._sources = sources
        self._needs = needs

    def __iter__(self) -> Iterator[EventBatch]:
        buffer = ReorderBuffer(self._needs)
        live = dict(enumerate(self._sources))
        for number in live:
            buffer.add(number)
        read: list[EventBatch] = []
        lines = 0
        while live:
            # The source that is furthest behind holds all others back.
            behind, _ = slowest(buffer, live)
            batch = next(live[behind], None)
            if batch is None:
                del live[behind]
                continue
            _ensure_timed(batch.events)
            buffer.push(behind, batch.events)
            read.append(batch)
            lines += batch.totals.lines
            if lines >= _WORTH_LEAVING:
                _, watermark = slowest(buffer, live)
                yield joined(self._needs, read, _leaving(buffer, watermark))
                read, lines = [], 0
        yield joined(self._needs, read, buffer.release(None))


def slowest(buffer: ReorderBuffer, numbers: Iterable[int]) -> tuple[int, int | None]:
    """Of some sources the one that is furthest behind, and the time that it has reached."""
    reached = {number: buffer.reached(number) for number in numbers}
    behind = min(reached, key=lambda one: (reached[one] is not None, reached[one] or 0))
    return behind, reached[behind]


def _leaving(buffer: ReorderBuffer, watermark: int | None) -> pl.DataFrame:
    """What can leave; nothing while a source has brought no event."""
    return buffer.release(-(1 << 63) if watermark is None else watermark)


def _ensure_timed(events: pl.DataFrame) -> None:
    if events["@time"].has_nulls():
        first = events.filter(events["@time"].is_null()).sort("@place").head(1)
        raise Untimed(first["@place"].item(), first["@text"].item())
