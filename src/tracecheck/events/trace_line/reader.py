"""LINES into EVENTS and defects: the vectorised twin of the grammar.

Layouts cut most lines by position; the search reads the rest. Only the fields that the rules
read are cut out of the text.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from ...model.tuning import DEFAULT_TUNING, Tuning
from ...model.verdict import Totals
from ...reading.lines.blocks import Block
from ...reading.lines.decoding import LINES, Lines, decode
from ...reading.lines.timestamps import read_stamps
from ..table import EventBatch, Needs, Seen, row_numbers
from .grammar import character_class, malformed_pattern
from .layouts import WIDEST, LayoutCache, Segments
from .search import search

_LEVEL = character_class("LEVEL_WORD")
_LEVEL_IN_PREFIX = rf"(?:^|[^A-Za-z0-9_])({_LEVEL})(?:[^A-Za-z0-9_]|$)"


class TraceLines:
    """The reader of a run's events, shared by its threads.

    The layouts that it learns of the log change its speed and nothing else.
    """

    def __init__(self, tuning: Tuning = DEFAULT_TUNING) -> None:
        self._tuning = tuning
        self._layouts = LayoutCache(tuning.learn_after)

    def read(self, block: Block, needs: Needs) -> EventBatch:
        """Decode the lines of a block; each is an event, plain, or malformed."""
        lines = decode(block, tags=needs.tags, timezone=needs.timezone)
        return read_events(lines, needs, self._layouts, self._tuning)


def read_events(
    lines: Lines, needs: Needs, layouts: LayoutCache, tuning: Tuning = DEFAULT_TUNING
) -> EventBatch:
    """Read the events of decoded lines (LINES, and ENVELOPE if there are any)."""
    frame = lines.frame.with_row_index("@row")
    laid_out, rest, seen = _laid_out(frame, needs, layouts, tuning.search_from)
    searched, rest, names = _searched(rest, needs, tuning.segments)
    # In one piece: what is done next would otherwise join the pieces each time.
    found = pl.concat([*laid_out, searched], how="diagonal", rechunk=True)
    defects = {
        "malformed": _malformed(rest, needs.tags),
        "undecodable": row_numbers(lines.undecodable),
        "too_long": row_numbers(lines.too_long),
        "duplicate_field": row_numbers(found["@row"].filter(found["@duplicate"])),
        "second_event": row_numbers(()),
    }
    totals = Totals(
        lines=frame.height,
        events=found.height,
        plain=rest.height - len(defects["malformed"]),
        **{name: len(rows) for name, rows in defects.items()},
    )
    seen = Seen(seen.tags.union(searched["@tag"].unique()), seen.names | names)
    events = _events(found, needs)
    stamps = lines.frame.get_column("@stamp", default=pl.repeat(None, frame.height, eager=True))
    stamps = stamps.cast(pl.Int64).alias("@stamp").scatter(found["@row"], events["@time"])
    in_lines = lines.frame.select(*LINES, stamps)
    return EventBatch(events, in_lines, defects, totals, seen)


def _laid_out(
    frame: pl.DataFrame, needs: Needs, layouts: LayoutCache, longest: int
) -> tuple[list[pl.DataFrame], pl.DataFrame, Seen]:
    """What is found in lines that fit a layout, the other lines, and what is seen in the former.

    Lines above `longest` bytes fit none. Beside a line stand `@tag`, `@duplicate`, `@prefix`, and
    wanted fields as `=name`.
    """
    found: list[pl.DataFrame] = []
    rest = [frame.clear()]
    tags: set[str] = set()
    names: set[str | None] = set()
    beside = ["@tag", "@duplicate", "@prefix"]
    for lines in _by_segments(frame, longest):
        if not 1 < lines.count <= WIDEST:
            rest.append(lines.rows[frame.columns])
            continue
        sorted_out, others = layouts.sort_out(lines, needs.spellings)
        rest.append(others[frame.columns])
        for layout, rows in sorted_out:
            fields = [name for name in rows.columns if name.startswith("=")]
            found.append(rows[[*frame.columns, *beside, *fields]])
            tags.add(layout.tag)
            names.update(layout.names)
    seen = Seen(frozenset(tags), frozenset(name for name in names if name is not None))
    return found, pl.concat(rest), seen


def _by_segments(frame: pl.DataFrame, longest: int) -> Iterator[Segments]:
    """The lines, cut at the pipes, by how many segments they have; very long ones uncut."""
    is_long = frame["@text"].str.len_bytes() > longest
    if is_long.any():
        # A line made of pipes would be cut into as many segments: the search bounds them.
        yield Segments(frame.filter(is_long), pl.Series(dtype=pl.String), 0)
        frame = frame.filter(~is_long)
    segments = frame["@text"].str.split("|")
    counts = segments.list.len()
    frame = frame.hstack([(counts.cum_sum() - counts).alias("@start"), counts.alias("@count")])
    pieces = segments.explode()
    for rows in frame.partition_by("@count", maintain_order=True) if frame.height else ():
        yield Segments(rows, pieces, rows["@count"][0])


def _searched(
    rest: pl.DataFrame, needs: Needs, segments: int
) -> tuple[pl.DataFrame, pl.DataFrame, frozenset[str]]:
    """What is found among lines of any layout, the other lines, and the names of fields."""
    found = search(rest["@text"], needs.spellings, segments)
    names = needs.spellings.intersection(found.frame.columns)
    prefix = pl.col("@text").cast(pl.Binary).bin.head(pl.col("@prefix_bytes")).cast(pl.String)
    rows = (
        rest[found.frame["@row"]]
        .hstack(found.frame["@tag", "@duplicate", "@prefix_bytes", *names])
        .select(
            *rest.columns,
            "@tag",
            "@duplicate",
            prefix.alias("@prefix"),
            *(pl.col(name).alias(f"={name}") for name in names),
        )
    )
    if not rows.height:
        return rows, rest, found.names
    is_event = pl.int_range(rest.height, dtype=pl.UInt32, eager=True).is_in(
        found.frame["@row"].implode()
    )
    return rows, rest.filter(~is_event), found.names


def _events(found: pl.DataFrame, needs: Needs) -> pl.DataFrame:
    """Events out of what is found of each: its line, tag, prefix, and fields by their spellings.

    Time, level and logger are the envelope's, else what the prefix before the tag shows.
    """
    columns: dict[str, pl.Expr] = {
        "@when": pl.lit(0, pl.Int64),
        "@time": pl.lit(read_stamps(found["@prefix"], needs.timezone)),
    }
    if needs.level:
        columns["@level"] = pl.col("@prefix").str.extract(_LEVEL_IN_PREFIX, 1)
    if needs.logger:
        columns["@logger"] = pl.lit(None, pl.String)
    if "@stamp" in found.columns:
        said = {"@time": "@stamp", "@level": "@level", "@logger": "@logger"}
        columns |= {
            name: pl.coalesce(said[name], columns[name]) for name in said.keys() & columns.keys()
        }
    for name, spellings in needs.fields.items():
        spelled = [f"={one}" for one in spellings if f"={one}" in found.columns]
        columns[name] = pl.coalesce(spelled) if spelled else pl.lit(None, pl.String)
    return found.select(columns.get(name, pl.col(name)).alias(name) for name in needs.schema)


def _malformed(rest: pl.DataFrame, tags: frozenset[str]) -> pl.Series:
    """Rows of lines that are no events although a named tag stands in them, and not as prose."""
    pattern = malformed_pattern(tags)
    if pattern is None:
        return row_numbers(())
    return row_numbers(rest["@row"].filter(rest["@text"].str.contains(pattern)))
