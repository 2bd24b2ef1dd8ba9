"""Chain events (see `chains`): their order under each key, and the time from one to another."""

from __future__ import annotations

import functools

import polars as pl


def by_key(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The rows of chain events by key, in event order within each; which are the first of theirs.

    Sorts by one column after the other, which the engine does far faster than by all at once,
    and leaves the rows themselves where they are.
    """
    order = pl.DataFrame([rows["@h1"], rows["@h2"]]).with_row_index("@at")
    for column in ("@place", "@when"):
        values = rows[column][order["@at"]]
        if values.min() != values.max():
            order = order[_stable_order(values)]
    in_order = order[_stable_order(order["@h1"])]
    changes = in_order.select(*_changes())
    if (changes["@h2"] & ~changes["@h1"]).any():
        # Nearly always one hash tells keys apart.
        in_order = order[_stable_order(order["@h2"])]
        in_order = in_order[_stable_order(in_order["@h1"])]
        changes = in_order.select(*_changes())
    return in_order["@at"], (changes["@h1"] | changes["@h2"]).alias("@first")


@functools.cache
def _changes() -> tuple[pl.Expr, pl.Expr]:
    """Where each hash is another than in the row before."""
    first, second = (pl.col(name).ne_missing(pl.col(name).shift(1)) for name in ("@h1", "@h2"))
    return first, second


def _stable_order(values: pl.Series) -> pl.Series:
    frame = pl.DataFrame([values.alias("value")]).with_row_index("at")
    return frame.sort("value", maintain_order=True)["at"]


def elapsed(begin: pl.Series, end: pl.Series) -> pl.Series:
    """Nanoseconds from time to time, exact: two can be too far apart for an Int64."""
    return end.cast(pl.Int128) - begin.cast(pl.Int128)
