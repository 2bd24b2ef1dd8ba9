"""Logs that make no sense any more, of which nothing is promised but that nothing crashes."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

_TOKENS = (
    *(b"\x1b", b"\x1b[", b"\x1b]", b"\x9b", b"\xc2\x9b", b"#033[", b"^[[", b"\\u001b[", b"m"),
    *(b"{", b"}", b'"', b"\\", b'\\"', b"'", b"|", b"=", b"\0", b"\xef\xbb\xbf", b"\xff", b"\xfe"),
    *(b"\n", b"\r", b"\r\n", b"\t", b" ", b"\xe2\x80\xa8", b"\xed\xa0\x80", b"\xf0\x9f", b"\x85"),
    *(b"message repeated 3 times: [ ", b'{"message":', b'{"log":"', b'\\n","stream":"stdout"}'),
    *(b"2025-12-18T21:00:00Z stdout P ", b"2025-12-18T21:00:00.1Z stderr F ", b'"time":1e999,'),
    *(b'\\ud83d"', b"[" * 1100, b'{"a":' * 50, b"9" * 80, b"0000-01-01T00:00:00", b"24:00:60 PM"),
    *(b"9999-12-31 23:59:59+14", b"CET", b"AM", b"A_|a=", b"OUT|", b"ERROR|x=1", b'""', b"\\\\"),
)


def garbled(data: bytes, rng: Random) -> bytes:
    """The log after many small edits."""
    found = bytearray(data)
    for _ in range(rng.choice((5, 50, 300))):
        at = rng.randrange(len(found) + 1)
        match rng.randrange(5):
            case 0:
                del found[at : at + rng.choice((1, 1, 2, 5, 40))]
            case 1:
                found[at:at] = bytes([rng.randrange(256)])
            case 2:
                start = rng.randrange(len(found) + 1)
                found[at:at] = found[start : start + rng.choice((3, 20, 200))]
            case _:
                found[at:at] = rng.choice(_TOKENS)
    return bytes(found)


def smallest(data: bytes, fails: Callable[[bytes], bool]) -> bytes:
    """A part of some bytes that still fails, found by cutting out as much as can be."""
    size = len(data)
    while size := size // 2:
        at = 0
        while at < len(data):
            less = data[:at] + data[at + size :]
            if fails(less):
                data = less
            else:
                at += size
        if size < 8 < len(data) // 100:  # each byte of a long log would take too long
            break
    return data
