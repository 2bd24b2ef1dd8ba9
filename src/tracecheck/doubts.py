"""Doubts: the first line of each reason for which a rule cannot honestly be called."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import polars as pl

DOUBTS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "when": pl.Int64,
    "place": pl.UInt64,
    "text": pl.String,
    "reason": pl.String,
}
"""A line that stands against a call: its order (`when`, `place`), its text, and the reason."""


def doubt(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    """The first of the events (columns as in `events.EVENT`) that give this reason, if any do."""
    if not rows.height:
        return none_doubted()
    found = rows.select(
        pl.col("@when").alias("when"),
        pl.col("@place").alias("place"),
        pl.col("@text").alias("text"),
        pl.lit(reason).alias("reason"),
    )
    return first_doubts([found])


def first_doubts(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The first doubt of each reason, in order."""
    found = [part for part in parts if part.height]
    if not found:
        return none_doubted()
    # Sorting copies the texts out of the blocks they lie in, which must not be kept alive.
    in_order = pl.concat(found).sort("when", "place")
    return in_order.unique("reason", keep="first", maintain_order=True)


@functools.cache
def none_doubted() -> pl.DataFrame:
    """No doubts."""
    return pl.DataFrame(schema=dict(DOUBTS))
