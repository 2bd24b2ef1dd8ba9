"""What a log that goes on for days must not keep: open subjects are overdue, or too many.

Both are asked of chain events (see `chains`), of which some open a subject that is not settled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import polars as pl

from .chains import KEY, elapsed, exact
from .findings import none_found
from .kind import Context, Judgement
from .state import Chain, combined

Close = Callable[[pl.DataFrame], Chain]
"""Judges chain events as if the log ended with them."""


def expired(
    context: Context, state: Chain, opens: pl.Series | None, log_time: int | None, close: Close
) -> tuple[Chain, pl.DataFrame]:
    """The state within the bounds, and findings (FINDINGS) of what became overdue at `log_time`.

    `opens` tells which rows open a subject that is not settled (None: no row does). What is
    overdue violates for certain, and is marked; what follows only tells in which way.
    """
    rows, within = state.rows, context.parameters.get("within")
    overdue = none_found()
    if opens is not None and within is not None and log_time is not None and rows.height:
        passed = opens & ~rows["@overdue"] & _older(rows["@time"], log_time, within)
        if passed.any():
            overdue = close(_of_keys(rows, rows.filter(passed))).findings
            rows = rows.with_columns((pl.col("@overdue") | passed).alias("@overdue"))
    return _bounded(context, replace(state, rows=rows), close), overdue


def with_open(
    context: Context, judged: Judgement, waiting: pl.DataFrame, *, certain: bool
) -> Judgement:
    """A judgement with what is to be said of chain events that open a subject not settled.

    `certain` tells that each violates once its time limit is over.
    """
    if not waiting.height:
        return judged
    times = (
        waiting["@time"]
        if "@time" in waiting.columns
        else pl.repeat(None, waiting.height, dtype=pl.Int64, eager=True)
    )
    judged = replace(judged, pending=True, open=times)
    within = context.parameters.get("within")
    if within is None or not certain:
        return judged
    ahead = waiting.filter(~waiting["@overdue"])
    first = ahead["@time"].arg_min()
    return replace(
        judged,
        due=ahead["@time"].cast(pl.Int128) + exact(within),
        first_due=None if first is None else (ahead["@place"][first], ahead["@text"][first]),
    )


def _older(times: pl.Series, log_time: int, within: int) -> pl.Series:
    """Which times `log_time` is too far from; no time is not."""
    return (elapsed(times, exact(log_time)) > within).fill_null(value=False)


def _bounded(context: Context, state: Chain, close: Close) -> Chain:
    """Evict the keys that were touched longest ago, if there are too many."""
    rows, gone = state.rows, keys_beyond(state.rows, context.bounds.open_keys)
    if gone is None:
        return state
    # What is overdue violates, and that must not be forgotten with it.
    lost = close(_of_keys(rows, _of_keys(rows, gone).filter("@overdue")))
    evicted = replace(lost, counts={**lost.counts, "evicted": gone.height})
    kept = replace(state, rows=rows.join(gone, on=KEY, how="anti"))
    return combined(kept, [state, evicted], context.max_findings)


def keys_beyond(rows: pl.DataFrame, most: int | None) -> pl.DataFrame | None:
    """The keys (KEY) of chain events beyond the `most` that were touched last, if there are any."""
    if most is None or rows.height <= most:
        return None
    keys = rows.group_by(KEY).agg(pl.col("@when", "@place").max())
    if keys.height <= most:
        return None
    return keys.sort("@when", "@place").head(keys.height - most).select(KEY)


def _of_keys(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    return rows.join(keys.select(KEY).unique(), on=KEY, how="semi", maintain_order="left")
