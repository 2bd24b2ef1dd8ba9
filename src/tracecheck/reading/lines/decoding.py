"""Blocks into LINES: text that is free of terminal escapes, and unwrapped."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass

import polars as pl

from .blocks import Block
from .envelopes import BEGUN, CANDIDATE, Message, Number, unwrap
from .escapes import texts_without_escapes
from .timestamps import read_number, read_numbers, read_stamps

DEEPEST = 3
"""Envelopes inside each other: docker's json-file around a JSON logger around an event."""

LINES = {"@place": pl.UInt64, "@text": pl.String}
"""A line: where it stands, and its cleaned, unwrapped text."""

ENVELOPE = {"@stamp": pl.Int64, "@level": pl.String, "@logger": pl.String}
"""What JSON envelopes said: time (ns), level, logger."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a block: `frame` has LINES, and ENVELOPE if there are any envelopes.

    `undecodable` and `too_long` are row numbers in the frame.
    """

    frame: pl.DataFrame
    undecodable: frozenset[int]
    too_long: frozenset[int]


def decode(block: Block, *, tags: frozenset[str] = frozenset(), timezone: str = "UTC") -> Lines:
    """Decode, clean and unwrap a block. `tags` are those that rules name."""
    texts = texts_without_escapes(block.texts) if block.has_escape else block.texts
    places = pl.Series("@place", block.places, dtype=pl.UInt64)
    frame = pl.DataFrame([places, texts.alias("@text")])
    if block.has_brace:
        frame = _unwrapped(frame, tags, timezone)
    return Lines(frame, block.undecodable, block.too_long)


def _unwrapped(frame: pl.DataFrame, tags: Container[str], timezone: str) -> pl.DataFrame:
    """The frame with texts out of their envelopes, and ENVELOPE if there are any."""
    rows = _candidates(frame["@text"])
    for _ in range(DEEPEST):
        asked = zip(rows, frame["@text"].gather(rows), strict=True)
        found = [(row, one) for row, text in asked if (one := unwrap(text, tags)) is not None]
        if not found:
            break
        rows = pl.Series([row for row, _ in found], dtype=pl.UInt32)
        read = _read([message for _, message in found], timezone)
        frame = frame.with_columns(_put(frame, rows, column) for column in read)
        rows = rows.gather(_candidates(read["@text"]))
    return frame


def _candidates(texts: pl.Series) -> pl.Series:
    """Rows of texts that may hold an envelope."""
    rows = texts.str.contains(CANDIDATE).arg_true()
    return rows.filter(~texts.gather(rows).str.contains(BEGUN))


def _read(messages: Sequence[Message], timezone: str) -> pl.DataFrame:
    """`@text`, cleaned, and ENVELOPE of messages."""
    texts, stamps, levels, loggers, heads = zip(*messages, strict=True)
    text = pl.Series("@text", texts, dtype=pl.String)
    return pl.DataFrame(
        [
            texts_without_escapes(text),
            _times(stamps, heads, timezone).alias("@stamp"),
            pl.Series("@level", levels, dtype=pl.String),
            pl.Series("@logger", loggers, dtype=pl.String),
        ]
    )


def _times(
    stamps: Sequence[Sequence[str | int | Number]], heads: Sequence[str], timezone: str
) -> pl.Series:
    """The first of each message's stamps that reads as a time, else that of what stands before."""
    several = [(row, stamp) for row, each in enumerate(stamps) for stamp in each]
    rows = pl.Series([row for row, _ in several], dtype=pl.UInt32)
    times = _times_of([stamp for _, stamp in several], timezone)
    rows, times = rows.filter(times.is_not_null()), times.drop_nulls()
    first = rows.is_first_distinct()
    read = pl.repeat(None, len(stamps), dtype=pl.Int64, eager=True)
    read = read.scatter(rows.filter(first), times.filter(first))
    if any(heads):
        before = read_stamps(pl.Series(heads, dtype=pl.String), timezone)
        read = read.zip_with(read.is_not_null(), before)
    return read


def _times_of(stamps: Sequence[str | int | Number], timezone: str) -> pl.Series:
    texts = [stamp if isinstance(stamp, str) else None for stamp in stamps]
    times = read_stamps(pl.Series(texts, dtype=pl.String), timezone)
    if None not in texts:
        return times
    counts = [stamp if isinstance(stamp, int) else None for stamp in stamps]
    exact = [
        read_number(number) if isinstance(stamp, Number) and (number := stamp.exactly()) else None
        for stamp in stamps
    ]
    columns = [
        times,
        read_numbers(pl.Series(counts, dtype=pl.Int128)),
        pl.Series(exact, dtype=pl.Int64),
    ]
    return pl.select(pl.coalesce(*map(pl.lit, columns))).to_series()


def _put(frame: pl.DataFrame, rows: pl.Series, values: pl.Series) -> pl.Series:
    """The column of `values` with them in these rows, where they are not null."""
    if values.name in frame.columns:
        column = frame[values.name]
    else:
        column = pl.Series(values.name, [None], dtype=values.dtype).new_from_index(0, frame.height)
    if len(rows) == frame.height and not values.null_count():
        return values
    said = values.is_not_null()
    return column.scatter(rows.filter(said), values.filter(said))
