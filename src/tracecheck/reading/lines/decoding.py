"""Blocks into LINES: text that is free of terminal escapes, and unwrapped."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from . import envelopes
from .blocks import Block
from .escapes import texts_without_escapes
from .timestamps import read_stamp, read_stamps

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
    columns = [pl.Series("@place", block.places, dtype=pl.UInt64), texts.alias("@text")]
    if block.has_brace:
        columns[1:] = _unwrapped(texts, timezone)
    return Lines(pl.DataFrame(columns), block.undecodable, block.too_long)


def _unwrapped(texts: pl.Series, timezone: str) -> list[pl.Series]:
    """`@text` without envelopes and, if there are any, the ENVELOPE columns."""
    candidate = texts.str.contains(envelopes.CANDIDATE)
    inside = texts.filter(candidate).to_list()
    if not inside:
        return [texts.alias("@text")]
    messages = [envelopes.unwrap(text) or envelopes.Message(text) for text in inside]
    inner = pl.DataFrame(
        {
            "@text": [message.text for message in messages],
            "@stamp": _times(messages, timezone),
            "@level": [message.level for message in messages],
            "@logger": [message.logger for message in messages],
        },
        {"@text": LINES["@text"], **ENVELOPE},
    )
    text, *others = (_scattered(column, candidate) for column in inner)
    return [text.fill_null(texts), *others]


def _times(messages: list[envelopes.Message], timezone: str) -> list[int | None]:
    """The first stamp of each message that reads as a time."""
    texts = [m.stamps[0] if m.stamps and isinstance(m.stamps[0], str) else None for m in messages]
    times: list[int | None] = read_stamps(pl.Series(texts, dtype=pl.String), timezone).to_list()
    for at, message in enumerate(messages):
        if times[at] is None and message.stamps:
            read = (read_stamp(stamp, timezone) for stamp in message.stamps)
            times[at] = next((time for time in read if time is not None), None)
    return times


def _scattered(values: pl.Series, rows: pl.Series) -> pl.Series:
    """A series as long as `rows`: `values` in order where it is true, null elsewhere."""
    if len(values) == len(rows):
        return values
    at = rows.cum_sum().cast(pl.Int64) - 1
    return values.gather(at.zip_with(rows, pl.repeat(None, len(rows), dtype=pl.Int64, eager=True)))
