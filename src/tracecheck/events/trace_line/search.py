"""The search: reads lines of any layout in bulk, segment by segment, as the grammar does."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .grammar import alone, character_class, is_level

_FIELD = rf"^[ \t]*({character_class('NAME')})=((?s:.*))$"
_CANDIDATE = rf"(^|[^A-Za-z0-9_])({character_class('TAG_WORD')})([ \t]*)$"
_LEVEL = rf"^{character_class('LEVEL_WORD')}$"
_BLANKS = " \t"

FOUND = {
    "@row": pl.UInt32,
    "@tag": pl.String,
    "@tag_at": pl.UInt32,
    "@field_at": pl.UInt32,
    "@duplicate": pl.Boolean,
    "@second": pl.Boolean,
}
"""A trace line found: the row of the searched texts, its tag, the bytes before the tag and before
its first field, whether a field is written twice, and whether a second event stands behind it.
Beside these, one column for each wanted field."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Trace lines among searched texts (FOUND and the wanted fields).

    `names` (`@row`, `name`) are the names of all their fields.
    """

    frame: pl.DataFrame
    names: pl.DataFrame


def trace_pattern() -> str:
    """A pattern (of either regex engine) that is found in all trace lines, and in few others."""
    tag, name = character_class("TAG_WORD"), character_class("NAME")
    return rf"{alone()}{tag}[ \t]*\|(?s:(?:.*\|)?)[ \t]*{name}="


def search(
    texts: pl.Series, wanted: frozenset[str], tags: frozenset[str], segments: int
) -> SearchResult:
    """Find the trace lines among `texts`, with the first value of each wanted field.

    `tags` are those that rules name. So many `segments` are searched in one go.
    """
    is_trace = texts.str.contains(trace_pattern())
    lines = pl.DataFrame(
        {"@row": pl.int_range(len(texts), dtype=pl.UInt32, eager=True), "text": texts}
    ).filter(is_trace)
    pieces = lines["text"].str.count_matches("|", literal=True) + 1
    part = (pieces.cum_sum() - 1) // segments
    found = [
        _search_part(rows, wanted, tags)
        for rows in lines.with_columns(part.alias("part")).partition_by(
            "part", maintain_order=True, include_key=False
        )
    ]
    if not found:
        found = [_search_part(lines, wanted, tags)]
    return SearchResult(
        pl.concat([part.frame for part in found], how="diagonal"),
        pl.concat([part.names for part in found]),
    )


def _search_part(lines: pl.DataFrame, wanted: frozenset[str], tags: frozenset[str]) -> SearchResult:
    segments = _segments(lines, tags).filter(pl.col("tag_at").is_not_null())
    fields = segments.filter((pl.col("at") > pl.col("tag_at")) & pl.col("name").is_not_null())
    there = wanted.intersection(fields["name"].unique())
    value = pl.col("value").str.strip_chars_end(_BLANKS)
    found = fields.group_by("@row", maintain_order=True).agg(
        (pl.len() > pl.col("name").n_unique()).alias("@duplicate"),
        pl.col("start").first().alias("@field_at"),
        pl.col("at").first().alias("first"),
        pl.col("at").last().alias("last"),
        *(value.filter(pl.col("name") == name).first().alias(name) for name in sorted(there)),
    )
    tagged = segments.filter(pl.col("at") == pl.col("tag_at")).select(
        "@row", pl.col("tag").alias("@tag"), pl.col("tag_start").alias("@tag_at")
    )
    second = segments.filter(pl.col("is_named") & (pl.col("before") != "=")).join(
        found.select("@row", "first", "last"), on="@row"
    )
    doubled = second.filter((pl.col("at") >= pl.col("first")) & (pl.col("at") < pl.col("last")))[
        "@row"
    ]
    frame = tagged.hstack(found.drop("@row", "first", "last")).with_columns(
        pl.col("@row").is_in(doubled.unique().implode()).alias("@second")
    )
    return SearchResult(
        frame.select(*(pl.col(name).cast(dtype) for name, dtype in FOUND.items()), *sorted(there)),
        fields.select("@row", "name"),
    )


def _segments(lines: pl.DataFrame, tags: frozenset[str]) -> pl.DataFrame:
    """Every segment of trace lines: its row, its place `at` in the line, and what it is.

    `start` are the bytes of the line before it, `tag` the word that it ends with if a pipe may
    follow that (`before` it a character, `tag_start` bytes of the line), and `tag_at` the place
    of the line's tag, null if there is none.
    """
    size = pl.col("segment").str.len_bytes()
    after = (size + 1).cum_sum().over("@row")
    parts = pl.col("segment").str.extract_groups(_CANDIDATE).struct
    named = sorted(tags)
    is_piped = (parts.field("3") == "") | parts.field("2").is_in(named)
    return (
        lines.select("@row", pl.col("text").str.split("|").alias("segment"))
        .with_columns(pl.int_ranges(pl.col("segment").list.len(), dtype=pl.UInt32).alias("at"))
        .explode("segment", "at")
        .with_columns(
            (after - size - 1).alias("start"),
            pl.col("segment").str.extract(_FIELD, 1).alias("name"),
            pl.col("segment").str.extract(_FIELD, 2).alias("value"),
            pl.when(is_piped).then(parts.field("1")).alias("before"),
            pl.when(is_piped).then(parts.field("2")).alias("tag"),
            (after - 1 - parts.field("3").str.len_bytes() - parts.field("2").str.len_bytes()).alias(
                "tag_start"
            ),
        )
        .with_columns(pl.col("tag").is_in(named).alias("is_named"))
        .with_columns(_tag_at([tag for tag in named if not is_level(tag)]).alias("tag_at"))
    )


def _tag_at(outranking: list[str]) -> pl.Expr:
    """The place of the line's tag among its segments: the leftmost with a field after it.

    A named tag before the first field outranks those left of it; levels come last.
    """
    at = pl.col("at")
    field_at = pl.when(pl.col("name").is_not_null()).then(at)
    is_tag = pl.col("tag").is_not_null() & (at < field_at.max().over("@row"))
    is_level = pl.col("tag").str.contains(_LEVEL)

    def first(test: pl.Expr) -> pl.Expr:
        return pl.when(test).then(at).min().over("@row")

    leftmost = first(is_tag & ~is_level)
    first_field = pl.when(at > leftmost).then(field_at).min().over("@row")
    outranks = is_tag & pl.col("tag").is_in(outranking) & (at >= leftmost) & (at < first_field)
    last = pl.when(outranks).then(at).max().over("@row")
    return pl.coalesce(last, leftmost, first(is_tag & is_level))
