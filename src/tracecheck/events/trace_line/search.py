"""The search: reads lines of any layout in bulk, segment by segment, as the grammar does."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from .damage import ESCAPE
from .grammar import alone, character_class, is_level

_FIELD = rf"^[ \t]*({character_class('NAME')})=((?s:.*))$"
_CANDIDATE = rf"(^|[^A-Za-z0-9_]|{ESCAPE})({character_class('TAG_WORD')})([ \t]*)$"
_LEVEL = rf"^{character_class('LEVEL_WORD')}$"
_BLANKS = " \t"

FOUND = {
    "@row": pl.UInt32,
    "@tag": pl.String,
    "@tag_at": pl.UInt32,
    "@field_at": pl.UInt32,
    "@duplicate": pl.Boolean,
}
"""A trace line found: the row of the searched texts, its tag, the bytes before the tag and before
its first field, and whether a field is written twice. Beside these, one column for each wanted
field."""

_NAMES = {"@row": pl.UInt32, "name": pl.String}


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
    lines = pl.DataFrame([texts.alias("text")]).with_row_index("@row")
    for pattern in (r"\|", trace_pattern()):  # most lines that are none have no pipe
        lines = lines.filter(lines["text"].str.contains(pattern))
    pieces = lines["text"].str.count_matches("|", literal=True) + 1
    part = (pieces.cum_sum() - 1) // segments
    found = [
        _search_part(rows, wanted, tags)
        for rows in lines.with_columns(part.alias("part")).partition_by(
            "part", maintain_order=True, include_key=False
        )
    ]
    if not found:
        return SearchResult(pl.DataFrame(schema=FOUND), pl.DataFrame(schema=_NAMES))
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
        *(value.filter(pl.col("name") == name).first().alias(name) for name in sorted(there)),
    )
    tagged = segments.filter(pl.col("at") == pl.col("tag_at")).select(
        "@row", pl.col("tag").alias("@tag"), pl.col("tag_start").alias("@tag_at")
    )
    frame = tagged.hstack(found.drop("@row"))
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
    named = sorted(tags)
    size = pl.col("segment").str.len_bytes()
    before, tag, blanks = (pl.col("candidate").struct.field(str(group)) for group in (1, 2, 3))
    is_piped = (blanks == "") | tag.is_in(named)
    return (
        lines.select("@row", pl.col("text").str.split("|").alias("segment"))
        .with_columns(pl.int_ranges(pl.col("segment").list.len(), dtype=pl.UInt32).alias("at"))
        .explode("segment", "at")
        .with_columns(
            pl.col("@row").set_sorted(),
            pl.col("segment").str.extract_groups(_FIELD).alias("field"),
            pl.col("segment").str.extract_groups(_CANDIDATE).alias("candidate"),
            (size + 1).cum_sum().over("@row").alias("after"),
        )
        .with_columns(
            pl.col("field").struct.field("1").alias("name"),
            pl.col("field").struct.field("2").alias("value"),
            (pl.col("after") - size - 1).alias("start"),
            (pl.col("after") - 1 - blanks.str.len_bytes() - tag.str.len_bytes()).alias("tag_start"),
            pl.when(is_piped).then(before).alias("before"),
            pl.when(is_piped).then(tag).alias("tag"),
        )
        .drop("field", "candidate", "after")
        .pipe(_with_tag_at, [tag for tag in named if not is_level(tag)])
    )


def _with_tag_at(segments: pl.DataFrame, outranking: list[str]) -> pl.DataFrame:
    """The segments with the place `tag_at` of the line's tag: the leftmost with a field after it.

    A named tag before the first field outranks those left of it; levels come last. Each step is
    a column: the engine would do again what several ask for.
    """
    at, tag = pl.col("at"), pl.col("tag")
    is_alone = ~pl.col("before").str.contains(f"^(?:{ESCAPE})")
    is_level = tag.str.contains(_LEVEL)

    def where(test: pl.Expr) -> pl.Expr:
        return pl.when(test).then(at)

    return (
        segments.with_columns(where(pl.col("name").is_not_null()).alias("field_at"))
        .with_columns(_of_line(pl.col("field_at").max()).alias("last_field"))
        .with_columns((is_alone & tag.is_not_null() & (at < pl.col("last_field"))).alias("is_tag"))
        .with_columns(
            _of_line(where(pl.col("is_tag") & ~is_level).min()).alias("leftmost"),
            _of_line(where(pl.col("is_tag") & is_level).min()).alias("level"),
        )
        .with_columns(
            _of_line(pl.when(at > pl.col("leftmost")).then(pl.col("field_at")).min()).alias(
                "first_field"
            ),
        )
        .with_columns(
            pl.coalesce(
                _of_line(
                    where(
                        pl.col("is_tag")
                        & tag.is_in(outranking)
                        & at.is_between("leftmost", "first_field", closed="left")
                    ).max()
                ),
                "leftmost",
                "level",
            ).alias("tag_at")
        )
        .drop("field_at", "last_field", "is_tag", "leftmost", "level", "first_field")
    )


def _of_line(value: pl.Expr) -> pl.Expr:
    return value.over("@row")
