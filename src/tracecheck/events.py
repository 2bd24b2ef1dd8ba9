"""LINES into EVENTS and defects: the vectorised twin of the grammar.

Layouts cut most lines by position; the search reads the rest. Only the fields that the rules
read are cut out of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from .grammars.trace_line import character_class
from .layouts import WIDEST, LayoutBook
from .lines.decoding import LINES, Lines
from .lines.stamps import read_stamps
from .model import DEFECTS, Totals
from .patterns import escaped
from .searching import Found, search

EVENT = {"@place": pl.UInt64, "@when": pl.Int64, "@text": pl.String}
"""Columns of every event group. `@when` orders events of interleaved sources (0 otherwise).
Beside these: `@time`, `@level`, `@logger` if needed, `@tag` where the group's tag is None,
and one String column for each wanted field that occurs, under its canonical name."""

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
    def spellings(self) -> frozenset[str]:
        """Every name under which a needed field may be written."""
        return frozenset(name for names in self.fields.values() for name in names)


@dataclass(frozen=True, slots=True)
class EventGroup:
    """Events of one tag, or of any tags but the needed ones (`tag` None, column `@tag`)."""

    tag: str | None
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Seen:
    """Tags and field names that occur, for `never_seen`."""

    tags: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of log, read: what a rule prepares from.

    `groups` hold the events. `lines` (LINES) and the defects, by class a UInt32 series of rows
    in `lines`, are what text and wellformed rules look at. `totals` counts it all.
    """

    groups: tuple[EventGroup, ...]
    lines: pl.DataFrame
    defects: Mapping[str, pl.Series]
    totals: Totals
    seen: Seen

    @staticmethod
    def empty() -> Stretch:
        """No lines at all."""
        defects = {name: _rows(()) for name in DEFECTS}
        return Stretch((), pl.DataFrame(schema=LINES), defects, Totals(), Seen())


def read_events(lines: Lines, needs: Needs, book: LayoutBook) -> Stretch:
    """Read the events of a block of lines. `book` is shared by the blocks of a run."""
    frame = lines.frame.with_row_index("@row")
    read = [
        events for count, rows in _by_segments(frame) for events in _read(rows, count, needs, book)
    ]
    rows = pl.concat([_rows(()), *(events.rows["@row"] for events in read)])
    defects = {
        "malformed": _malformed(frame, rows, needs.tags),
        "undecodable": _rows(lines.undecodable),
        "too_long": _rows(lines.too_long),
        "duplicate_field": pl.concat([_rows(()), *(events.duplicates for events in read)]).sort(),
    }
    totals = Totals(
        lines=frame.height,
        events=len(rows),
        plain=frame.height - len(rows) - len(defects["malformed"]),
        **{name: len(found) for name, found in defects.items()},
    )
    groups = tuple(group for events in read for group in _groups(events, needs))
    seen = Seen(
        frozenset(tag for events in read for tag in events.tags),
        frozenset(name for events in read for name in events.names),
    )
    return Stretch(groups, lines.frame, defects, totals, seen)


@dataclass(frozen=True, slots=True)
class _Events:
    """Lines read as events, by one layout or by the search.

    `rows` are the rows of the block's frame with more columns, over which `values`, by
    spelling, and `prefix` are expressions. `tag` is None where the rows have a column `@tag`.
    """

    rows: pl.DataFrame
    tag: str | None
    values: Mapping[str, pl.Expr]
    prefix: pl.Expr
    duplicates: pl.Series
    names: frozenset[str]

    @property
    def tags(self) -> list[str]:
        return [self.tag] if self.tag is not None else self.rows["@tag"].unique().to_list()


