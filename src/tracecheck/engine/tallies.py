"""Tallies: kinds that count events or lines and keep the first findings; order plays no part."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .findings import findings_table, first_findings, first_reasons, none_found, reason_lines
from .kind import Context
from .projection import ProjectedBatch
from .state import State, added, tables_of


def prepare_matches(context: Context, projected: ProjectedBatch, max_findings: int | None) -> State:
    """Count what `where` or `text` matches, and keep the first `most` matches as findings."""
    totals = projected.batch.totals
    if "text" in context.parameters:
        lines = projected.lines_with(context.parameters["text"])
        found = none_found()
        if lines.height:
            found = findings_table(lines.with_columns(pl.lit(0, pl.Int64).alias("@when")), class_=0)
        return State(
            {"subjects": totals.lines, "matches": lines.height},
            {"findings": first_findings([found], max_findings)},
        )
    truth = projected.selected(context.parameters["where"])
    matches = int(truth.sum())
    found = findings_table(projected.where(truth), class_=0)
    return State(
        {"subjects": totals.events, "matches": matches, "incomparable": truth.null_count()},
        {
            "findings": first_findings([found], max_findings),
            "reasons": reason_lines(projected.unknown(truth), "incomparable"),
        },
    )


def merge_tallies(states: Sequence[State], max_findings: int | None) -> State:
    """Add the tallies, keep the first findings."""
    tables = {
        "findings": first_findings(tables_of(states, "findings"), max_findings),
        "reasons": first_reasons(tables_of(states, "reasons")),
    }
    return State(added(states), tables, anchored=states[0].anchored)


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
    )
    return one.cast({"when": pl.Int64, "place": pl.UInt64})
