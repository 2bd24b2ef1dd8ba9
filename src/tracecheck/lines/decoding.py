"""Blocks of bytes into LINES: text that is valid, free of terminal escapes, and unwrapped."""

from __future__ import annotations

import io
from dataclasses import dataclass

import polars as pl

from . import envelopes
from .cutting import Block
from .escapes import ESCAPE, texts_without_escapes
from .stamps import read_stamp, read_stamps

LINES = {"@place": pl.UInt64, "@text": pl.String}
"""A line: where it stands, and its cleaned, unwrapped text."""

ENVELOPE = {"@stamp": pl.Int64, "@level": pl.String, "@logger": pl.String}
"""What JSON envelopes said: time (ns), level, logger; columns only where they are asked for."""


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a block: `frame` (LINES, and ENVELOPE if asked for and there are any).

    `undecodable` and `too_long` are row numbers in the frame.
    """

    frame: pl.DataFrame
    undecodable: frozenset[int]
    too_long: frozenset[int]


def decode(block: Block, *, envelope: bool = False, zone: str = "UTC") -> Lines:
    """Decode, clean and unwrap a block. `envelope` asks for the ENVELOPE columns."""
    data, undecodable = _valid_utf8(block.data)
    texts = _split_lines(data)
    if ESCAPE.encode() in data:
        texts = texts_without_escapes(texts)
    columns = [_places(block), texts.alias("@text")]
    if envelopes.may_hold_envelope(data):
        columns[1:] = _unwrapped(texts, envelope=envelope, zone=zone)
    return Lines(pl.DataFrame(columns), undecodable, block.too_long)


def _places(block: Block) -> pl.Series:
    if isinstance(block.places, int):
        return pl.int_range(
            block.places, block.places + block.lines, dtype=pl.UInt64, eager=True
        ).alias("@place")
    return pl.Series("@place", block.places, dtype=pl.UInt64)


def _valid_utf8(data: bytes) -> tuple[bytes, frozenset[int]]:
    """The bytes with what is no UTF-8 replaced by U+FFFD, and the lines where that was done."""
    try:
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError:
        lines = data.split(b"\n")
        undecodable = []
        for at, line in enumerate(lines):
            try:
                line.decode()
            except UnicodeDecodeError:
                undecodable.append(at)
                lines[at] = line.decode(errors="replace").encode()
        return b"\n".join(lines), frozenset(undecodable)
    return data, frozenset()


def _split_lines(data: bytes) -> pl.Series:
    """Lines at LF, one CR at the end of each dropped: exactly what the engine's reader does.

    The only use of `scan_lines`, which the engine may still change.
    """
    return pl.scan_lines(io.BytesIO(data)).collect().to_series()


def _unwrapped(texts: pl.Series, *, envelope: bool, zone: str) -> list[pl.Series]:
    candidate = texts.str.contains(envelopes.CANDIDATE)
    inside = texts.filter(candidate).to_list()
    if not inside:
        return [texts.alias("@text")]
    if not envelope:
        unwrapped = [envelopes.unwrap_text(text) for text in inside]
        return [_scattered(unwrapped, candidate, pl.String, "@text").fill_null(texts)]
    messages = [envelopes.unwrap(text) or envelopes.Message(text) for text in inside]
    return [
        _scattered([m.text for m in messages], candidate, pl.String, "@text").fill_null(texts),
        _scattered(_times(messages, zone), candidate, pl.Int64, "@stamp"),
        _scattered([m.level for m in messages], candidate, pl.String, "@level"),
        _scattered([m.logger for m in messages], candidate, pl.String, "@logger"),
    ]


def _times(messages: list[envelopes.Message], zone: str) -> list[int | None]:
    """The first stamp of each message that reads as a time."""
    texts = [
        m.stamps[0] if m.stamps and isinstance(m.stamps[0], str) else None for m in messages
    ]
    times: list[int | None] = read_stamps(
        pl.Series(texts, dtype=pl.String), zone
    ).to_list()
    for at, message in enumerate(messages):
        if times[at] is None and message.stamps:
            read = (read_stamp(stamp, zone) for stamp in message.stamps)
            times[at] = next((time for time in read if time is not None), None)
    return times


def _scattered(
    values: list[str | None] | list[int | None] | list[str],
    rows: pl.Series,
    dtype: type[pl.DataType],
    name: str,
) -> pl.Series:
    """A series as long as `rows`: `values` in order where it is true, null elsewhere."""
    found = pl.Series(name, values, dtype=dtype)
    if len(found) == len(rows):
        return found
    at = rows.cum_sum().cast(pl.Int64) - 1
    return found.gather(at.zip_with(rows, pl.repeat(None, len(rows), dtype=pl.Int64, eager=True)))
