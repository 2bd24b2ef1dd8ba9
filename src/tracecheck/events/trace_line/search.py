"""The search: reads lines of any layout in bulk, segment by segment, as the grammar does."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .grammar import character_class, trace_pattern

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
class SearchResult:
    """Trace lines among searched texts (FOUND and the wanted fields), and all field names."""

    frame: pl.DataFrame
    names: frozenset[str]


def search(texts: pl.Series, wanted: frozenset[str], segments: int) -> SearchResult:
    """Find the trace lines among `texts`, with the first value of each wanted field.

    So many `segments` are searched in one go.
    """
    is_trace = texts.str.contains(trace_pattern())
    lines = pl.DataFrame(
        {"@row": pl.int_range(len(texts), dtype=pl.UInt32, eager=True), "text": texts}
    ).filter(is_trace)
    if not lines.height:
        return SearchResult(pl.DataFrame(schema=FOUND), frozenset())
    pieces = lines["text"].str.count_matches("|", literal=True) + 1
    part = (pieces.cum_sum() - 1) // segments
    found = [
        _search_part(rows, wanted)
        for rows in lines.with_columns(part.alias("part")).partition_by(
            "part", maintain_order=True, include_key=False
        )
    ]
    frame = pl.concat([part.frame for part in found], how="diagonal")
    return SearchResult(frame, frozenset().union(*(part.names for part in found)))


def _search_part(lines: pl.DataFrame, wanted: frozenset[str]) -> SearchResult:
    segments = _segments(lines)
    fields = segments.filter((pl.col("at") > pl.col("tag_at")) & pl.col("name").is_not_null())
    names = frozenset(fields["name"].unique())
    found = fields.group_by("@row", maintain_order=True).agg(
        (pl.len() > pl.col("name").n_unique()).alias("@duplicate"),
        *(
            pl.col("value").filter(pl.col("name") == name).first().alias(name)
            for name in sorted(wanted & names)
        ),
    )
    tags = segments.filter(pl.col("at") == pl.col("tag_at")).select(
        "@row",
        pl.col("tag").alias("@tag"),
        # The end of the segment, less the tag itself.
        (pl.col("end") - pl.col("tag").str.len_bytes()).alias("@prefix_bytes"),
    )
    frame = tags.hstack(found.drop("@row"))
    return SearchResult(frame.with_columns(pl.col(name).cast(FOUND[name]) for name in FOUND), names)


def _segments(lines: pl.DataFrame) -> pl.DataFrame:
    """Every segment of trace lines: its row, its place `at` in the line, and what it is.

    `tag` is the word that it ends with, `end` the bytes of the line up to its end, and `tag_at`
    the place of the line's tag: the leftmost with a field after it, levels last.
    """
    ends = (pl.col("segment").str.len_bytes() + 1).cum_sum() - 1
    starts = pl.when(pl.col("at") == 0).then(ends - pl.col("segment").str.len_bytes())
    named_at = pl.when(pl.col("name").is_not_null()).then(pl.col("at"))
    is_tag = pl.col("tag").is_not_null() & (pl.col("at") < named_at.max().over("@row"))
    is_level = pl.col("tag").str.contains(_LEVEL)

    def first(test: pl.Expr) -> pl.Expr:
        return pl.when(test).then(pl.col("at")).min().over("@row")

    return (
        lines.select("@row", pl.col("text").str.split("|").alias("segment"))
        .with_columns(pl.int_ranges(pl.col("segment").list.len(), dtype=pl.UInt32).alias("at"))
        .explode("segment", "at")
        .with_columns(
            (ends - starts.forward_fill()).alias("end"),
            pl.col("segment").str.extract(_FIELD, 1).alias("name"),
            pl.col("segment").str.extract(_FIELD, 2).alias("value"),
            pl.col("segment").str.extract(_CANDIDATE, 1).alias("tag"),
        )
        .with_columns(
            pl.coalesce(first(is_tag & ~is_level), first(is_tag & is_level)).alias("tag_at")
        )
    )
