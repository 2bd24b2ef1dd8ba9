"""Reading a file on disk while it grows: a plain one, or one that is compressed.

Nothing here waits. An OSError passes through and nothing is lost by it: the position stays
behind the last byte that was handed out.
"""

from __future__ import annotations

import os

from ...errors import SourceError
from ..sources.decompression import PIECE, Inflated, InflateLimit
from ..sources.discovery import name_of
from ..sources.opening import SAMPLE
from ..sources.sniffing import Codec, codec_of, ensure_log, ensure_suffix
from .identity import ReadPosition, read_at

_MAGIC = 16


class RewrittenError(Exception):
    """What was read of a file does not stand there any more: it was truncated, or overwritten."""


class Plain:
    """A file that is no more than its bytes, and may get more of them."""

    def __init__(self, fd: int, reached: ReadPosition) -> None:
        self.reached = reached
        self._fd = fd
        self._seen: tuple[int, int] | None = None
        self._first = b""

    @property
    def lag(self) -> int:
        """Stored bytes that were not read."""
        return max(0, os.fstat(self._fd).st_size - self.reached.position)

    @property
    def finished(self) -> bool:
        """Whether there is nothing more to read by now."""
        return self.lag == 0

    def read(self, most: int) -> bytes:
        """Read what follows, empty if nothing does yet. Raises RewrittenError, OSError."""
        status = os.fstat(self._fd)
        reached = self.reached
        seen = status.st_size, status.st_mtime_ns
        if seen == self._seen and reached.position == status.st_size:
            return b""
        if seen != self._seen and read_at(self._fd, len(reached.head), 0) != reached.head:
            raise RewrittenError
        before = len(reached.guard)
        # One read for the guard and what follows it: nobody comes between them. If the file is
        # shorter by now, so is the guard.
        data = os.pread(self._fd, before + min(most, PIECE), reached.position - before)
        if data[:before] != reached.guard:
            raise RewrittenError
        self._seen = seen
        reached.add(data[before:])
        return data[before:]

    def take_first(self, most: int) -> bool:
        """Take the first bytes, to be handed out as `taken`; whether there are any."""
        self._first = os.pread(self._fd, min(most, PIECE), 0)
        return bool(self._first)

    def still_begins_so(self) -> bool:
        """Whether what was taken still stands there."""
        return read_at(self._fd, len(self._first), 0) == self._first

    def taken(self) -> bytes:
        """Hand out what was taken first."""
        data, self._first = self._first, b""
        if data:
            self.reached.add(data)
        return data

    def forget(self) -> None:
        """Leave to a later read what was taken."""
        self._first = b""


class Packed:
    """A compressed file: inflated to its end, after which nothing follows."""

    def __init__(
        self, fd: int, codec: Codec, limit: InflateLimit | None, name: str, *, origin: int = 0
    ) -> None:
        self.reached = ReadPosition(origin=origin)
        self.finished = False
        self._fd = fd
        self._position = 0
        self._inflated = Inflated(self, codec, limit, name)

    @property
    def lag(self) -> int:
        """Stored bytes that were not read."""
        return 0 if self.finished else max(0, os.fstat(self._fd).st_size - self._position)

    def read(self, most: int) -> bytes:
        """Inflate what follows, empty at the end. Raises SourceError where the data is broken."""
        buffer = memoryview(bytearray(min(most, PIECE)))
        count = self._inflated.readinto(buffer)
        data = bytes(buffer[:count])
        self.finished = not count
        self.reached.add(data)
        return data

    def readinto(self, buffer: memoryview, /) -> int:
        """Hand stored bytes to the decoder."""
        data = os.pread(self._fd, len(buffer), self._position)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


def codec_at(fd: int) -> Codec | None:
    """The compression of a file, if it has one."""
    return codec_of(read_at(fd, _MAGIC, 0))


def head_of(fd: int, size: int, name: str) -> bytes:
    """The first `size` bytes, inflated; fewer where there are no more, or broken ones."""
    codec = codec_at(fd)
    if codec is None:
        return read_at(fd, size, 0)
    content = Packed(fd, codec, None, name)
    head = b""
    try:
        while len(head) < size and (data := content.read(size - len(head))):
            head += data
    except SourceError:  # raised again when reading gets there
        pass
    return head


def opened(fd: int, path: str, inflate_limit: InflateLimit | None) -> Plain | Packed:
    """A file by its first bytes, to be read from its start. Raises SourceError if it is no log."""
    codec = codec_at(fd)
    ensure_suffix(read_at(fd, 1, 0), codec, name_of(path))
    ensure_log(head_of(fd, SAMPLE, path), codec, name_of(path))
    return Packed(fd, codec, inflate_limit, path) if codec else Plain(fd, ReadPosition())


def last_line_end(fd: int, size: int) -> int:
    """The position behind the last LF of the first `size` bytes; 0 without one."""
    end = size
    while end > 0:
        start = max(0, end - SAMPLE)
        at = read_at(fd, end - start, start).rfind(b"\n")
        if at >= 0:
            return start + at + 1
        end = start
    return 0
