"""Several sources into one order of events, by time (contract, section 3).

Each source keeps its own order: where its time goes back, its running maximum counts. Equal
times go by source as given. An event leaves once no source can bring an earlier one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from .events import EventGroup, Stretch


class Untimed(Exception):
    """Some event has no time: the sources cannot be interleaved."""


@dataclass(slots=True)
class _Source:
    stretches: Iterator[Stretch]
    reached: int | None = None
    done: bool = False
    waiting: list[EventGroup] = field(default_factory=list)


class Interleaver:
    """Iterates over stretches of the sources: lines as they are read, events in time order.

    A stretch that leaves holds lines without events, or events without lines; what is counted
    is with the lines. Raises Untimed.
    """

    def __init__(self, sources: Sequence[Iterator[Stretch]]) -> None:
        self._sources = [_Source(stretches) for stretches in sources]

    def __iter__(self) -> Iterator[Stretch]:
        while live := [source for source in self._sources if not source.done]:
            # The source that is furthest behind holds all others back.
            behind = min(live, key=lambda source: (source.reached is not None, source.reached or 0))
            stretch = next(behind.stretches, None)
            if stretch is None:
                behind.done = True
            else:
                yield replace(stretch, groups=())
                self._take(behind, stretch)
            yield from self._released()

    def _take(self, source: _Source, stretch: Stretch) -> None:
        times = [group.frame.select("@place", "@time") for group in stretch.groups]
        if not times:
            return
        order = pl.concat(times).sort("@place")
        if order["@time"].has_nulls():
            raise Untimed
        reached = order["@time"][0] if source.reached is None else source.reached
        order = order.select(
            "@place", pl.max_horizontal(pl.col("@time").cum_max(), reached).alias("@when")
        )
        source.reached = order["@when"][-1]
        source.waiting += [
            EventGroup(
                group.tag,
                group.frame.drop("@when").join(
                    order, on="@place", how="left", maintain_order="left"
                ),
            )
            for group in stretch.groups
        ]

    def _released(self) -> Iterator[Stretch]:
        """The events that no source can precede any more: those before what all have reached."""
        live = [source.reached for source in self._sources if not source.done]
        if None in live:
            return
        until = min((reached for reached in live if reached is not None), default=None)
        groups: list[EventGroup] = []
        for source in self._sources:
            kept = []
            for group in source.waiting:
                ready = (
                    group.frame if until is None else group.frame.filter(pl.col("@when") < until)
                )
                rest = (
                    group.frame.clear()
                    if until is None
                    else group.frame.filter(pl.col("@when") >= until)
                )
                groups += [EventGroup(group.tag, ready)] if ready.height else []
                kept += [EventGroup(group.tag, rest)] if rest.height else []
            source.waiting = kept
        if groups:
            yield replace(Stretch.empty(), groups=tuple(groups))
