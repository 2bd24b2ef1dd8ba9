"""LINES into EVENTS and defects: the vectorised twin of the grammar.

Layouts cut most lines by position; the search reads the rest. Only the fields that the rules
read are cut out of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from .grammars.trace_line import character_class, malformed_pattern
from .layouts import WIDEST, LayoutBook, Segments
from .lines.decoding import LINES, Lines
from .lines.stamps import read_stamps
from .model import DEFECTS, Totals
from .searching import search

EVENT = {"@place": pl.UInt64, "@when": pl.Int64, "@text": pl.String, "@tag": pl.String}
"""Columns of every event. `@when` orders events of interleaved sources (0 otherwise).
Beside these, those of `ATTRIBUTES` that are needed, and one String column for each wanted
field, under its canonical name; null where the event does not have it."""

ATTRIBUTES = {"@time": pl.Int64, "@level": pl.String, "@logger": pl.String}
"""What an event's envelope says, or else its prefix; time in nanoseconds since the epoch."""

_LONG = 1 << 16
"""Bytes of a line above which it is left to the search."""

_LEVEL = character_class("LEVEL_WORD")
_LEVEL_IN_PREFIX = rf"(?:^|[^A-Za-z0-9_])({_LEVEL})(?:[^A-Za-z0-9_]|$)"


@dataclass(frozen=True, slots=True)
class Needs:
    """What the rules of a run read: tags by name, fields (canonical name to all spellings)."""

    tags: frozenset[str] = frozenset()
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    time: bool = False
    level: bool = False
    logger: bool = False
    zone: str = "UTC"

    @property
    def envelope(self) -> bool:
        """Whether JSON envelopes must be asked for more than their message."""
        return self.time or self.level or self.logger

    @property
    def prefix(self) -> bool:
        """Whether the text before the tag must be looked at."""
        return self.time or self.level

    @property
    def schema(self) -> dict[str, Any]:
        """The columns of events: EVENT, the attributes that are asked for, and the fields."""
        attributes = {"@time": self.time, "@level": self.level, "@logger": self.logger}
        return {
            **EVENT,
            **{name: dtype for name, dtype in ATTRIBUTES.items() if attributes[name]},
            **dict.fromkeys(self.fields, pl.String),
        }

    @property
    def spellings(self) -> frozenset[str]:
        """Every name under which a needed field may be written."""
        return frozenset(name for names in self.fields.values() for name in names)


@dataclass(frozen=True, slots=True)
class Seen:
    """Tags and field names that occur, for `never_seen`."""

    tags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()

    @staticmethod
    def joined(parts: Iterable[Seen]) -> Seen:
        """What is seen in any of the parts."""
        seen = list(parts)
        return Seen(
            frozenset().union(*(part.tags for part in seen)),
            frozenset().union(*(part.names for part in seen)),
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of log, read: what a rule prepares from.

    `events` are in no order; their columns are `Needs.schema`. `lines` (LINES) and the defects,
    by class a UInt32 series of rows in `lines`, are what text and wellformed rules look at.
    `totals` counts it all. `late_arrivals` counts events that came after their turn in the order
    of several sources.
    """

    events: pl.DataFrame
    lines: pl.DataFrame
    defects: Mapping[str, pl.Series]
    totals: Totals
    seen: Seen
    late_arrivals: int = 0

    @staticmethod
    def empty(needs: Needs) -> Stretch:
        """No lines at all."""
        events, lines = pl.DataFrame(schema=needs.schema), pl.DataFrame(schema=LINES)
        return Stretch(events, lines, {name: _rows(()) for name in DEFECTS}, Totals(), Seen())


def read_events(lines: Lines, needs: Needs, book: LayoutBook) -> Stretch:
    """Read the events of a block of lines. `book` is shared by the blocks of a run."""
    frame = lines.frame.with_row_index("@row")
    laid_out, rest, seen = _laid_out(frame, needs, book)
    searched, rest, names = _searched(rest, needs)
    # In one piece: what is done next would otherwise join the pieces each time.
    found = pl.concat([*laid_out, searched], how="diagonal", rechunk=True)
    defects = {
        "malformed": _malformed(rest, needs.tags),
        "undecodable": _rows(lines.undecodable),
        "too_long": _rows(lines.too_long),
        "duplicate_field": _rows(found["@row"].filter(found["@duplicate"])),
    }
    totals = Totals(
        lines=frame.height,
        events=found.height,
        plain=rest.height - len(defects["malformed"]),
        **{name: len(rows) for name, rows in defects.items()},
    )
    seen = Seen(seen.tags.union(searched["@tag"].unique()), seen.names | names)
    return Stretch(_events(found, needs), lines.frame, defects, totals, seen)


def _laid_out(
    frame: pl.DataFrame, needs: Needs, book: LayoutBook
) -> tuple[list[pl.DataFrame], pl.DataFrame, Seen]:
    """What is found in lines that fit a layout, the other lines, and what is seen in the former.

    Beside a line stand `@tag`, `@duplicate`, `@prefix` if needed, and wanted fields as `=name`.
    """
    found: list[pl.DataFrame] = []
    rest = [frame.clear()]
    tags: set[str] = set()
    names: set[str | None] = set()
    beside = ["@tag", "@duplicate", *(["@prefix"] if needs.prefix else [])]
    for lines in _by_segments(frame):
        if not 1 < lines.count <= WIDEST:
            rest.append(lines.rows[frame.columns])
            continue
        sorted_out, others = book.sort_out(lines, needs.spellings, prefix=needs.prefix)
        rest.append(others[frame.columns])
        for layout, rows in sorted_out:
            fields = [name for name in rows.columns if name.startswith("=")]
            found.append(rows[[*frame.columns, *beside, *fields]])
            tags.add(layout.tag)
            names.update(layout.names)
    seen = Seen(frozenset(tags), frozenset(name for name in names if name is not None))
    return found, pl.concat(rest), seen


def _by_segments(frame: pl.DataFrame) -> Iterator[Segments]:
    """The lines, cut at the pipes, by how many segments they have; very long ones uncut."""
    is_long = frame["@text"].str.len_bytes() > _LONG
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
    rest: pl.DataFrame, needs: Needs
) -> tuple[pl.DataFrame, pl.DataFrame, frozenset[str]]:
    """What is found among lines of any layout, the other lines, and the names of fields."""
    found = search(rest["@text"], needs.spellings)
    names = needs.spellings.intersection(found.frame.columns)
    prefix = pl.col("@text").cast(pl.Binary).bin.head(pl.col("@prefix_bytes")).cast(pl.String)
    rows = (
        rest[found.frame["@row"]]
        .hstack(found.frame["@tag", "@duplicate", "@prefix_bytes", *names])
        .select(
            *rest.columns,
            "@tag",
            "@duplicate",
            *([prefix.alias("@prefix")] if needs.prefix else []),
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
    columns: dict[str, pl.Expr] = {"@when": pl.lit(0, pl.Int64)}
    if needs.time:
        columns["@time"] = pl.lit(read_stamps(found["@prefix"], needs.zone))
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
        return _rows(())
    return _rows(rest["@row"].filter(rest["@text"].str.contains(pattern)))


def _rows(rows: Iterable[int]) -> pl.Series:
    return pl.Series("@row", sorted(rows), dtype=pl.UInt32)
