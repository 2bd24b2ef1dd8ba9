"""Lines over the limit: cut there, so that memory stays bounded whatever a file holds."""

from __future__ import annotations

import codecs

from .line_ends import BLANKS

MAX_LINE = 1 << 20
"""Bytes of a line without its line end; what is beyond is dropped (contract, section 2)."""


def cut(data: bytes, *, first_is_cut: bool) -> tuple[bytes, list[int]]:
    """Cut each line at MAX_LINE bytes; return the positions (0-based) of the long ones, too.

    Blanks at its end make no line long. With `first_is_cut` the first line was, and its rest was
    not kept. Looks at one byte in a mebibyte where no line is long.
    """
    start = 0
    pieces: list[bytes] = []
    too_long: list[int] = []
    seen = copied = 0
    while len(data) - start > MAX_LINE or (first_is_cut and start == 0):
        end = data.rfind(b"\n", start, start + MAX_LINE + 1)
        if end >= 0 and not (first_is_cut and start == 0):
            start = end + 1
            continue
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        seen += data.count(b"\n", copied, start)
        kept = data[start : start + MAX_LINE] if end - start > MAX_LINE else data[start:end]
        if (first_is_cut and start == 0) or is_beyond(data[start + MAX_LINE : end]):
            too_long.append(seen)
            kept = whole_characters(kept)
        pieces += [data[copied:start], kept]
        copied = end
        start = end + 1
        first_is_cut = False
    return (b"".join([*pieces, data[copied:]]) if pieces else data), too_long


def is_beyond(rest: bytes | bytearray) -> bool:
    """Whether what stands behind the limit makes a line too long: anything but blanks."""
    return bool(rest.strip(BLANKS))


def whole_characters(data: bytes) -> bytes:
    """Drop the start of a UTF-8 character that the cut left without its end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data)
    unfinished = decoder.getstate()[0]
    return data[: len(data) - len(unfinished)]
