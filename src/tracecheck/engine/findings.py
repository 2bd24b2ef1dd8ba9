"""Findings as a table while a run goes on: the first few of each class, merged like tallies."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import polars as pl

from ..events.trace_line.stamps import line_times

FINDINGS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "when": pl.Int64,
    "place": pl.UInt64,
    "class": pl.UInt8,
    "minor": pl.UInt8,
    "key": pl.List(pl.String),
    "places": pl.List(pl.UInt64),
    "texts": pl.List(pl.String),
    "details": pl.List(pl.String),
    "time": pl.Int64,
}
"""A finding: the order of its first evidence line (`when`, `place`), its class by number, a
number that orders findings of one class at one line, the key's values, its evidence lines,
what its message needs, and the time of its first evidence line (ns, null without one)."""

_ORDER = ["when", "place", "class", "minor"]


@functools.cache
def none_found() -> pl.DataFrame:
    """No findings."""
    return pl.DataFrame(schema=dict(FINDINGS))


def first_findings(parts: Iterable[pl.DataFrame], max_findings: int | None) -> pl.DataFrame:
    """The first `max_findings` (all if None) of each class out of several tables, in event order.

    Of each class, as it may turn out late which classes violate.
    """
    found = [part for part in parts if part.height]
    if not found:
        return none_found()
    # Sorting copies the texts out of the blocks they lie in, which must not be kept alive.
    merged = pl.concat(found)
    if max_findings is None or merged.height <= max_findings:
        return merged.sort(_ORDER)
    if not max_findings:
        return merged.clear()
    classes = merged["class"].unique()
    if len(classes) == 1:
        return _first(merged, max_findings)
    each = (merged.filter(merged["class"] == class_) for class_ in classes)
    return pl.concat(_first(one, max_findings) for one in each).sort(_ORDER)


def _first(found: pl.DataFrame, most: int) -> pl.DataFrame:
    if found.height > 4 * most + 64:
        found = found.bottom_k(most, by=_ORDER)
    return found.sort(_ORDER).head(most)


def findings_table(
    rows: pl.DataFrame,
    *,
    class_: int | pl.Series,
    key: Iterable[str] = (),
    minor: int = 0,
    second: pl.DataFrame | None = None,
    details: Iterable[pl.Series] = (),
) -> pl.DataFrame:
    """Findings (FINDINGS) out of events (EVENT), one a row. `class_` may be one each.

    `second` holds, row by row, the event that is the second evidence line; a row whose second
    event is the same one keeps one line. `key` names the columns of the key.
    """
    if not rows.height:
        return none_found()
    evidence = [rows] if second is None else [rows, second]
    places = _list([events["@place"] for events in evidence], pl.UInt64)
    texts = _list([events["@text"] for events in evidence], pl.String)
    if second is not None:
        once = rows["@place"] == second["@place"]
        places = pl.when(once).then(places.list.head(1)).otherwise(places)
        texts = pl.when(once).then(texts.list.head(1)).otherwise(texts)
    return rows.select(
        pl.col("@when").alias("when"),
        pl.col("@place").alias("place"),
        pl.lit(class_).cast(pl.UInt8).alias("class"),
        pl.lit(minor, pl.UInt8).alias("minor"),
        _list([rows[name] for name in key], pl.String).alias("key"),
        places.alias("places"),
        texts.alias("texts"),
        _list(details, pl.String).alias("details"),
        pl.col("@time").alias("time"),
    )


def line_findings(lines: pl.DataFrame, class_: int) -> pl.DataFrame:
    """Findings (FINDINGS) out of lines (LINE), one a line: only their places order them."""
    if not lines.height:
        return none_found()
    events = lines.with_columns(pl.lit(0, pl.Int64).alias("@when"), pl.col("@stamp").alias("@time"))
    return findings_table(events, class_=class_)


def timed(found: pl.DataFrame, tags: frozenset[str], timezone: str) -> pl.DataFrame:
    """Findings (FINDINGS) out of lines, each with the time that its line has, if it has one."""
    if not found["time"].has_nulls():
        return found
    known = found["time"]
    read = line_times(found["texts"].list.first(), tags, timezone)
    return found.with_columns(known.zip_with(known.is_not_null(), read))


def _list(columns: Iterable[pl.Series], dtype: type[pl.DataType]) -> pl.Expr:
    """Columns side by side as one list column."""
    values = [pl.lit(column.cast(dtype)) for column in columns]
    if not values:
        return pl.lit(pl.Series([[]], dtype=pl.List(dtype))).first()
    return pl.concat_list(values)


REASON_EVIDENCE: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "when": pl.Int64,
    "place": pl.UInt64,
    "text": pl.String,
    "reason": pl.String,
}
"""A line that stands against a pass: its order (`when`, `place`), its text, and the reason."""


def reason_lines(rows: pl.DataFrame, reason: str) -> pl.DataFrame:
    """The first of the events (EVENT) that give this reason, if any do."""
    if not rows.height:
        return no_reasons()
    found = rows.select(
        pl.col("@when").alias("when"),
        pl.col("@place").alias("place"),
        pl.col("@text").alias("text"),
        pl.lit(reason).alias("reason"),
    )
    return first_reasons([found])


def first_reasons(parts: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The first line (REASON_EVIDENCE) of each reason, in order."""
    found = [part for part in parts if part.height]
    if not found:
        return no_reasons()
    # Sorting copies the texts out of the blocks they lie in, which must not be kept alive.
    in_order = pl.concat(found).sort("when", "place")
    return in_order.unique("reason", keep="first", maintain_order=True)


@functools.cache
def no_reasons() -> pl.DataFrame:
    """No reasons."""
    return pl.DataFrame(schema=dict(REASON_EVIDENCE))
