"""The frame of kinds to which order matters: a kind says what differs, the frame does the rest.

Chain events (see `chains`) of which some open a subject that is not settled may be overdue, or too
many in a log that goes on for days.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import polars as pl

from ..model.rules import KindSpec
from .budgets import tolerated
from .chains import KEY, UNTOLD, elapsed, exact, was_told
from .findings import first_findings, none_found
from .kind import Context, End, Expired, Judgement, Kind
from .projection import ProjectedBatch
from .state import Chain, combined

_MOST_CHUNKS = 64
"""So many merges may leave out chain events, one after the other."""

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
    reaches: Callable[[Context], Collection[str]] | None = None,
    counts_open: bool = False,
) -> Kind:
    """Make a kind of what differs.

    `opens` tells which chain events open a subject that is not settled (None: none does).
    One that is open longer than `within` is of one of the classes that it `becomes`, and counts as
    what it is told as until it is settled. `reaches` are all classes that one may still be of but
    `open`. `counts_open`: subjects are counted when they open.
    """

    def merge(context: Context, states: Sequence[Chain], end: End | None = None) -> Chain:
        apart = _untouched(context, states) if end is None else None
        if apart is None:
            new = settle(context, states, end)
        else:
            untouched, touched = (states[0].rows.filter(which) for which in (apart, ~apart))
            new = settle(context, [replace(states[0], rows=touched), *states[1:]], None)
            new = replace(new, rows=pl.concat([untouched, new.rows]))
        return replace(combined(new, [*states, new], context.max_findings), settled=True)

    def judge(context: Context, state: Chain, end: End | None) -> Judgement:
        whole = merge(context, [state], end) if end is not None else state
        waiting = whole.rows.filter(opens(whole.rows)) if opens else whole.rows.clear()
        overdue = waiting["@overdue"].filter(was_told(waiting))
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
        judged = _with_open(context, judged, waiting, reaches(context) if reaches else ())
        return _with_due(context, judged, waiting) if is_certain(context) else judged

    def expire(context: Context, state: Chain, log_time: int | None) -> Expired:
        def close(context: Context, rows: pl.DataFrame) -> Chain:
            return merge(context, [type(state)(rows=rows, anchored=state.anchored)], End())

        waiting = opens(state.rows) if opens else None
        return _expired(context, state, waiting, log_time, close, certain=is_certain(context))

    def is_certain(context: Context) -> bool:
        """Whether a subject that is overdue violates, whatever follows."""
        return all(context.budget(name) == "violate" for name in becomes)

    return Kind(spec, prepare, merge, judge, expire)


def _untouched(context: Context, states: Sequence[Chain]) -> pl.Series | None:
    """Which chain events of the first state no other has a key of: they stay as they are.

    None where all are to be settled: not all were by themselves, or few would be left out. Now and
    then all are, too, as rows that are left out stay in the memory that they came in.
    """
    first, *others = states
    added = sum(state.rows.height for state in others)
    most = max(context.tuning.leave_out_from, 2 * added)
    is_worth = first.settled and first.rows.height > most
    if not is_worth or first.rows.n_chunks() > _MOST_CHUNKS:
        return None
    keys = pl.concat([state.rows["@h1"] for state in others]) if others else first.rows["@h1"][:0]
    return ~first.rows["@h1"].is_in(keys.implode())


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
    context: Context,
    state: Chain,
    opens: pl.Series | None,
    log_time: int | None,
    close: Close,
    *,
    certain: bool,
) -> Expired:
    """The state within the bounds, and findings (FINDINGS) of what became overdue at `log_time`.

    `opens` tells which rows open a subject that is not settled (None: no row does). What is
    overdue is marked. If it is `certain` to violate it is told, and what follows only tells in
    which way.
    """
    rows, within = state.rows, context.parameters.get("within")
    overdue = none_found()
    if opens is not None and within is not None and log_time is not None and rows.height:
        older = (elapsed(rows["@time"], exact(log_time)) > within).fill_null(value=False)
        passed = opens & rows["@overdue"].is_null() & older
        if passed.any():
            marks = pl.repeat(UNTOLD, rows.height, dtype=pl.UInt8, eager=True)
            if certain:
                keys = _of_keys(rows, rows.filter(passed))
                found = close(replace(context, max_findings=None), keys).findings
                overdue = first_findings([found], context.max_findings)
                told_as = rows.select(pl.col("@place").alias("place")).join(
                    found.unique("place", keep="first"),
                    on="place",
                    how="left",
                    maintain_order="left",
                )
                marks = told_as["class"].fill_null(0)
            marked = marks.zip_with(passed, rows["@overdue"])
            rows = rows.with_columns(marked.alias("@overdue"))
    return _bounded(context, replace(state, rows=rows), close), overdue


def _with_open(
    context: Context, judged: Judgement, waiting: pl.DataFrame, reaches: Collection[str]
) -> Judgement:
    """A judgement with what is to be said of chain events that open a subject not settled.

    Each may still be of the classes that it `reaches`. What was told as overdue is settled, and so
    is any that is past its time limit where the rule allows all of these.
    """
    # Where nothing was judged so far, what is open is all the evidence that there may be.
    is_all = not judged.subjects and not context.rule.allow_empty
    decides = is_all or _tells(context, reaches)
    ahead = waiting.filter(waiting["@overdue"].is_null())
    still = waiting.filter(~was_told(waiting)) if decides else ahead
    if not still.height:
        return judged
    has_limit = context.parameters.get("within") is not None
    ends_open = has_limit and ahead.height and _tells(context, ["open"])
    return replace(judged, open=still["@time"], harmless=not (decides or ends_open))


def _tells(context: Context, classes: Collection[str]) -> bool:
    """Whether a subject of one of these classes may stand against a pass."""
    return any(context.budget(name) != "allow" for name in classes)


def _with_due(context: Context, judged: Judgement, waiting: pl.DataFrame) -> Judgement:
    """A judgement with the times after which chain events that open a subject violate."""
    within = context.parameters.get("within")
    if within is None or not waiting.height:
        return judged
    ahead = waiting.filter(waiting["@overdue"].is_null())
    judged = replace(judged, due=ahead["@time"].cast(pl.Int128) + exact(within))
    earliest = ahead["@time"].min()
    if earliest is None:
        return judged
    first = ahead.filter(ahead["@time"] == earliest)
    at = first["@place"].arg_min() or 0
    return replace(judged, first_due=(first["@place"][at], first["@text"][at]))


def _bounded(context: Context, state: Chain, close: Close) -> Chain:
    """Evict the keys that were touched longest ago, if there are too many."""
    rows, gone = state.rows, keys_beyond(state.rows, context.bounds.open_keys)
    if gone is None:
        return state
    # What is overdue violates, and that must not be forgotten with it.
    going = _of_keys(rows, gone)
    lost = close(context, _of_keys(rows, going.filter(was_told(going))))
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
