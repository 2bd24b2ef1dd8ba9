"""What is dropped at both ends of a line while it is bytes, before anything is measured."""

from __future__ import annotations

import re
from collections.abc import Iterator

BLANKS = b" \t\r"
"""Dropped at the end of a line."""

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
