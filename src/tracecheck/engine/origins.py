"""Where the events of a key come from: what a rule can be asked though their order is unknown.

Events of one origin are in order: those of a source in a run that does not know how sources follow
each other. A rule of which one key has events of several cannot be judged (contract, section 3).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

_KEY = ["@h1", "@h2"]

ORIGINS = {"@h1": pl.UInt64, "@h2": pl.UInt64, "@origin": pl.UInt64}


Origin = pl.Expr
"""Where each of some chain events comes from (UInt64)."""


def of_source(number: int) -> Origin:
    """All events are of this source."""
    return pl.lit(number, pl.UInt64)


def of_untimed() -> Origin:
    """Events with a time are in order; each other one has a place of its own, which no one knows.

    No place is 0.
    """
    return pl.when(pl.col("@time").is_null()).then("@place").otherwise(pl.lit(0, pl.UInt64))


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema=ORIGINS)


@dataclass(frozen=True, slots=True)
class Origins:
    """The origins of the events that a rule judges.

    `keys` (ORIGINS) has each key with each origin, until one key is `mixed`, which has several.
    `ends` are the least and the greatest origin; `forgotten` counts keys that are not remembered.
    """

    keys: pl.DataFrame = field(default_factory=_none, compare=False)
    ends: tuple[int, ...] = ()
    mixed: bool = False
    forgotten: int = 0

    @staticmethod
    def of(rows: pl.DataFrame, origin: Origin) -> Origins:
        """Those of chain events."""
        keys = rows.select(*_KEY, origin.alias("@origin"))
        ends: Any = (keys["@origin"].min(), keys["@origin"].max()) if keys.height else ()
        return Origins.joined([Origins(keys, ends)], None)

    @staticmethod
    def joined(parts: Sequence[Origins], most: int | None) -> Origins:
        """Those of several parts together, of at most so many keys."""
        all_ends = [end for part in parts for end in part.ends]
        ends = (min(all_ends), max(all_ends)) if all_ends else ()
        keys = pl.concat(part.keys for part in parts).unique(maintain_order=True)
        if any(part.mixed for part in parts) or keys.select(_KEY).n_unique() < keys.height:
            return Origins(ends=ends, mixed=True)
        forgotten = sum(part.forgotten for part in parts)
        if most is not None and keys.height > most:
            forgotten += keys.height - most
            keys = keys.tail(most)
        return Origins(keys, ends, forgotten=forgotten)

    @property
    def lost(self) -> int:
        """How many keys are forgotten of which other origins may have events."""
        return self.forgotten if len(set(self.ends)) > 1 else 0
