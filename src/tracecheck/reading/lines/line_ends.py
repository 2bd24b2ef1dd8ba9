"""What is dropped at both ends of a line: as bytes, before all else, and line ends as text."""

from __future__ import annotations

import re
from collections.abc import Iterator

import polars as pl

BLANKS = b" \t\r"
"""Dropped at the end of a line."""

_CODES = ("000", "012", "015")
_ESCAPED = (
    *("n", "r", "0", *_CODES, "x00", "x0a", "x0A", "x0d", "x0D"),
    *("u0000", "u000a", "u000A", "u000d", "u000D"),
)
_WRITTEN = (*(f"#{code}" for code in _CODES), *(f"\\{one}" for one in _ESCAPED))
_COLOUR = "=#000"
_PLAIN_BLANKS = " \t"
_WRITTEN_END = rf"#(?:{'|'.join(_CODES)})|\\+(?:{'|'.join(_ESCAPED)})"


def _at_end(end: str) -> str:
    """A pattern of several of these at the end, behind what a field may be equal to."""
    ends = rf"(?:[ \t]*(?:{end}))"
    return rf"({_COLOUR}){ends}*[ \t]*$|{ends}+[ \t]*$"


_OF_LINE = (r"[#\\]", _WRITTEN, _at_end(_WRITTEN_END))
_OF_MESSAGE = (r"[#\\\x00]", (*_WRITTEN, "\0"), _at_end(rf"{_WRITTEN_END}|\x00"))

_PIECE = 256 << 10
# Possessive: what a hostile line begins with may be gigabytes long, and takes no memory.
_LEAD = re.compile(rb"(?:\0++|\xef\xbb\xbf)*+")
_LATER_LEAD = re.compile(rb"\n(?:\0++|\xef\xbb\xbf)++")


def lead(data: bytes | bytearray, start: int, end: int) -> int:
    """Where the line that begins at `start` does so without NULs and byte order marks.

    The NULs are the hole that a truncation leaves under a writer that goes on where it was.
    """
    found = _LEAD.match(data, start, end)
    return found.end() if found else start


def without_leads(data: bytes) -> bytes:
    """The lines without what `lead` passes over."""
    start = lead(data, 0, len(data))
    data = data[start:] if start else data
    if (b"\0" in data or b"\xef" in data) and _LATER_LEAD.search(data):
        # In pieces, as each line takes a place in memory.
        data = b"".join(_LATER_LEAD.sub(b"\n", b"\n" + piece)[1:] for piece in pieces(data))
    return data


def pieces(data: bytes) -> Iterator[bytes]:
    """The bytes in pieces of whole lines, of some `_PIECE` bytes each.

    For what looks at each line on its own: lines can be very short.
    """
    start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _PIECE) + 1
        if not end:
            end = data.find(b"\n", start) + 1 or len(data)
        yield data[start:end]
        start = end


def texts_without_written_ends(texts: pl.Series, *, are_messages: bool = False) -> pl.Series:
    r"""Texts without the line ends and NULs that are written at their ends: `\n`, `#012`, `#000`.

    rsyslog writes those that it receives, and loggers what they escape. In messages a NUL may have
    been unescaped already.
    """
    # Every line is asked: single bytes are looked for before the ends, and a pattern comes last.
    may_end, ends, pattern = _OF_MESSAGE if are_messages else _OF_LINE
    asked = texts.str.contains(may_end) if len(texts) else None
    if asked is None or not asked.any():
        return texts
    rows = asked.arg_true()
    some = texts.gather(rows)
    shorn = some.str.strip_chars_end(_PLAIN_BLANKS)
    ended = pl.select(pl.any_horizontal(pl.lit(shorn).str.ends_with(end) for end in ends))
    which = ended.to_series().arg_true()
    if not len(which):
        return texts
    return texts.scatter(rows.gather(which), some.gather(which).str.replace(pattern, "${1}"))


def without_written_ends(text: str) -> str:
    """One text without them; those of a message are gone already."""
    at = _without_blanks(text, len(text))
    end = _end_of(text, at)
    if not end:
        return text
    while end and not text.endswith(_COLOUR, 0, at):
        at -= len(end)
        while end[0] == "\\" and at and text[at - 1] == "\\":
            at -= 1
        at = _without_blanks(text, at)
        end = _end_of(text, at)
    return text[:at]


def _end_of(text: str, at: int) -> str | None:
    if not text.endswith(_WRITTEN, 0, at):
        return None
    return next((end for end in _WRITTEN if text.endswith(end, 0, at)), None)


def _without_blanks(text: str, at: int) -> int:
    while at and text[at - 1] in _PLAIN_BLANKS:
        at -= 1
    return at
