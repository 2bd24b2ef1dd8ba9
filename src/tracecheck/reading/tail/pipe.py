"""Reading a pipe while it is written, without waiting for it."""

from __future__ import annotations

import os
import select
from collections.abc import Callable

from ..sources.decompression import PIECE, Inflated, InflateLimit
from ..sources.discovery import name_of
from ..sources.sniffing import Codec, codec_of, ensure_log
from .identity import ReadPosition

_LEAST = 64
"""Least bytes handed to a decoder before the end: enough to see whether a member follows."""

Take = Callable[[int], bytes | None]
"""Takes what a pipe holds, so many bytes at most: None while it is empty, b"" at its end."""


class Pipe:
    """A pipe, which may hold compressed data. It is finished once its writer has closed it."""

    lag = 0
    """What a pipe holds is not known."""

    def __init__(self, take: Take, inflate_limit: InflateLimit | None, path: str) -> None:
        self.reached = ReadPosition()
        self.finished = False
        self._take = take
        self._inflate_limit = inflate_limit
        self._name = name_of(path)
        self._pending = b""
        self._closed = False
        self._codec: Codec | None = None
        self._inflated: Inflated | None = None

    def read(self, most: int) -> bytes:
        """Read what follows, empty if nothing does yet. Raises SourceError."""
        if self._inflated is None:
            data = self._plain(most)
            self._codec = None if self.reached.position else codec_of(data)
            if self._codec:
                self._pending = data
                self._inflated = Inflated(self, self._codec, self._inflate_limit, self._name)
        if self._inflated is not None:
            data = self._inflate(self._inflated, most)
        if not self.reached.position:
            ensure_log(data, self._codec, self._name)
        self.reached.add(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:
        """Hand bytes to the decoder. Raises _NothingYetError while the pipe is empty."""
        while len(self._pending) < _LEAST and not self._closed:
            data = self._take(PIECE)
            if data is None:
                raise _NothingYetError
            self._closed = not data
            self._pending += data
        data, self._pending = self._pending[: len(buffer)], self._pending[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)

    def _plain(self, most: int) -> bytes:
        data = self._take(min(most, PIECE))
        self.finished = data is not None and not data
        return data or b""

    def _inflate(self, inflated: Inflated, most: int) -> bytes:
        buffer = memoryview(bytearray(min(most, PIECE)))
        try:
            count = inflated.readinto(buffer)
        except _NothingYetError:
            return b""
        self.finished = not count
        return bytes(buffer[:count])


class _NothingYetError(Exception):
    """A pipe holds nothing, but may do so later."""


def taker(fd: int) -> Take:
    """Takes from a descriptor, without waiting. Taking raises OSError."""

    def take(most: int) -> bytes | None:
        ready = select.poll()
        ready.register(fd, select.POLLIN)
        return os.read(fd, most) if ready.poll(0) else None

    return take
