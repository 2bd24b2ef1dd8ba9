"""Whether a file holds what was read of another one, or of itself at another time."""

from __future__ import annotations

import os
from contextlib import suppress

from ...errors import SourceError
from ..sources.decompression import PIECE, InflateLimit
from .identity import GUARD, HEAD, Known, ReadPosition, read_at
from .regular_file import Packed, Plain, codec_at, head_of

_TELLING = 64
"""Bytes that tell a file from another, where no more of it can be compared."""


def read_again(
    known: Known, fd: int, path: str, inflate_limit: InflateLimit | None = None
) -> Plain | Packed | None:
    """The content of a file behind what was read of `known`; None if it does not hold just that.

    Raises OSError, SourceError.
    """
    if not begins_as(known, fd, path):
        return None
    codec = codec_at(fd)
    if codec is None:
        return _plain_again(known, fd)
    packed = Packed(fd, codec, inflate_limit, path, origin=known.origin)
    while (left := known.position - packed.reached.position) > 0 and packed.read(left):
        pass
    return packed if known.fits(packed.reached) else None


def begins_as(known: Known, fd: int, path: str) -> bool:
    """Whether a file begins as `known` does. Raises OSError."""
    return known.fits_head(head_of(fd, known.head_size, path))


def holds_the_end(known: Known, fd: int, path: str) -> bool:
    """Whether a file has the last bytes of `known` where that had them. Raises OSError."""
    codec = codec_at(fd)
    if codec is None:
        return known.fits_guard(ReadPosition(guard=guard_at(fd, known.size)))
    packed = Packed(fd, codec, None, path)
    with suppress(SourceError):
        while (left := known.size - packed.reached.position) > 0 and packed.read(left):
            pass
    return known.fits_guard(packed.reached)


def read_of_shorter_copy(known: Known, fd: int) -> ReadPosition | None:
    """The end of a copy that lacks the last of what was read of `known`: that was written later.

    The ends of the last reads tell it: up to one of them it has to hold the same, and is to
    end before the next. None if it is no such copy. Raises OSError.
    """
    size = os.fstat(fd).st_size
    least = known.origin + _TELLING
    mark = max((one for one in known.marks if least <= one[0] <= size), default=None)
    if mark is None or size >= known.position or codec_at(fd):
        return None
    reached = _start(known, fd)
    _read_to(mark[0], fd, reached)
    if reached.checksum != mark[1]:
        return None
    _read_to(size, fd, reached)
    return reached if reached.position == size else None


def _plain_again(known: Known, fd: int) -> Plain | None:
    if os.fstat(fd).st_size < known.position:
        return None
    guard = ReadPosition(known.position, guard=guard_at(fd, known.position))
    if not known.fits_guard(guard):  # sooner than to read all of it
        return None
    reached = _start(known, fd)
    _read_to(known.position, fd, reached)
    reached.marks = known.marks
    return Plain(fd, reached) if known.fits(reached) else None


def _start(known: Known, fd: int) -> ReadPosition:
    """Where the reading of `known` began."""
    at = known.origin
    head = read_at(fd, min(HEAD, at), 0)
    return ReadPosition(at, head, guard_at(fd, at), origin=at)


def _read_to(end: int, fd: int, reached: ReadPosition) -> None:
    while (left := end - reached.position) > 0:
        data = os.pread(fd, min(left, PIECE), reached.position)
        if not data:
            return
        reached.add(data)


def guard_at(fd: int, position: int) -> bytes:
    """The last bytes before a position."""
    start = max(0, position - GUARD)
    return read_at(fd, position - start, start)
