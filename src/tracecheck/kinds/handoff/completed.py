"""Discharges: when handoffs were complete, which tells a duplicate from an orphan.

A table of discharges has the order (`@when`, `@place`) of the `to` events that completed a
handoff, and the hashes of their keys (`@h1`, `@h2`). Only the first of a key counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ...engine.chains import by_key

COLUMNS = ["@h1", "@h2", "@when", "@place"]
"""The columns of a table of discharges."""

_KEY = ["@h1", "@h2"]
_WORTH_COMPACTING = 1_000_000


def compacted(
    completed: Sequence[pl.DataFrame], recent: Sequence[pl.DataFrame], most: int | None
) -> tuple[dict[str, pl.DataFrame], int]:
    """The first discharge of each key, sorted by key, and what is `recent` and may repeat it.

    What is recent is compacted out once there is enough of it: a key that is completed over and
    over takes no more room than one, and sorting costs little for each discharge. Of the keys,
    the `most` that were completed last are remembered (all if None); also how many were not.
    """
    fresh = pl.concat(recent)
    sorted_ones = [part for part in completed if part.height]
    known = pl.concat([fresh.clear(), *sorted_ones])
    worth = max(_WORTH_COMPACTING, known.height // 4)
    if len(sorted_ones) < 2 and fresh.height < (worth if most is None else min(worth, most)):
        return {"completed": known, "recent": fresh}, 0
    first = _first_of_keys(pl.concat([known, fresh]))
    forgotten = 0 if most is None else max(0, first.height - most)
    if forgotten:
        newest = first.select(
            pl.arg_sort_by("@when", "@place").tail(first.height - forgotten).sort()
        )
        first = first[newest.to_series()]
    return {"completed": first, "recent": fresh.clear()}, forgotten


def orphans_and_duplicates(
    unmatched: pl.DataFrame, completed: pl.DataFrame, recent: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Strays (chain events without a `from`) whose key was not completed before; and whose was.

    `completed` and `recent` are those of `compacted`.
    """
    if not unmatched.height:
        return unmatched, unmatched
    keys = unmatched.select(_KEY).unique()
    # Looked up, as there may be millions of keys and few unmatched.
    begins, ends = (completed["@h1"].search_sorted(keys["@h1"], side) for side in ("left", "right"))
    near = completed[pl.int_ranges(begins, ends, eager=True).explode().drop_nulls()]
    first = _first_of_keys(pl.concat([near, recent]).join(keys, on=_KEY, how="semi"))
    first = first.rename({"@when": "@first_when", "@place": "@first_place"})
    known = unmatched.join(first, on=_KEY, how="left", maintain_order="left")
    earlier = (
        (pl.col("@first_when") < pl.col("@when"))
        | ((pl.col("@first_when") == pl.col("@when")) & (pl.col("@first_place") < pl.col("@place")))
    ).fill_null(value=False)
    return known.filter(~earlier), known.filter(earlier)


def _first_of_keys(completed: pl.DataFrame) -> pl.DataFrame:
    at, first = by_key(completed)
    return completed[at.filter(first)]