def _by_segments(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """The lines with pipes, cut into segments `s0`…, by how many; 0 stands for too many."""
    is_long = frame["@text"].str.len_bytes() > _LONG
    if is_long.any():
        # A line made of pipes would be cut into as many segments: the search bounds them.
        yield 0, frame.filter(is_long)
        frame = frame.filter(~is_long)
    segments = frame["@text"].str.split("|").list
    count = segments.len()
    most: Any = count.max()
    cut = [
        segments.get(at, null_on_oob=True).alias(f"s{at}") for at in range(min(most or 0, WIDEST))
    ]
    whole = frame.with_columns(cut)
    for segments_here in count.filter((count > 1) & (count <= WIDEST)).unique().sort():
        columns = [*frame.columns, *(f"s{at}" for at in range(segments_here))]
        yield segments_here, whole.select(columns).filter(count == segments_here)
    if (most or 0) > WIDEST:
        yield 0, frame.filter(count > WIDEST)


def _read(rows: pl.DataFrame, count: int, needs: Needs, book: LayoutBook) -> Iterator[_Events]:
    rest = rows
    if count:
        sorted_out, rest = book.sort_out(rows, count, needs.spellings)
        for layout, laid_out in sorted_out:
            yield _Events(
                laid_out,
                layout.tag,
                {name: pl.col(f"={name}") for name in needs.spellings.intersection(layout.names)},
                layout.prefix(),
                laid_out["@row"] if layout.has_duplicate_field else _rows(()),
                frozenset(name for name in layout.names if name is not None),
            )
    if rest.height:
        found = search(rest["@text"], needs.spellings)
        if found.frame.height:
            yield _searched(rest, found, needs)


def _searched(rest: pl.DataFrame, found: Found, needs: Needs) -> _Events:
    names = sorted(needs.spellings.intersection(found.frame.columns))
    rows = pl.concat(
        [
            rest[found.frame["@row"]],
            found.frame.select(
                "@tag",
                "@prefix_bytes",
                *(pl.col(name).alias(f"={name}") for name in names),
            ),
        ],
        how="horizontal",
    )
    return _Events(
        rows,
        None,
        {name: pl.col(f"={name}") for name in names},
        pl.col("@text").cast(pl.Binary).bin.head(pl.col("@prefix_bytes")).cast(pl.String),
        rows["@row"].filter(found.frame["@duplicate"]),
        found.names,
    )


def _groups(events: _Events, needs: Needs) -> Iterator[EventGroup]:
    """The events by tag, the tags that no rule names together, with canonical names."""
    known = events.tag in needs.tags
    frame = events.rows.select(
        "@place",
        pl.lit(0, pl.Int64).alias("@when"),
        "@text",
        *(
            pl.coalesce(spelled).alias(name)
            for name, spellings in needs.fields.items()
            if (spelled := [events.values[s] for s in spellings if s in events.values])
        ),
        *_attributes(events, needs),
        *(
            ()
            if known
            else [pl.col("@tag") if events.tag is None else pl.lit(events.tag).alias("@tag")]
        ),
    )
    if events.tag is not None:
        yield EventGroup(events.tag if known else None, frame)
        return
    for tag in sorted(needs.tags.intersection(events.tags)):
        yield EventGroup(tag, frame.filter(pl.col("@tag") == tag).drop("@tag"))
    others = frame.filter(~pl.col("@tag").is_in(sorted(needs.tags)))
    if others.height:
        yield EventGroup(None, others)


def _attributes(events: _Events, needs: Needs) -> Iterator[pl.Series | pl.Expr]:
    """Time, level and logger: the envelope's, else what the prefix before the tag shows."""
    has_envelope = "@stamp" in events.rows.columns
    if needs.time:
        times = read_stamps(events.rows.select(events.prefix).to_series(), needs.zone)
        stamps = events.rows["@stamp"] if has_envelope else None
        yield (times if stamps is None else stamps.fill_null(times)).alias("@time")
    if needs.level:
        level = events.prefix.str.extract(_LEVEL_IN_PREFIX, 1)
        yield (pl.coalesce("@level", level) if has_envelope else level).alias("@level")
    if needs.logger:
        yield pl.col("@logger") if has_envelope else pl.lit(None, pl.String).alias("@logger")


def _malformed(frame: pl.DataFrame, events: pl.Series, tags: frozenset[str]) -> pl.Series:
    """Rows that are no events although a named tag stands in them, and not as prose.

    It stands there followed by the end, by a pipe, or by another non-name character and then
    a field.
    """
    tags = frozenset(tag for tag in tags if not re.fullmatch(_LEVEL, tag))
    if not tags:
        return _rows(())
    rest = frame
    if len(events):
        rest = frame.filter(~frame["@row"].is_in(events.implode()))
    name = character_class("NAME")
    named = "|".join(sorted(map(escaped, tags), key=len, reverse=True))
    pattern = rf"(?:^|[^A-Za-z0-9_])(?:{named})(?:$|\||[^A-Za-z0-9_.|-]{name}=)"
    return rest["@row"].filter(rest["@text"].str.contains(pattern))


def _rows(rows: Iterable[int]) -> pl.Series:
    return pl.Series("@row", sorted(rows), dtype=pl.UInt32)
