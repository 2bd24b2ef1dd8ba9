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
from .budgets import tolerated
from .chains import KEY, elapsed, exact
from .findings import first_findings, none_found
from .kind import Context, End, Expired, Judgement, Kind
from .projection import ProjectedBatch
from .state import Chain, combined

Settle = Callable[[Context, Sequence[Any], End | None], Chain]
"""What is settled now among the chain events of neighbouring parts, and what may still matter.

Nothing comes before the parts if the first is `anchored`, and nothing after if the log has an end.
"""

Close = Callable[[Context, pl.DataFrame], Chain]
"""Judges chain events as if the log ended with them, and nothing were open any more."""


def chain_kind(  # noqa: PLR0913 - by keyword, the last of them
    spec: KindSpec,
    prepare: Callable[[Context, ProjectedBatch], Chain],
    settle: Settle,
    message: Callable[[Context, Mapping[str, Any]], str],
    opens: Callable[[pl.DataFrame], pl.Series] | None = None,
    *,
    becomes: Sequence[str] = (),
    counts_open: bool = False,
) -> Kind:
    """Make a kind of what differs.

    `opens` tells which chain events open a subject that is not settled (None: none does).
    One that is open longer than `within` is of one of the classes that it `becomes`, and counts as
    what it is told as until it is settled. `counts_open`: subjects are counted when they open.
    """

    def merge(context: Context, states: Sequence[Chain], end: End | None = None) -> Chain:
        new = settle(context, states, end)
        return combined(new, [*states, new], context.max_findings)

    def judge(context: Context, state: Chain, end: End | None) -> Judgement:
        whole = merge(context, [state], end) if end is not None else state
        waiting = whole.rows.filter(opens(whole.rows)) if opens else whole.rows.clear()
        overdue = waiting["@overdue"].drop_nulls()
        classes = {
            name: whole.counts[name] + int((overdue == number).sum())
            for number, name in enumerate(spec.classes)
        }
        judged = Judgement(
            subjects=whole.counts["subjects"] + (0 if counts_open else len(overdue)),
            classes=classes,
            findings=whole.findings,
            message=partial(message, context),
            counts=whole.counts,
            reasons=whole.reasons,
            ends_open=bool(classes.get("open")) and context.budget("open") is None,
        )
        judged = _tolerating(context, spec, judged, closed=end is not None)
        return _with_open(context, judged, waiting, certain=is_certain(context))

    def expire(context: Context, state: Chain, log_time: int | None) -> Expired:
        def close(context: Context, rows: pl.DataFrame) -> Chain:
            return merge(context, [type(state)(rows=rows, anchored=state.anchored)], End())

        waiting = opens(state.rows) if opens else None
        return _expired(context, state, waiting, log_time if is_certain(context) else None, close)

    def is_certain(context: Context) -> bool:
        """Whether a subject that is overdue violates, whatever follows."""
        return all(context.budget(name) == "violate" for name in becomes)

    return Kind(spec, prepare, merge, judge, expire)


def _tolerating(context: Context, spec: KindSpec, judged: Judgement, *, closed: bool) -> Judgement:
    """A judgement of which the findings that the rule tolerates are no violations."""
    # Of what is evicted nobody knows whether it would have mended a share.
    settled = closed and not judged.counts["evicted"]
    allowed, beyond = tolerated(context, judged.classes, judged.subjects, settled=settled)
    numbers = [number for number, name in enumerate(spec.classes) if name in allowed]
    is_excused = judged.findings["class"].is_in(pl.Series(numbers, dtype=pl.UInt8).implode())
    return replace(
        judged,
        allowed=allowed,
        findings=judged.findings.filter(~is_excused),
        excused=judged.findings.filter(is_excused),
        pending=beyond,
    )


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
        passed = opens & rows["@overdue"].is_null() & older
        if passed.any():
            keys = _of_keys(rows, rows.filter(passed))
            found = close(replace(context, max_findings=None), keys).findings
            overdue = first_findings([found], context.max_findings)
            told_as = rows.select(pl.col("@place").alias("place")).join(
                found.unique("place", keep="first"), on="place", how="left", maintain_order="left"
            )
            marked = told_as["class"].fill_null(0).zip_with(passed, rows["@overdue"])
            rows = rows.with_columns(marked.alias("@overdue"))
    return _bounded(context, replace(state, rows=rows), close), overdue


def _with_open(
    context: Context, judged: Judgement, waiting: pl.DataFrame, *, certain: bool
) -> Judgement:
    """A judgement with what is to be said of chain events that open a subject not settled.

    `certain` tells that each violates once its time limit is over.
    """
    if not waiting.height:
        return judged
    judged = replace(judged, open=waiting["@time"])
    within = context.parameters.get("within")
    if within is None or not certain:
        return judged
    ahead = waiting.filter(waiting["@overdue"].is_null())
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
    overdue = _of_keys(rows, gone).filter(pl.col("@overdue").is_not_null())
    lost = close(context, _of_keys(rows, overdue))
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
