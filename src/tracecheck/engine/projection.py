"""What the rules of a run ask of every event, and a part of the log with the answers."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce

import polars as pl

from ..conditions.compiler import Vocabulary, select
from ..events.table import EventBatch
from ..model.condition import Selector


@dataclass(frozen=True, slots=True)
class Projection:
    """All that the rules of a run ask of every event, made once: each costs time to make.

    `truths` and `keyed` name the columns in which the values of `expressions` stand.
    """

    truths: Mapping[Selector, str]
    keyed: Mapping[tuple[str, ...], str]
    expressions: tuple[pl.Expr, ...]

    @staticmethod
    def of(
        selectors: Iterable[Selector], keys: Iterable[tuple[str, ...]], vocabulary: Vocabulary
    ) -> Projection:
        """Which events the selectors take, and the keys of each event."""
        truths = {selector: f"@is{at}" for at, selector in enumerate(selectors)}
        keyed = {key: f"@key{at}" for at, key in enumerate(keys)}
        expressions = (
            *(select(selector, vocabulary).alias(name) for selector, name in truths.items()),
            *(_keyed(key, vocabulary).alias(name) for key, name in keyed.items()),
        )
        return Projection(truths, keyed, expressions)


class ProjectedBatch:
    """A batch as the rules of a run read it: each question is answered once for all rules."""

    def __init__(self, batch: EventBatch, projection: Projection) -> None:
        """`projection` is all that will be asked for: one pass answers it."""
        self.batch = batch
        self._projection = projection
        # Not `select`: some of these may be constants.
        self._answers = batch.events.with_columns(projection.expressions)

    @property
    def events(self) -> pl.DataFrame:
        """The events (columns as in `events.EVENT`), in no order."""
        return self.batch.events

    def without(self, ranges: Iterable[tuple[int, int]]) -> ProjectedBatch:
        """The same without the events at these places, each from the first to the last."""
        places = self.events["@place"]
        meant = [places.is_between(*ends) for ends in ranges]
        if not any(one.any() for one in meant):
            return self
        others = ~reduce(operator.or_, meant)
        batch = replace(self.batch, events=self.events.filter(others))
        return ProjectedBatch(batch, self._projection)

    def where(self, which: pl.Series) -> pl.DataFrame:
        """The events that are meant, mostly none; null is no."""
        return self.events.filter(which) if which.any() else self.events.clear()

    def unknown(self, *truths: pl.Series) -> pl.DataFrame:
        """The events of which some truth is unknown, mostly none."""
        unknown = [truth.is_null() for truth in truths if truth.null_count()]
        return self.where(reduce(operator.or_, unknown)) if unknown else self.events.clear()

    def selected(self, selector: Selector) -> pl.Series:
        """Which events the selector takes (null: unknown)."""
        return self._answers[self._projection.truths[selector]]

    def keyed(self, key: tuple[str, ...]) -> pl.DataFrame:
        """Of each event: `@h1`, `@h2` (two hashes of the key), `@void` and `@weak`."""
        return self._answers[self._projection.keyed[key]].struct.unnest()

    def lines_with(self, pattern: str) -> pl.DataFrame:
        """The lines (LINES) in whose text the pattern is found, in line order."""
        lines = self.batch.lines
        which = lines["@text"].str.contains(pattern)
        return lines.filter(which) if which.any() else lines.clear()


def _keyed(key: tuple[str, ...], vocabulary: Vocabulary) -> pl.Expr:
    """Two hashes, which together tell keys apart for good; whether all, or some, of it is void."""
    void = sorted(vocabulary.void)
    parts = [pl.col(name) for name in key]
    voids = [part.is_null() | part.is_in(void) for part in parts]
    return pl.struct(
        _hash(parts, seed=1).alias("@h1"),
        _hash(parts, seed=2).alias("@h2"),
        (pl.all_horizontal(voids) if key else pl.lit(value=False)).alias("@void"),
        (pl.any_horizontal(voids) if key else pl.lit(value=False)).alias("@weak"),
    )


def _hash(parts: list[pl.Expr], seed: int) -> pl.Expr:
    """One hash of a tuple: each part's, spread by an odd factor so that order counts."""
    total = pl.lit(0, pl.UInt64)
    for at, part in enumerate(parts):
        total = total * pl.lit(0x9E3779B97F4A7C15, pl.UInt64) + part.hash(seed + 2 * at)
    return total
