"""The frame of kinds to which order matters: a kind says what differs, the frame does the rest."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import polars as pl

from ..model.rules import KindSpec
from .expiry import expired, with_open
from .kind import Context, Judgement, Kind
from .projection import ProjectedBatch
from .state import Chain, State, combined


class Settle(Protocol):
    """Settles what can be among the chain events of neighbouring parts of the log, in order."""

    def __call__(self, context: Context, states: Sequence[Any], /, *, closed: bool) -> Chain:
        """What is settled now (counts, findings, reasons), and the rows that may still matter.

        Nothing comes before the parts if the first is `anchored`, and nothing after if `closed`.
        """


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

    def merge(context: Context, states: Sequence[Chain], *, closed: bool = False) -> Chain:
        new = settle(context, states, closed=closed)
        return combined(new, [*states, new], context.max_findings)

    def judge(context: Context, state: Chain, *, closed: bool) -> Judgement:
        end = merge(context, [state], closed=True) if closed else state
        waiting = end.rows.filter(opens(end.rows)) if opens else end.rows.clear()
        overdue = int(waiting["@overdue"].sum())
        classes = {name: end.count(name) for name in spec.classes}
        classes[spec.classes[0]] += overdue
        judged = Judgement(
            subjects=end.count("subjects") + (0 if counts_open else overdue),
            classes=classes,
            allowed=[name for name in classes if context.allows(name)],
            findings=end.findings,
            message=partial(message, context),
            counts=end.counts,
            reasons=end.reasons,
        )
        return with_open(context, judged, waiting, certain=is_certain(context))

    def expire(context: Context, state: Chain, log_time: int | None) -> tuple[State, pl.DataFrame]:
        def close(rows: pl.DataFrame) -> Chain:
            return merge(context, [type(state)(rows=rows, anchored=state.anchored)], closed=True)

        waiting = opens(state.rows) if opens else None
        return expired(context, state, waiting, log_time if is_certain(context) else None, close)

    def is_certain(context: Context) -> bool:
        """Whether a subject that is overdue violates, whatever follows."""
        return not (context.allows(spec.classes[0]) or context.allows("late"))

    return Kind(spec, prepare, merge, judge, expire)
