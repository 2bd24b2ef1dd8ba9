"""The search: reads lines of any layout in bulk, segment by segment, as the grammar does."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .grammars.trace_line import character_class

_MOST_SEGMENTS = 1 << 20
"""Segments searched in one go, which bounds memory on lines made of pipes."""

_FIELD = rf"^({character_class('NAME')})=((?s:.*))$"
_CANDIDATE = rf"(?:^|[^A-Za-z0-9_])({character_class('TAG_WORD')})$"
_LEVEL = rf"^{character_class('LEVEL_WORD')}$"

FOUND = {
    "@row": pl.UInt32,
    "@tag": pl.String,
    "@prefix_bytes": pl.UInt32,
    "@duplicate": pl.Boolean,
}
"""A trace line found: the row of the searched texts, its tag, the bytes before the tag, and
whether a field is written twice. Beside these, one column for each wanted field."""


@dataclass(frozen=True, slots=True)
class Found:
    """Trace lines among searched texts (FOUND and the wanted fields), and all field names."""

    frame: pl.DataFrame
    names: frozenset[str]


def search(texts: pl.Series, wanted: frozenset[str]) -> Found:
    """Find the trace lines among `texts`, with the first value of each wanted field."""
    pieces = texts.str.count_matches("|", literal=True) + 1
    part = (pieces.cum_sum() - 1) // _MOST_SEGMENTS
    found = [
        _search_part(texts.gather(rows["@row"]), rows["@row"], wanted)
        for rows in pl.DataFrame(
            {"@row": pl.int_range(len(texts), dtype=pl.UInt32, eager=True), "part": part}
        ).partition_by("part", maintain_order=True)
    ]
    frame = (
        pl.concat([part.frame for part in found], how="diagonal")
        if found
        else pl.DataFrame(schema=FOUND)
    )
    return Found(frame, frozenset().union(*(part.names for part in found)))


def _search_part(texts: pl.Series, rows: pl.Series, wanted: frozenset[str]) -> Found:
    segments = _segments(texts, rows)
    tags = _tags(segments)
    fields = (
        segments.join(tags, on="@row", maintain_order="left")
        .filter((pl.col("at") > pl.col("tag_at")) & pl.col("name").is_not_null())
        .select("@row", "name", "value")
    )
    first = fields.unique(["@row", "name"], keep="first", maintain_order=True)
    twice = fields.group_by("@row").agg((pl.len() > pl.col("name").n_unique()).alias("@duplicate"))
    frame = (
        tags.join(twice, on="@row", how="left", maintain_order="left")
        .with_columns(pl.col("@duplicate").fill_null(value=False))
        .select(pl.col(name).cast(dtype) for name, dtype in FOUND.items())
    )
    for name in sorted(wanted.intersection(first["name"].unique())):
        column = first.filter(pl.col("name") == name).select("@row", pl.col("value").alias(name))
        frame = frame.join(column, on="@row", how="left", maintain_order="left")
    return Found(frame, frozenset(first["name"].unique()))


def _segments(texts: pl.Series, rows: pl.Series) -> pl.DataFrame:
    """Every segment: its row, its place `at` in the line, the bytes before it, and what it is."""
    return (
        pl.DataFrame({"@row": rows, "segment": texts.str.split("|")})
        .explode("segment")
        .with_columns(
            at=pl.int_range(pl.len(), dtype=pl.UInt32).over("@row"),
            groups=pl.col("segment").str.extract_groups(_FIELD),
            candidate=pl.col("segment").str.extract(_CANDIDATE, 1),
            end=(pl.col("segment").str.len_bytes() + 1).cum_sum().over("@row"),
        )
        .with_columns(
            name=pl.col("groups").struct.field("1"), value=pl.col("groups").struct.field("2")
        )
        .drop("groups")
    )


def _tags(segments: pl.DataFrame) -> pl.DataFrame:
    """The tag of each row that has one: the leftmost with a field after it, levels last."""
    last_field = (
        segments.filter(pl.col("name").is_not_null()).group_by("@row").agg(last=pl.col("at").max())
    )
    return (
        segments.filter(pl.col("candidate").is_not_null())
        .join(last_field, on="@row", maintain_order="left")
        .filter(pl.col("at") < pl.col("last"))
        .with_columns(level=pl.col("candidate").str.contains(_LEVEL))
        .sort("@row", "level", "at")
        .unique("@row", keep="first", maintain_order=True)
        .select(
            "@row",
            pl.col("candidate").alias("@tag"),
            pl.col("at").alias("tag_at"),
            # The end of the segment, less the pipe and the tag itself.
            (pl.col("end") - 1 - pl.col("candidate").str.len_bytes()).alias("@prefix_bytes"),
        )
    )
