"""Tallies: kinds that count events or lines and keep the first findings; order plays no part."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .findings import doubt, findings_table, first_doubts, first_findings, none_found
from .kind import Context
from .projection import Reading
from .state import State, added, tables_of


def prepare_matches(context: Context, reading: Reading, most: int | None) -> State:
    """Count what `where` or `text` matches, and keep the first `most` matches as findings."""
    totals = reading.stretch.totals
    if "text" in context.parameters:
        lines = reading.lines_with(context.parameters["text"])
        found = none_found()
        if lines.height:
            found = findings_table(lines.with_columns(pl.lit(0, pl.Int64).alias("@when")), class_=0)
        return State(
            {"subjects": totals.lines, "matches": lines.height},
            {"findings": first_findings([found], most)},
        )
    truth = reading.selected(context.parameters["where"])
    matches = int(truth.sum())
    found = findings_table(reading.where(truth), class_=0)
    return State(
        {"subjects": totals.events, "matches": matches, "incomparable": truth.null_count()},
        {
            "findings": first_findings([found], most),
            "doubts": doubt(reading.unknown(truth), "incomparable"),
        },
    )


def merge_tallies(states: Sequence[State], most: int | None) -> State:
    """Add the tallies, keep the first findings."""
    tables = {
        "findings": first_findings(tables_of(states, "findings"), most),
        "doubts": first_doubts(tables_of(states, "doubts")),
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
