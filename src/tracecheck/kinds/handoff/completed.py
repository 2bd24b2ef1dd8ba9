"""When handoffs were completed under each key, which tells a duplicate from an orphan."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import polars as pl

from ...engine.chains import CHAIN, KEY, Paired, by_key

COMPLETED = {name: CHAIN[name] for name in (*KEY, "@when", "@place")}
"""Columns of a completed handoff: its key, and the order of its `to`. The first of a key counts."""


@functools.cache
def none_completed() -> pl.DataFrame:
    """No completed handoffs."""
    return pl.DataFrame(schema=COMPLETED)


def completed_by(paired: Paired) -> pl.DataFrame:
    """The handoffs (COMPLETED) that pairs complete."""
    return paired.rows[list(COMPLETED)][paired.to_at]


def compacted(
    completed: Sequence[pl.DataFrame], recent: Sequence[pl.DataFrame], most: int | None, after: int
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """The first completion of each key, sorted by key, and what is `recent` and may repeat it.

    Both are COMPLETED tables. What is recent is sorted in `after` so many rows: a key that
    is completed over and over takes no more room than one, and sorting costs little for each.
    Of the keys, the `most` that were completed last are remembered (all if None); the third
    value is how many are forgotten.
    """
    fresh = pl.concat(recent)
    sorted_parts = [part for part in completed if part.height]
    known = pl.concat(sorted_parts or [none_completed()])
    worth = max(after, known.height // 4)
    if len(sorted_parts) < 2 and fresh.height < (worth if most is None else min(worth, most)):
        return known, fresh, 0
    first = _first_of_keys(pl.concat([known, fresh]))
    forgotten = 0 if most is None else max(0, first.height - most)
    if forgotten:
        newest = first.select(
            pl.arg_sort_by("@when", "@place").tail(first.height - forgotten).sort()
        )
        first = first[newest.to_series()]
    return first, fresh.clear(), forgotten


def orphans_and_duplicates(
    unmatched: pl.DataFrame, completed: pl.DataFrame, recent: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of `to` events without a `from`, those whose key was not completed before; and was.

    `completed` and `recent` are those of `compacted`.
    """
    if not unmatched.height:
        return unmatched, unmatched
    keys = unmatched.select(KEY).unique()
    # Looked up, as there may be millions of keys and few unmatched.
    begins, ends = (completed["@h1"].search_sorted(keys["@h1"], side) for side in ("left", "right"))
    near = completed[pl.int_ranges(begins, ends, eager=True).explode().drop_nulls()]
    first = _first_of_keys(pl.concat([near, recent]).join(keys, on=KEY, how="semi"))
    first = first.rename({"@when": "@first_when", "@place": "@first_place"})
    known = unmatched.join(first, on=KEY, how="left", maintain_order="left")
    earlier = (
        (pl.col("@first_when") < pl.col("@when"))
        | ((pl.col("@first_when") == pl.col("@when")) & (pl.col("@first_place") < pl.col("@place")))
    ).fill_null(value=False)
    return known.filter(~earlier), known.filter(earlier)


def _first_of_keys(completed: pl.DataFrame) -> pl.DataFrame:
    at, first = by_key(completed)
    return completed[at.filter(first)]
