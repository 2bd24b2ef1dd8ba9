"""Tallies: kinds that count events or lines and keep the first findings; order plays no part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace

import polars as pl

from ..model.rules import KindSpec, Parameter
from .findings import findings_table, first_findings, line_findings, reason_lines, timed
from .kind import Context, Judge, Kind, max_findings
from .projection import ProjectedBatch
from .state import State, combined


def tally_kind(
    spec: KindSpec,
    prepare: Callable[[Context, ProjectedBatch], State],
    judge: Judge,
    kept: Callable[[Context], int | None] = max_findings,
    *,
    gathers: bool = False,
) -> Kind:
    """Make a kind of what differs; `prepare` may give more findings than are `kept`."""

    def merge(context: Context, states: Sequence[State]) -> State:
        return combined(states[0], states, kept(context))

    def prepared(context: Context, projected: ProjectedBatch) -> State:
        state = prepare(context, projected)
        findings = first_findings([state.findings], kept(context))
        if not context.rule.selectors:  # of lines, of which some are no events
            findings = timed(findings, context.tags, context.timezone)
        return replace(state, findings=findings)

    return Kind(spec, prepared, merge, judge, kept=kept, gathers=gathers)


WHERE_OR_TEXT = (
    Parameter("where", "selector", "The events that match."),
    Parameter("text", "regex", "A pattern searched in the text of every line, plain ones too."),
)
"""What a kind asks a rule for that counts matches: one of them."""


def prepare_matches(context: Context, projected: ProjectedBatch) -> State:
    """Count what `where` or `text` matches; each match is a finding."""
    totals = projected.batch.totals
    if "text" in context.parameters:
        lines = projected.lines_with(context.parameters["text"])
        return State(
            counts=Counter(subjects=totals.lines, matches=lines.height),
            findings=line_findings(lines, class_=0),
        )
    truth = projected.selected(context.parameters["where"])
    found = projected.where(truth)
    return State(
        counts=Counter(
            subjects=totals.events, matches=found.height, incomparable=truth.null_count()
        ),
        findings=findings_table(found, class_=0),
        reasons=reason_lines(projected.unknown(truth), "incomparable"),
    )


def together(findings: pl.DataFrame, class_: int) -> pl.DataFrame:
    """One finding whose evidence lines are those of all the given ones, in order."""
    one = findings.select(
        pl.col("when", "place").first().fill_null(0),
        pl.lit(class_, pl.UInt8).alias("class"),
        pl.lit(0, pl.UInt8).alias("minor"),
        pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first().alias("key"),
        pl.col("places").explode().drop_nulls().implode(),
        pl.col("texts").explode().drop_nulls().implode(),
        pl.lit(pl.Series([[]], dtype=pl.List(pl.String))).first().alias("details"),
        pl.col("time").first(),
    )
    return one.cast({"when": pl.Int64, "place": pl.UInt64})
