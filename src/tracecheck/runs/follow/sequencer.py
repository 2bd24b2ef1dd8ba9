"""The sequencer: puts the events of growing sources in order, in one partition or several.

One source is in line order. Several are interleaved by time, if all events that they show at
first have one: an event waits until no source can bring an earlier one, or until it has waited
for `lateness`. Else each source is a partition of its own. A check decides otherwise: it reads
everything again when one event lacks a time (see `events.interleave`), which a log that grows
does not allow.

A run that is asked for the order that is given makes partitions too. One that is asked for order
of time lets each event wait for `lateness`, as its own source may bring an earlier one.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ...engine.origins import Origin, of_source
from ...errors import UsageError
from ...events.interleave import ReorderBuffer, slowest
from ...events.table import EventBatch, Needs, joined
from ...reading.growing import GrowingSources
from ...text.amounts import SECOND
from ..options import RunOptions

_NEVER = -(1 << 63)

_JOINS = 750_000_000
"""Nanoseconds for which events wait where sources may join: until these are seen."""

Ordered = tuple[int, list[EventBatch]]
"""The number of a partition, and batches that come next in it."""


class Sequencer:
    """Puts batches in order, as they are read."""

    def __init__(
        self,
        sources: GrowingSources,
        needs: Needs,
        options: RunOptions,
        *,
        may_grow: bool,
    ) -> None:
        """`may_grow` tells that more sources may join."""
        self._sources = sources
        self._needs = needs
        self._lateness = options.lateness
        self._clock = options.clock
        self._order = options.order
        one = len(sources) == 1 and not may_grow
        known = one or self._order is not None
        self._held: list[tuple[int, EventBatch]] | None = None if known else []  # until decided
        self._buffer: ReorderBuffer | None = self._new_buffer() if self._order == "time" else None
        self._untimed = 0  # events without a time while there was one source
        self._may_grow = may_grow
        self._is_unknown = False  # how sources follow each other
        self._samples: deque[tuple[float, int]] = deque()  # when which time had been reached

    @property
    def is_decided(self) -> bool:
        """Whether it is known how sources are put in order."""
        return self._held is None

    @property
    def is_undecided(self) -> bool:
        """Whether sources may turn out to have events under one key, and in no known order."""
        return self._is_unknown and len(self._sources) > 1

    def origin(self, number: int) -> Origin | None:
        """Where the events of a partition come from, if it is unknown how these follow each other.

        It is also kept of one source, as others may join.
        """
        return of_source(number) if self._is_unknown else None

    def push(self, batches: Sequence[tuple[int, EventBatch]]) -> list[Ordered]:
        """Take batches by number of their source; return what is in order by now."""
        if self._held is not None:
            self._held += [one for one in batches if one[1].events.height]
            # Lines without events have no place in this order, and are counted at once.
            eventless = [batch for _, batch in batches if not batch.events.height]
            ordered = [(0, eventless)] if eventless else []
            return ordered + (self._decide() if self._may_decide(self._held) else [])
        if self._buffer is not None:
            return self._by_time(self._buffer, batches)
        numbers = dict.fromkeys(number for number, _ in batches)
        return [(number, [one for at, one in batches if at == number]) for number in numbers]

    def settles(self, number: int) -> bool:
        """Whether log time settles what is open in a partition: no other can go on with it."""
        if self._buffer is not None:
            return True
        return number == len(self._sources) - 1 and not (self._may_grow or self._is_unknown)

    def finish(self) -> list[Ordered]:
        """Return all that still waits: the log is closed."""
        ordered = self._decide() if self._held is not None else []
        if self._buffer is not None:
            ordered += self._released(self._buffer, [], None, 0)
        return ordered

    def next(self, behind: Sequence[int]) -> int:
        """Of sources with more to read, the one that holds back the others: it is read first."""
        if self._buffer is not None:
            return slowest(self._buffer, behind)[0]
        shown = {number for number, _ in self._held or ()}
        return next((number for number in behind if number not in shown), behind[0])

    def admit(self, number: int) -> None:
        """One more source is followed."""
        if self._buffer is not None:
            self._buffer.add(number)

    def state(self) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
        """What waits, as plain values and tables (EVENT); only once the order is decided."""
        tables: dict[str, pl.DataFrame] = {}
        buffer = None
        if self._buffer is not None:
            buffer, tables = self._buffer.state()
        return {"buffer": buffer, "untimed": self._untimed, "unknown": self._is_unknown}, tables

    def resume(self, state: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]) -> None:
        """Go on from the state of an earlier run. Raises UsageError if logs were added to one."""
        self._held = None
        self._untimed, self._is_unknown = state["untimed"], state["unknown"]
        of_one = state["buffer"] is None and not self._is_unknown and self._order is None
        if of_one and len(self._sources) > 1:
            raise UsageError(
                "the checkpoint is of one log, whose events cannot be put in order with those of "
                "others now; start over in another --state folder"
            )
        if state["buffer"] is not None:
            self._buffer = self._new_buffer()
            # Rules that changed ask for other columns. Those that go on find theirs.
            fitted = {name: _fitted(one, self._needs) for name, one in tables.items()}
            self._buffer.resume(state["buffer"], fitted)
            if self._buffer.latest is not None:
                self._samples.append((self._clock(), self._buffer.latest))

    def _may_decide(self, held: Sequence[tuple[int, EventBatch]]) -> bool:
        """Whether each source has shown events, or has none to show yet."""
        shown = {number for number, _ in held}
        unread = (
            n for n in range(len(self._sources)) if n not in shown and self._sources.behind(n)
        )
        return bool(shown) and next(unread, None) is None

    def _decide(self) -> list[Ordered]:
        """By time if all events so far have one; else source after source."""
        held, self._held = self._held or [], None
        self._is_unknown = any(batch.events["@time"].has_nulls() for _, batch in held)
        if not self._is_unknown:
            self._buffer = self._new_buffer()
        return self.push(held)

    def _new_buffer(self) -> ReorderBuffer:
        buffer = ReorderBuffer(self._needs, sorts=self._order == "time")
        for number in range(len(self._sources)):
            buffer.add(number)
        return buffer

    def _by_time(
        self, buffer: ReorderBuffer, batches: Sequence[tuple[int, EventBatch]]
    ) -> list[Ordered]:
        late = sum(buffer.push(number, batch.events) for number, batch in batches)
        if len(self._sources) == 1 and self._order is None:
            # In one source events follow each other in line order, timed or not.
            self._untimed, late = self._untimed + late, 0
        elif self._untimed:
            self._untimed, late = 0, self._untimed + late
        now = self._clock()
        if batches and buffer.latest is not None:
            self._samples.append((now, buffer.latest))
        read = [batch for _, batch in batches]
        return self._released(buffer, read, self._watermark(buffer, now), late)

    def _released(
        self, buffer: ReorderBuffer, read: Sequence[EventBatch], watermark: int | None, late: int
    ) -> list[Ordered]:
        """The lines that were read, with the events before the watermark."""
        events = buffer.release(watermark)
        if not read and not events.height:
            return []
        return [(0, [joined(self._needs, read, events, late)])]

    def _watermark(self, buffer: ReorderBuffer, now: float) -> int:
        """Events before this time (ns) may leave: none before it can come, or is waited for."""
        latest = buffer.latest
        if latest is None:
            return _NEVER
        numbers = range(len(self._sources))
        live = [number for number in numbers if self._sources.live(number)]
        behind = [number for number in live if self._sources.behind(number)]
        bounds = [self._waited(latest, now, self._lateness)]
        if self._order is None:
            # Each source keeps its own order: what it showed last bounds what it can still bring.
            by_sources = latest + 1 if len(live) < 2 else slowest(buffer, live)[1]
            bounds = [bounds[0] if by_sources is None else max(by_sources, bounds[0])]
        if self._may_grow:
            bounds.append(self._waited(latest, now, min(_JOINS, self._lateness)))
        if behind and (len(live) > 1 or self._order is not None):
            # What is there already is read, not waited for.
            by_backlog = slowest(buffer, behind)[1]
            margin = 0 if self._order is None else self._lateness
            bounds.append(_NEVER if by_backlog is None else by_backlog - margin)
        while self._samples and (now - self._samples[0][0]) * SECOND >= 2 * self._lateness:
            self._samples.popleft()
        return max(_NEVER, min(bounds))

    def _waited(self, latest: int, now: float, wait: int) -> int:
        """Events before this time have waited so many ns, by log time or by the machine's clock."""
        by_clock = (at + 1 for when, at in self._samples if (now - when) * SECOND >= wait)
        return max(latest - wait, max(by_clock, default=_NEVER))


def _fitted(waiting: pl.DataFrame, needs: Needs) -> pl.DataFrame:
    """Events with the columns that are needed, empty where they were not read.

    Raises a PolarsError for what has not the columns of events, in these types.
    """
    always = Needs().schema
    fitted = waiting.select(
        pl.col(name)
        if name in waiting.columns or name in always
        else pl.lit(None, dtype).alias(name)
        for name, dtype in needs.schema.items()
    )
    return pl.concat([EventBatch.empty(needs).events, fitted])
