"""The frame of kinds to which order matters: a kind says what differs, the frame does the rest.

Chain events (see `chains`) of which some open a subject that is not settled may be overdue, or too
many in a log that goes on for days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

from ..model.rules import KindSpec
from .chains import KEY, elapsed, exact
from .findings import none_found
from .kind import Context, Expired, Judgement, Kind
from .projection import ProjectedBatch
from .state import Chain, combined

Settle = Callable[[Context, Sequence[Any], bool], Chain]
"""What is settled now among the chain events of neighbouring parts, and what may still matter.

Nothing comes before the parts if the first is `anchored`, and nothing after if closed (True).
"""

Close = Callable[[pl.DataFrame], Chain]
"""Judges chain events as if the log ended with them."""


def chain_kind(
    spec: KindSpec,
    prepare: Callable[[Context, ProjectedBatch], Chain],
    settle: Settle,
    message: Callable[[Context, Mapping[str, Any]], str],
    opens: Callable[[pl.DataFrame], pl.Series] | None = None,
    *,
    counts_open: bool = False,
) -> Kind:
    """Make a kind of what differs.

    `opens` tells which chain events open a subject that is not settled (None: none does).
    One that is open longer than `within` is of the first class of `spec`, or `late`: it counts
    as the former until it is settled. `counts_open`: subjects are counted when they open.
    """

    def merge(context: Context, states: Sequence[Chain], closed: bool = False) -> Chain:
        new = settle(context, states, closed)
        return combined(new, [*states, new], context.max_findings)

    def judge(context: Context, state: Chain, closed: bool) -> Judgement:
        end = merge(context, [state], closed) if closed else state
        waiting = end.rows.filter(opens(end.rows)) if opens else end.rows.clear()
        overdue = int(waiting["@overdue"].sum())
        classes = {name: end.counts[name] for name in spec.classes}
        classes[spec.classes[0]] += overdue
        judged = Judgement(
            subjects=end.counts["subjects"] + (0 if counts_open else overdue),
            classes=classes,
            allowed=[name for name in classes if context.allows(name)],
            findings=end.findings,
            message=partial(message, context),
            counts=end.counts,
            reasons=end.reasons,
        )
        return _with_open(context, judged, waiting, certain=is_certain(context))

    def expire(context: Context, state: Chain, log_time: int | None) -> Expired:
        def close(rows: pl.DataFrame) -> Chain:
            return merge(context, [type(state)(rows=rows, anchored=state.anchored)], closed=True)

        waiting = opens(state.rows) if opens else None
        return _expired(context, state, waiting, log_time if is_certain(context) else None, close)

    def is_certain(context: Context) -> bool:
        """Whether a subject that is overdue violates, whatever follows."""
        return not (context.allows(spec.classes[0]) or context.allows("late"))

    return Kind(spec, prepare, merge, judge, expire)


def _expired(
    context: Context, state: Chain, opens: pl.Series | None, log_time: int | None, close: Close
) -> Expired:
    """The state within the bounds, and findings (FINDINGS) of what became overdue at `log_time`.

    `opens` tells which rows open a subject that is not settled (None: no row does). What is
    overdue violates for certain, and is marked; what follows only tells in which way.
    """
    rows, within = state.rows, context.parameters.get("within")
    overdue = none_found()
    if opens is not None and within is not None and log_time is not None and rows.height:
        older = (elapsed(rows["@time"], exact(log_time)) > within).fill_null(value=False)
        passed = opens & ~rows["@overdue"] & older
        if passed.any():
            overdue = close(_of_keys(rows, rows.filter(passed))).findings
            rows = rows.with_columns((pl.col("@overdue") | passed).alias("@overdue"))
    return _bounded(context, replace(state, rows=rows), close), overdue


def _with_open(
    context: Context, judged: Judgement, waiting: pl.DataFrame, *, certain: bool
) -> Judgement:
    """A judgement with what is to be said of chain events that open a subject not settled.

    `certain` tells that each violates once its time limit is over.
    """
    if not waiting.height:
        return judged
    untimed = pl.repeat(None, waiting.height, dtype=pl.Int64, eager=True)
    judged = replace(judged, pending=True, open=waiting.get_column("@time", default=untimed))
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


def _bounded(context: Context, state: Chain, close: Close) -> Chain:
    """Evict the keys that were touched longest ago, if there are too many."""
    rows, gone = state.rows, keys_beyond(state.rows, context.bounds.open_keys)
    if gone is None:
        return state
    # What is overdue violates, and that must not be forgotten with it.
    lost = close(_of_keys(rows, _of_keys(rows, gone).filter("@overdue")))
    evicted = replace(lost, counts=Counter({**lost.counts, "evicted": gone.height}))
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
