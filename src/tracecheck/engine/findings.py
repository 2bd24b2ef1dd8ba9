"""Findings as a table while a run goes on: the first few in event order, merged like tallies."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping

import polars as pl

FINDINGS: Mapping[str, pl.DataType | type[pl.DataType]] = {
    "when": pl.Int64,
    "place": pl.UInt64,
    "class": pl.UInt8,
    "minor": pl.UInt8,
    "key": pl.List(pl.String),
    "places": pl.List(pl.UInt64),
    "texts": pl.List(pl.String),
    "details": pl.List(pl.String),
}
"""A finding: the order of its first evidence line (`when`, `place`), its class by number, a
number that orders findings of one class at one line, the key's values, its evidence lines,
and what its message needs."""

_ORDER = ["when", "place", "class", "minor"]


@functools.cache
def none_found() -> pl.DataFrame:
    """No findings."""
    return pl.DataFrame(schema=dict(FINDINGS))


def first_findings(parts: Iterable[pl.DataFrame], max_findings: int | None) -> pl.DataFrame:
    """The first `max_findings` (all if None) of several tables, in event order."""
    found = [part for part in parts if part.height]
    if not found:
        return none_found()
    # Sorting copies the texts out of the blocks they lie in, which must not be kept alive.
    merged = pl.concat(found)
    if max_findings is not None and merged.height > 4 * max_findings + 64:
        merged = merged.bottom_k(max_findings, by=_ORDER) if max_findings else merged.clear()
    return merged.sort(_ORDER).head(merged.height if max_findings is None else max_findings)


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
    evidence = [(rows["@place"], rows["@text"])]
    if second is not None:
        evidence.append((second["@place"], second["@text"]))
    frame = pl.DataFrame(
        [
            rows["@when"].alias("when"),
            rows["@place"].alias("place"),
            *(places.alias(f"place{at}") for at, (places, _) in enumerate(evidence)),
            *(texts.alias(f"text{at}") for at, (_, texts) in enumerate(evidence)),
            *(rows[name].alias(f"key{at}") for at, name in enumerate(key)),
            *(detail.cast(pl.String).alias(f"detail{at}") for at, detail in enumerate(details)),
        ]
    )
    places = _list(frame, "place", pl.UInt64)
    texts = _list(frame, "text", pl.String)
    if second is not None:
        once = pl.col("place0") == pl.col("place1")
        places = pl.when(once).then(places.list.head(1)).otherwise(places)
        texts = pl.when(once).then(texts.list.head(1)).otherwise(texts)
    return frame.select(
        "when",
        "place",
        pl.lit(class_).cast(pl.UInt8).alias("class"),
        pl.lit(minor, pl.UInt8).alias("minor"),
        _list(frame, "key", pl.String).alias("key"),
        places.alias("places"),
        texts.alias("texts"),
        _list(frame, "detail", pl.String).alias("details"),
    )


def line_findings(lines: pl.DataFrame, class_: int) -> pl.DataFrame:
    """Findings (FINDINGS) out of lines (LINES), one a line: only their places order them."""
    if not lines.height:
        return none_found()
    return findings_table(lines.with_columns(pl.lit(0, pl.Int64).alias("@when")), class_=class_)


def _list(frame: pl.DataFrame, name: str, dtype: type[pl.DataType]) -> pl.Expr:
    """Columns `name0`, `name1`… of a frame as one list column."""
    columns = [column for column in frame.columns if column.startswith(name) and column != name]
    if not columns:
        return pl.lit(pl.Series([[]], dtype=pl.List(dtype))).first()
    return pl.concat_list(columns).cast(pl.List(dtype))


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
