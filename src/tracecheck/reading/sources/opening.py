"""Opening one file of a source: decompressed by its content, refused if it is no text.

A regular file is read as it stood when it was opened, so that one which is still written gives
the same verdict as a copy of it; one which gets shorter meanwhile is an error, never a pass.
"""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from ...errors import SourceError
from .decompression import DEFAULT_LIMIT, Inflated, InflateLimit, Reader, fill
from .discovery import STDIN, cannot, ensure_kind, name_of
from .sniffing import codec_of, ensure_log, ensure_suffix

SAMPLE = 64 << 10
"""Bytes at the start, raw and inflated, that show the format, or that it is no text."""


@dataclass(frozen=True, slots=True)
class Access:
    """How files are opened: `stdin` is what `-` means, None for the process's own."""

    stdin: BinaryIO | None = None
    inflate_limit: InflateLimit | None = DEFAULT_LIMIT

    def standard_input(self) -> BinaryIO:
        """What `-` means. Raises SourceError if it is closed."""
        if self.stdin is not None:
            return self.stdin
        if sys.stdin is None:  # it was closed before the start
            raise SourceError("standard input: it is closed; pipe a log into it, or name a file")
        return sys.stdin.buffer


DEFAULT_ACCESS = Access()


class Opened:
    """An open file of a source: its text as bytes, decompressed. Reading raises SourceError."""

    def __init__(self, name: str, file: BinaryIO, inflate_limit: InflateLimit | None) -> None:
        self._raw = _Raw(file, name, _regular_size(file))
        head = _take(self._raw, SAMPLE)
        codec = codec_of(head)
        ensure_suffix(head, codec, name)
        self._content: Reader = _Rewound(head, self._raw)
        if codec:
            inflated = Inflated(self._content, codec, inflate_limit, name)
            head = _take(inflated, SAMPLE)
            self._content = _Rewound(head, inflated)
        ensure_log(head, codec, name)

    @property
    def raw_position(self) -> int:
        """Bytes of the stored file read so far, for a progress bar."""
        return self._raw.position

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill `buffer`; fewer bytes only where the end comes first, 0 at the end."""
        return fill(self._content, memoryview(buffer))

    def read(self, n: int) -> bytes:
        """Read `n` bytes; fewer only where the end comes first, none at the end."""
        return _take(self._content, n)


@contextmanager
def open_file(path: str, access: Access = DEFAULT_ACCESS) -> Iterator[Opened]:
    """Open `path`, and close it at the end; standard input (`-`) stays open.

    Raises SourceError in one line: what is wrong, where, how to mend it.
    """
    if path == STDIN:
        yield Opened(name_of(path), access.standard_input(), access.inflate_limit)
        return
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed below
    except (OSError, ValueError) as error:
        raise cannot(path, error, "opened") from None
    with file:
        ensure_kind(path, os.fstat(file.fileno()), file.fileno())
        yield Opened(path, file, access.inflate_limit)


_Read = Callable[[memoryview], int | None]


class _Raw:
    """The stored bytes of a file, up to its `size` when it was opened (None: to the end)."""

    def __init__(self, file: BinaryIO, name: str, size: int | None) -> None:
        self._file = file
        # A buffered file would fill the whole buffer, and ask a terminal for a second Ctrl-D.
        method = "readinto1" if hasattr(file, "readinto1") else "readinto"
        self._read: _Read = getattr(file, method)
        self._name = name
        self.size = size
        self.position = 0
        self._ended = False

    def readinto(self, buffer: memoryview, /) -> int:
        if self._ended:  # a terminal would go on to read behind the Ctrl-D that ended it
            return 0
        if self.size is not None:
            buffer = buffer[: self.size - self.position]
            if not buffer:
                return 0
        try:
            count = self._read(buffer)
            while count is None:  # a pipe that someone made non-blocking has nothing yet
                select.select([self._file], [], [])
                count = self._read(buffer)
        except (OSError, ValueError) as error:
            reason = (isinstance(error, OSError) and error.strerror) or error
            raise SourceError(
                f"{self._name}: cannot be read after {self.position} bytes: {reason}; "
                "check its disk, or copy the file and check the copy"
            ) from None
        if not count and self.size is not None:
            raise SourceError(
                f"{self._name}: shrank while it was read: {self.position} of {self.size} bytes; "
                "rotated by copytruncate? check it again"
            )
        self.position += count
        self._ended = not count and len(buffer) > 0
        return count


def _regular_size(file: BinaryIO) -> int | None:
    """What a regular file holds from here on; None for a pipe, and for 0 (/proc says so of all)."""
    try:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            return None
        return max(0, status.st_size - file.tell()) or None
    except (AttributeError, OSError, ValueError):  # in memory: no file behind it
        return None


class _Rewound:
    """A reader whose start was looked at and is read again."""

    def __init__(self, head: bytes, rest: Reader) -> None:
        self._head = head
        self._rest = rest

    def readinto(self, buffer: memoryview, /) -> int:
        if not self._head:
            return self._rest.readinto(buffer)
        count = min(len(buffer), len(self._head))
        buffer[:count] = self._head[:count]
        self._head = self._head[count:]
        return count


def _take(reader: Reader, size: int) -> bytes:
    buffer = memoryview(bytearray(size))
    return bytes(buffer[: fill(reader, buffer)])
