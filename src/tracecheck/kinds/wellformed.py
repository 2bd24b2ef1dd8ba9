"""wellformed: few enough lines are defective (contract, section 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import polars as pl

from ..engine.findings import first_findings, line_findings, none_found
from ..engine.kind import Context, End, Judgement
from ..engine.projection import ProjectedBatch
from ..engine.state import State
from ..engine.tallies import tally_kind
from ..events.trace_line.damage import explain_malformed
from ..model.rules import KindSpec, Parameter, Percent
from ..model.verdict import DEFECTS

SPEC = KindSpec(
    name="wellformed",
    about="Lines that should have been events, or are damaged, stay within a limit.",
    classes=DEFECTS,
    parameters=(
        Parameter(
            "at_most", "count_or_percent", "How many lines, or what share, may be.", default=0
        ),
        Parameter("count", "choices", "The defects that count.", default=DEFECTS, choices=DEFECTS),
    ),
)


_WORDS = {
    "undecodable": "bytes that are no UTF-8 were replaced",
    "too_long": "longer than 1 MiB: the rest was cut off",
    "duplicate_field": "a field is written twice: the first value counts",
    "second_event": "another event stands behind the first field: only the first was read",
}


def prepare(context: Context, projected: ProjectedBatch) -> State:
    """Count the defective lines by the first class that applies to each."""
    batch = projected.batch
    counts = Counter(lines=batch.totals.lines)
    tables = []
    taken = pl.Series(dtype=pl.UInt32)
    for class_, name in enumerate(DEFECTS):
        rows = batch.defects[name] if name in context.parameters["count"] else taken.clear()
        if not len(rows):
            continue
        rows = rows.filter(~rows.is_in(taken.implode())) if len(taken) else rows
        taken = pl.concat([taken, rows])
        counts[name] = len(rows)
        tables.append(line_findings(batch.lines[rows], class_))
    return State(counts=counts, findings=first_findings(tables, context.max_findings))


def judge(context: Context, state: State, end: End | None) -> Judgement:
    """If more lines are defective than allowed, every defective line is a violation.

    Of a share, sound lines that follow may mend it.
    """
    lines = state.counts["lines"]
    limit = context.parameters["at_most"]
    allowed = limit.share * lines if isinstance(limit, Percent) else Fraction(limit)
    defective = {name: state.counts[name] for name in DEFECTS}
    beyond = sum(defective.values()) > allowed
    violates = beyond and (end is not None or not isinstance(limit, Percent))
    none = none_found()
    return Judgement(
        subjects=lines,
        classes=defective if violates else dict.fromkeys(DEFECTS, 0),
        allowed=() if violates else DEFECTS,
        findings=state.findings if violates else none,
        excused=none if violates else state.findings,
        message=partial(_message, context),
        pending=beyond and not violates,
    )


def _message(context: Context, finding: Mapping[str, Any]) -> str:
    name = DEFECTS[finding["class"]]
    return _WORDS.get(name) or explain_malformed(finding["texts"][0], context.tags, context.fields)


WELLFORMED = tally_kind(SPEC, prepare, judge)
