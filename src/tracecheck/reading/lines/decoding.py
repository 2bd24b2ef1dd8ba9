"""Blocks into LINES: text that is free of terminal escapes, and unwrapped."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from .blocks import Block
from .envelopes import BEGUN, END, HELD, START, Number, unwrap
from .escapes import texts_without_escapes
from .json_layouts import sort_out
from .line_ends import texts_without_written_ends
from .timestamps import read_number, read_stamps

DEEPEST = 3
"""Envelopes inside each other: docker's json-file around a JSON logger around an event."""

LINES = {"@place": pl.UInt64, "@text": pl.String}
"""A line: where it stands, and its cleaned, unwrapped text."""

ENVELOPE = {"@stamp": pl.Int64, "@level": pl.String, "@logger": pl.String, "@unread": pl.String}
"""What JSON envelopes said: time (ns), level, logger; and what they said of time that is none."""


WRAPPED = {"@row": pl.UInt32, "@text": pl.String}


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a block: `frame` has LINES, and ENVELOPE if there are any envelopes.

    `undecodable` and `too_long` are row numbers in the frame. `wrapped` are those of lines that
    were unwrapped (`@row`), with their texts before that.
    """

    frame: pl.DataFrame
    undecodable: frozenset[int]
    too_long: frozenset[int]
    wrapped: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=WRAPPED))


def decode(block: Block, *, tags: frozenset[str] = frozenset(), timezone: str = "UTC") -> Lines:
    """Decode, clean and unwrap a block. `tags` are those that rules name."""
    texts = texts_without_escapes(block.texts) if block.has_escape else block.texts
    texts = texts_without_written_ends(texts)
    places = pl.Series("@place", block.places, dtype=pl.UInt64)
    frame = pl.DataFrame([places, texts.alias("@text")])
    if not block.has_brace:
        return Lines(frame, block.undecodable, block.too_long)
    frame, rows = _unwrapped(frame, tags, timezone)
    wrapped = pl.DataFrame([rows.alias("@row"), texts.gather(rows).alias("@text")])
    return Lines(frame, block.undecodable, block.too_long, wrapped)


def _unwrapped(
    frame: pl.DataFrame, tags: Container[str], timezone: str
) -> tuple[pl.DataFrame, pl.Series]:
    """The frame with texts out of their envelopes, and ENVELOPE if there are any; and where."""
    rows = _candidates(frame["@text"])
    unwrapped = rows.clear()
    for _ in range(DEEPEST):
        if not len(rows):
            break
        texts = frame["@text"].gather(rows)
        laid_out, left = sort_out(texts, timezone)
        held = pl.concat([*laid_out, _parsed(texts, left, tags, timezone)]).sort("row")
        said = _said(held, timezone)
        if not said.height:
            break
        rows = rows.gather(said["row"])
        unwrapped = unwrapped if len(unwrapped) else rows
        frame = frame.with_columns(_put(frame, rows, said[name]) for name in ("@text", *ENVELOPE))
        rows = rows.gather(_candidates(said["@text"]))
    return frame, unwrapped


def _candidates(texts: pl.Series) -> pl.Series:
    """Rows of texts that may hold an envelope."""
    rows = texts.str.contains(START).arg_true()
    if not len(rows):
        return rows
    texts = texts.gather(rows)
    return rows.filter(texts.str.contains(END) & ~texts.str.contains(BEGUN))


def _parsed(texts: pl.Series, rows: pl.Series, tags: Container[str], timezone: str) -> pl.DataFrame:
    """What the envelopes in these rows HOLD, one by one."""
    asked = zip(rows, texts.gather(rows), strict=True)
    found = [(row, one) for row, text in asked if (one := unwrap(text, tags)) is not None]
    stamps = [one.stamps for _, one in found]
    columns = {
        "row": [row for row, _ in found],
        "text": [one.text for _, one in found],
        "head": [one.head for _, one in found],
        "level": [one.level for _, one in found],
        "logger": [one.logger for _, one in found],
        "stamp": [next((one for one in each if isinstance(one, str)), None) for each in stamps],
        "time": _first_times(stamps, timezone),
    }
    return pl.DataFrame(columns, HELD)


def _first_times(stamps: Sequence[Sequence[str | int | Number]], timezone: str) -> pl.Series:
    """The first of each message's stamps that reads as a time: Int64, null if none does."""
    several = [(row, stamp) for row, each in enumerate(stamps) for stamp in each]
    texts = [stamp if isinstance(stamp, str) else None for _, stamp in several]
    numbers = [None if isinstance(stamp, str) else _read_count(stamp) for _, stamp in several]
    times = read_stamps(pl.Series(texts, dtype=pl.String), timezone)
    times = times.zip_with(times.is_not_null(), pl.Series(numbers, dtype=pl.Int64))
    rows = pl.Series([row for row, _ in several], dtype=pl.UInt32).filter(times.is_not_null())
    first = rows.is_first_distinct()
    read = pl.repeat(None, len(stamps), dtype=pl.Int64, eager=True)
    return read.scatter(rows.filter(first), times.drop_nulls().filter(first))


def _read_count(stamp: int | Number) -> int | None:
    number = stamp.exactly() if isinstance(stamp, Number) else Decimal(stamp)
    return None if number is None else read_number(number)


def _said(held: pl.DataFrame, timezone: str) -> pl.DataFrame:
    """`row`, `@text`, cleaned, and ENVELOPE of what envelopes HOLD.

    An object without a time of its own takes the stamp of what stands before it.
    """
    time = held["time"]
    if (held["head"] != "").any():
        time = time.zip_with(time.is_not_null(), read_stamps(held["head"], timezone))
    unread = pl.when(time.is_null()).then(pl.coalesce("stamp", "head"))
    return held.select(
        "row",
        cleaned(held["text"]).alias("@text"),
        time.alias("@stamp"),
        pl.col("level").alias("@level"),
        pl.col("logger").alias("@logger"),
        unread.alias("@unread"),
    )


def cleaned(messages: pl.Series) -> pl.Series:
    """Messages without escape sequences, and without NULs and written line ends at their ends."""
    return texts_without_written_ends(texts_without_escapes(messages), are_messages=True)


def _put(frame: pl.DataFrame, rows: pl.Series, values: pl.Series) -> pl.Series:
    """The column of `values` with them in these rows, where they are not null."""
    if len(rows) == frame.height and not values.null_count():  # rows are in order
        return values
    if values.name in frame.columns:
        column = frame[values.name]
    else:
        column = pl.repeat(None, frame.height, dtype=values.dtype, eager=True).alias(values.name)
    said = values.is_not_null()
    return column.scatter(rows.filter(said), values.filter(said))
