"""wellformed: few enough lines are defective (contract, section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import polars as pl

from ..engine.findings import findings_table, first_findings, none_found
from ..engine.kind import Context, Judgement, Kind, Message
from ..engine.projection import ProjectedBatch
from ..engine.state import State
from ..engine.tallies import merge_tallies
from ..events.trace_line.grammar import explain_malformed
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
}


def prepare(context: Context, projected: ProjectedBatch) -> State:
    """Count the defective lines by the first class that applies to each."""
    batch = projected.batch
    tallies = {"lines": batch.totals.lines}
    tables = []
    taken = pl.Series(dtype=pl.UInt32)
    for class_, name in enumerate(DEFECTS):
        rows = batch.defects[name] if name in context.parameters["count"] else taken.clear()
        if not len(rows):
            continue
        rows = rows.filter(~rows.is_in(taken.implode())) if len(taken) else rows
        taken = pl.concat([taken, rows])
        tallies[name] = len(rows)
        lines = batch.lines[rows].with_columns(pl.lit(0, pl.Int64).alias("@when"))
        tables.append(findings_table(lines, class_=class_))
    return State(tallies, {"findings": first_findings(tables, context.max_findings)})


def merge(context: Context, states: Sequence[State]) -> State:
    """Add up."""
    return merge_tallies(states, context.max_findings)


def judge(context: Context, state: State, *, closed: bool) -> Judgement:
    """If more lines are defective than allowed, every defective line is a violation.

    Of a share, sound lines that follow may mend it.
    """
    lines = state.tally("lines")
    limit = context.parameters["at_most"]
    allowed = limit.share * lines if isinstance(limit, Percent) else Fraction(limit)
    defective = sum(state.tally(name) for name in DEFECTS)
    beyond = defective > allowed
    violates = beyond and (closed or not isinstance(limit, Percent))
    defects, none = state.tables["findings"], none_found()
    return Judgement(
        subjects=lines,
        classes={name: state.tally(name) if violates else 0 for name in DEFECTS},
        violations=defective if violates else 0,
        findings=defects if violates else none,
        excused=none if violates else defects,
        message=_message(context),
        pending=beyond and not violates,
    )


def _message(context: Context) -> Message:
    def message(finding: Mapping[str, Any]) -> str:
        name = DEFECTS[finding["class"]]
        if name == "malformed":
            return explain_malformed(finding["texts"][0], context.tags)
        return _WORDS[name]

    return message


WELLFORMED = Kind(SPEC, prepare, merge, judge)
