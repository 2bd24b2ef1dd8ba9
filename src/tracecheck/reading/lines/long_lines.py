"""Lines over the limit: cut there, so that memory stays bounded whatever a file holds."""

from __future__ import annotations

import codecs

MAX_LINE = 1 << 20
"""Bytes of a line without its line end; what is beyond is dropped (contract, section 2)."""


def cut(data: bytes, *, first_is_cut: bool) -> tuple[bytes, list[int]]:
    """Cut each line at MAX_LINE bytes; return the positions (0-based) of those that were cut, too.

    With `first_is_cut` the first line was longer, and its rest was not kept.

    Looks at one byte in a mebibyte where no line is long.
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
        length = end - start - (data[end - 1 : end] == b"\r")
        if length > MAX_LINE or (first_is_cut and start == 0):
            seen += data.count(b"\n", copied, start)
            too_long.append(seen)
            kept = whole_characters(data[start : start + MAX_LINE])
            # A CR that the cut left last is content: one more guards it.
            pieces += [data[copied:start], kept, b"\r" if kept.endswith(b"\r") else b""]
            copied = end
        start = end + 1
        first_is_cut = False
    return (b"".join([*pieces, data[copied:]]) if pieces else data), too_long


def whole_characters(data: bytes) -> bytes:
    """Drop the start of a UTF-8 character that the cut left without its end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data)
    unfinished = decoder.getstate()[0]
    return data[: len(data) - len(unfinished)]
