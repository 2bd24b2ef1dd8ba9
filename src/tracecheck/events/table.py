"""The columns of events, and a batch of events as it passes to the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from typing import Any

import polars as pl

from ..model.verdict import DEFECTS, Totals
from ..reading.lines.decoding import LINES
from .clocks import Clocks

EVENT = {"@place": pl.UInt64, "@when": pl.Int64, "@text": pl.String, "@tag": pl.String}
"""Columns of every event. `@when` orders events of interleaved sources (0 otherwise).
Beside these, `@time`, those other ATTRIBUTES that are needed, and one String column for each wanted
field, under its canonical name; null where the event does not have it."""

LINE = {**LINES, "@stamp": pl.Int64}
"""Columns of every line of a batch: its time in nanoseconds stands beside it where an envelope, or
an event, says it; null where the text must be asked."""

ATTRIBUTES = {"@time": pl.Int64, "@level": pl.String, "@logger": pl.String}
"""What an event's envelope says, or else its prefix; time in nanoseconds since the epoch."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What the rules of a run read: tags by name, fields (canonical name to all spellings)."""

    tags: frozenset[str] = frozenset()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    level: bool = False
    logger: bool = False
    timezone: str = "UTC"

    @property
    def schema(self) -> dict[str, Any]:
        """The columns of events: EVENT, the attributes that are asked for, and the fields."""
        attributes = {"@time": True, "@level": self.level, "@logger": self.logger}
        return {
            **EVENT,
            **{name: dtype for name, dtype in ATTRIBUTES.items() if attributes[name]},
            **dict.fromkeys(self.fields, pl.String),
        }

    @property
    def spellings(self) -> frozenset[str]:
        """Every name under which a needed field may be written."""
        return frozenset(name for names in self.fields.values() for name in names)


@dataclass(frozen=True, slots=True)
class Seen:
    """What occurs, for `never_seen`: tags and names of fields.

    Attributes and values (pairs of a field and its value) are noted by `engine.seen`. `stamps` are
    forms, by example, of stamps that were not read, of some events without a time.
    """

    tags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    attributes: frozenset[str] = frozenset()
    values: frozenset[tuple[str, str]] = frozenset()
    stamps: frozenset[str] = frozenset()

    @staticmethod
    def joined(parts: Iterable[Seen]) -> Seen:
        """What is seen in any of the parts."""
        seen = list(parts)
        return Seen(
            frozenset().union(*(part.tags for part in seen)),
            frozenset().union(*(part.names for part in seen)),
            frozenset().union(*(part.attributes for part in seen)),
            frozenset().union(*(part.values for part in seen)),
            frozenset().union(*(part.stamps for part in seen)),
        )


@dataclass(frozen=True, slots=True)
class EventBatch:
    """A batch of log, read: what a rule prepares from.

    `events` are in no order; their columns are `Needs.schema`. `lines` (LINE) and the defects,
    by class a UInt32 series of rows in `lines`, are what text and wellformed rules look at.
    `totals` counts it all. `late_arrivals` counts events that were put behind later ones in the
    order of time. `clocks` tell the times of the sources, once these are known.
    """

    events: pl.DataFrame
    lines: pl.DataFrame
    defects: Mapping[str, pl.Series]
    totals: Totals
    seen: Seen
    late_arrivals: int = 0
    clocks: Clocks = field(default_factory=Clocks)

    def of_source(self, number: int) -> EventBatch:
        """The same, all of it of one source."""
        return replace(self, clocks=Clocks.of(number, self.events))

    @staticmethod
    def empty(needs: Needs) -> EventBatch:
        """No lines at all."""
        events, lines = pl.DataFrame(schema=needs.schema), pl.DataFrame(schema=LINE)
        defects = dict.fromkeys(DEFECTS, row_numbers(()))
        return EventBatch(events, lines, defects, Totals(), Seen())


def row_numbers(rows: Iterable[int]) -> pl.Series:
    """Rows of a batch in order, as UInt32."""
    return pl.Series("@row", sorted(rows), dtype=pl.UInt32)


def joined(
    needs: Needs, read: Sequence[EventBatch], events: pl.DataFrame, late_arrivals: int = 0
) -> EventBatch:
    """The lines of several batches together, with these events (`Needs.schema`)."""
    read = [EventBatch.empty(needs), *read]
    starts = list(accumulate((one.lines.height for one in read), initial=0))
    defects = {
        name: pl.concat(
            (one.defects[name] + start).cast(pl.UInt32)
            for one, start in zip(read, starts, strict=False)
        )
        for name in DEFECTS
    }
    return EventBatch(
        events=events,
        lines=pl.concat(one.lines for one in read),
        defects=defects,
        totals=Totals.added(one.totals for one in read),
        seen=Seen.joined(one.seen for one in read),
        late_arrivals=late_arrivals,
        clocks=Clocks.joined(one.clocks for one in read),
    )
