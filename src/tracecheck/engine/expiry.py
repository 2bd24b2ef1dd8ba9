"""What a log that goes on for days lets go of: what is overdue is settled, what is too much goes.

Both are asked of chain events (see `chains`) of which some open a subject that is not settled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypedDict

import polars as pl

from .findings import first_findings, none_found
from .kind import Context
from .state import State, added, tables_of

_KEY = ["@h1", "@h2"]

Close = Callable[[pl.DataFrame], State]
"""Judges chain events as if the log ended with them."""


def expired(
    context: Context, state: State, opens: pl.Series | None, log_time: int | None, close: Close
) -> State:
    """The state without what exceeds the bounds; what is overdue at `log_time` is marked.

    `opens` tells which rows open a subject that is not settled (None: no row does). What is
    overdue violates for certain; what follows may only tell in which way, and is waited for.
    """
    rows = state.tables["rows"]
    within = context.parameters.get("within")
    overdue = none_found()
    if opens is not None and within is not None and log_time is not None and rows.height:
        passed = opens & ~rows["@overdue"] & _older(rows["@time"], log_time, within)
        if passed.any():
            overdue = close(_of_keys(rows, rows.filter(passed))).tables["findings"]
            rows = rows.with_columns((pl.col("@overdue") | passed).alias("@overdue"))
    state = replace(state, tables={**state.tables, "rows": rows, "overdue": overdue})
    return _bounded(context, state, close)


class StillOpen(TypedDict):
    """What a judgement says of what is not settled."""

    pending: bool
    open: pl.Series
    due: pl.Series | None
    first_due: tuple[int, str] | None


def still_open(context: Context, waiting: pl.DataFrame, *, certain: bool = True) -> StillOpen:
    """What is to be said of chain events that open a subject which is not settled.

    `certain` tells that each violates once its time limit is over.
    """
    written = (
        waiting["@time"]
        if "@time" in waiting.columns
        else pl.repeat(None, waiting.height, dtype=pl.Int64, eager=True)
    )
    within = context.parameters.get("within")
    due, first = None, None
    if within is not None and certain and waiting.height:
        ahead = waiting.filter(~waiting["@overdue"])
        due = ahead["@time"].cast(pl.Int128) + _exact(within)
        at = ahead["@time"].arg_min()
        first = None if at is None else (ahead["@place"][at], ahead["@text"][at])
    return {"pending": waiting.height > 0, "open": written, "due": due, "first_due": first}


def _older(written: pl.Series, log_time: int, within: int) -> pl.Series:
    # Exact: two times can be too far apart for an Int64.
    return (_exact(log_time) - written.cast(pl.Int128) > within).fill_null(value=False)


def _exact(number: int) -> pl.Series:
    return pl.Series([number], dtype=pl.Int128)


def _bounded(context: Context, state: State, close: Close) -> State:
    """Let go of the keys that were touched longest ago, if there are too many."""
    most = context.bounds.open_keys
    tables = dict(state.tables)
    for name in {"rows", "unmatched"} & tables.keys():
        gone = None if most is None else _oldest_keys(tables[name], most)
        if gone is None:
            continue
        evicted = {"evicted": gone.height}
        if name == "rows":
            # What is overdue violates, and that must not be forgotten with it.
            lost = _of_keys(tables["rows"], gone).filter("@overdue")
            closed = close(_of_keys(tables["rows"], lost))
            tables["findings"] = first_findings(
                [tables["findings"], *tables_of([closed], "findings")], context.max_findings
            )
            state = replace(state, tallies=added([state, replace(closed, tables={})]))
        tables[name] = tables[name].join(gone, on=_KEY, how="anti")
        state = replace(state, tallies=added([state, State(evicted)]))
    return replace(state, tables=tables)


def _oldest_keys(rows: pl.DataFrame, most: int) -> pl.DataFrame | None:
    """The keys of which there are too many."""
    if rows.height <= most:
        return None
    keys = rows.group_by(_KEY).agg(pl.col("@when", "@place").max())
    if keys.height <= most:
        return None
    return keys.sort("@when", "@place").head(keys.height - most).select(_KEY)


def _of_keys(rows: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    return rows.join(keys.select(_KEY).unique(), on=_KEY, how="semi", maintain_order="left")
