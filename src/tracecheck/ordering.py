"""Chain events (see `chains`): their order under each key, and the time from one to another."""

from __future__ import annotations

import polars as pl


def by_key(rows: pl.DataFrame) -> pl.DataFrame:
    """Chain events sorted by key, in event order within each: `@h1`, `@h2`, and the row `@at`.

    Sorts by one column after the other, which the engine does far faster than by all at once,
    and leaves the rows themselves where they are.
    """
    order = rows.select(pl.int_range(pl.len(), dtype=pl.UInt32).alias("@at"), "@h1", "@h2")
    for column in ("@place", "@when"):
        values = rows[column].gather(order["@at"])
        if values.min() != values.max():
            order = order[_stable_order(values)]
    in_order = order[_stable_order(order["@h1"])]
    same = in_order["@h1"] == in_order["@h1"].shift(1)
    if (same & (in_order["@h2"] != in_order["@h2"].shift(1))).any():
        # Nearly always one hash tells keys apart.
        in_order = order[_stable_order(order["@h2"])]
        in_order = in_order[_stable_order(in_order["@h1"])]
    return in_order


def _stable_order(values: pl.Series) -> pl.Series:
    frame = pl.DataFrame([values.alias("value")]).with_row_index("at")
    return frame.sort("value", maintain_order=True)["at"]


def new_key(rows: pl.DataFrame) -> pl.Series:
    """Which rows, sorted by key, are the first of their key."""
    h1, h2 = rows["@h1"], rows["@h2"]
    changed = (h1 != h1.shift(1)) | (h2 != h2.shift(1))
    return changed.fill_null(value=True)


def elapsed(begin: pl.Series, end: pl.Series) -> pl.Series:
    """Nanoseconds from time to time, exact: two can be too far apart for an Int64."""
    return end.cast(pl.Int128) - begin.cast(pl.Int128)
