"""What happened in the last minutes of log time: for the eye, never for a verdict."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import polars as pl

from ...engine.plan import Plan
from ...engine.projection import ProjectedBatch
from ...model.live import Window
from ...text.amounts import SECOND

MINUTES = (1, 5, 15)
_BUCKET = 5 * SECOND
_BUCKETS = 15 * 60 * SECOND // _BUCKET
_MINUTE = 60 * SECOND // _BUCKET


class Trend:
    """Counts of events, and of what rate rules measure, in buckets of log time."""

    def __init__(self, plan: Plan) -> None:
        self._rates = {
            planned.context.rule.id: planned.context.parameters
            for planned in plan.rules
            if planned.kind.spec.name == "rate"
        }
        self._counts: dict[int, list[int]] = {}

    def count(self, projected: ProjectedBatch) -> None:
        """Count the events of a batch that have a time."""
        columns = [(projected.events["@time"] // _BUCKET).alias("bucket")]
        for rate in self._rates.values():
            over = projected.selected(rate["over"])
            of = projected.selected(rate["of"]) & over
            columns += [of.alias(f"{len(columns)}"), over.alias(f"{len(columns) + 1}")]
        found = pl.DataFrame(columns).group_by("bucket").agg(pl.len(), pl.all().sum())
        for bucket, *counts in found.iter_rows():
            if bucket is not None:
                known = self._counts.setdefault(bucket, [0] * len(counts))
                self._counts[bucket] = [a + b for a, b in zip(known, counts, strict=True)]

    def forget(self, now: int | None) -> None:
        """Forget what is older than the last minutes."""
        if now is not None and len(self._counts) > 2 * _BUCKETS:
            last = now // _BUCKET
            near = {b: c for b, c in self._counts.items() if last - _BUCKETS < b <= last + _BUCKETS}
            self._counts = near

    def last(self, now: int | None) -> tuple[Window, ...]:
        """The last minutes before `now`, which is log time."""
        if now is None:
            return ()
        return tuple(self._window(now // _BUCKET, minutes) for minutes in MINUTES)

    def volume(self, now: int | None) -> tuple[int, ...]:
        """The events of each of the last 15 minutes, the oldest first."""
        if now is None:
            return ()
        last = now // _BUCKET
        ends = [last - _MINUTE * back for back in reversed(range(MINUTES[-1]))]
        return tuple(self._window(end, 1).events for end in ends)

    def state(self) -> dict[str, Any]:
        """The counts, as plain values that a later run can go on with."""
        buckets = {str(bucket): counts for bucket, counts in self._counts.items()}
        return {"rates": list(self._rates), "buckets": buckets}

    def resume(self, state: Mapping[str, Any], going_on: Collection[str]) -> None:
        """Go on with the counts of an earlier run, of rates those whose rules are `going_on`."""
        rates = [id_ if id_ in going_on else None for id_ in state["rates"]]
        for bucket, (events, *shares) in state["buckets"].items():
            pairs = zip(shares[::2], shares[1::2], strict=True)
            known = dict(zip(rates, pairs, strict=True))
            own = (count for id_ in self._rates for count in known.get(id_, (0, 0)))
            self._counts[int(bucket)] = [events, *own]

    def _window(self, last: int, minutes: int) -> Window:
        none = [0] * (1 + 2 * len(self._rates))
        found = [self._counts.get(last - back, none) for back in range(minutes * _MINUTE)]
        events, *shares = map(sum, zip(*found, strict=True))
        return Window(
            minutes,
            events,
            {id_: (shares[2 * at], shares[2 * at + 1]) for at, id_ in enumerate(self._rates)},
        )
