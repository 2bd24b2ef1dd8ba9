"""Reading a pipe while it is written, without waiting for it."""

from __future__ import annotations

import io
import os
import select
import sys
from collections.abc import Callable
from typing import BinaryIO

from ...errors import SourceError
from ..sources.decompression import PIECE, Inflated, InflateLimit
from ..sources.discovery import STDIN
from ..sources.opening import open_file
from ..sources.sniffing import codec_of, not_a_log
from .identity import ReadPosition

_LEAST = 64
"""Handed to a decoder at once, but at the end: enough to tell whether a member follows."""

Take = Callable[[int], bytes | None]
"""Takes what a pipe holds, so many bytes at most: None while it is empty, b"" at its end."""


class Pipe:
    """A pipe, which may hold compressed data. It is finished once its writer has closed it."""

    lag = 0
    """What a pipe holds is not known."""

    def __init__(self, take: Take, inflate_limit: InflateLimit | None, name: str) -> None:
        self.reached = ReadPosition()
        self.finished = False
        self._take = take
        self._inflate_limit = inflate_limit
        self._name = "standard input" if name == STDIN else name
        self._pending = b""
        self._closed = False
        self._inflated: Inflated | None = None

    @property
    def more(self) -> bool:
        """Whether there may be something to read."""
        return not self.finished

    def read(self, most: int) -> bytes:
        """Read what follows, empty if nothing does yet. Raises SourceError."""
        if self._inflated is None:
            data = self._plain(most)
            codec = None if self.reached.position else codec_of(data)
            if codec:
                self._pending = data
                self._inflated = Inflated(self, codec, self._inflate_limit, self._name)
        if self._inflated is not None:
            data = self._inflate(self._inflated, most)
        if not self.reached.position:
            self._judge(data)
        self.reached.add(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:
        """Hand bytes to the decoder."""
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

    def _judge(self, head: bytes) -> None:
        if not_a_log(head, self._name):
            try:
                open_file(STDIN, stdin=io.BytesIO(head)).close()
            except SourceError as error:
                text = str(error).replace("standard input", self._name, 1)
                raise SourceError(text) from None


class _NothingYetError(Exception):
    """A pipe holds nothing, but may do so later."""


def standard_input(given: BinaryIO | None) -> BinaryIO:
    """`given`, or the process's own. Raises SourceError if that is closed."""
    if given is not None:
        return given
    if sys.stdin is None:
        raise SourceError("standard input: it is closed; pipe a log into it, or name a file")
    return sys.stdin.buffer


def taker(fd: int) -> Take:
    """Takes from a descriptor, without waiting."""

    def take(most: int) -> bytes | None:
        ready = select.poll()
        ready.register(fd, select.POLLIN)
        return os.read(fd, most) if ready.poll(0) else None

    return take
