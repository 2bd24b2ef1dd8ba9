"""Opening one file of a source: decompressed by its content, refused if it is no text.

A regular file is read as it stood when it was opened, so that one which is still written gives
the same verdict as a copy of it; one which gets shorter meanwhile is an error, never a pass.
"""

from __future__ import annotations

import os
import select
import stat
import sys
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from ...errors import SourceError
from .decompression import DEFAULT_LIMIT, Inflated, InflateLimit, Reader, fill
from .discovery import STDIN, cannot, is_readable
from .sniffing import FORMATS, Codec, codec_of, not_a_log

SAMPLE = 64 << 10
"""Bytes at the start, raw and inflated, by which the format and a binary file are told."""


class Opened:
    """An open file of a source: its text as bytes, decompressed. A context manager.

    Reading raises SourceError.
    """

    def __init__(self, raw: _Raw, content: Reader, owned: BinaryIO | None) -> None:
        self._raw = raw
        self._content = content
        self._owned = owned

    @property
    def raw_position(self) -> int:
        """Bytes of the stored file read so far, for a progress bar."""
        return self._raw.position

    def readinto(self, buffer: bytearray | memoryview) -> int:
        """Fill `buffer`; fewer bytes only where the end comes first, 0 at the end."""
        return fill(self._content, memoryview(buffer))

    def read(self, n: int) -> bytes:
        """Read `n` bytes; fewer only where the end comes first, none at the end."""
        buffer = memoryview(bytearray(n))
        return bytes(buffer[: self.readinto(buffer)])

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self._owned is not None:
            self._owned.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def open_file(
    path: str, *, stdin: BinaryIO | None = None, inflate_limit: InflateLimit | None = DEFAULT_LIMIT
) -> Opened:
    """Open `path`, or `stdin` (the process's own by default) for `-`.

    Raises SourceError in one line: what is wrong, where, how to mend it.
    """
    if path == STDIN:
        return _opened(path, _stdin(stdin), None, inflate_limit)
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by Opened
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from None
    try:
        _ensure_kind(path, file)
        return _opened(path, file, file, inflate_limit)
    except BaseException:
        file.close()
        raise


def _stdin(given: BinaryIO | None) -> BinaryIO:
    if given is not None:
        return given
    if sys.stdin is None:  # it was closed before the start
        raise SourceError("standard input: it is closed; pipe a log into it, or name a file")
    return sys.stdin.buffer


def _refusal(path: str, error: OSError | ValueError) -> SourceError:
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{path}: a directory, not a file; name the files in it")
    return cannot(path, error, "opened")


def _ensure_kind(path: str, file: BinaryIO) -> None:
    status = os.fstat(file.fileno())
    is_device = stat.S_ISCHR(status.st_mode) and not os.isatty(file.fileno())
    # Others, such as /dev/zero, have no end.
    endless = is_device and not os.path.samestat(status, os.stat(os.devnull))
    if endless or not is_readable(status.st_mode):
        raise SourceError(f"{path}: a device, not a log; give a file or a pipe")


def _opened(
    path: str, file: BinaryIO, owned: BinaryIO | None, inflate_limit: InflateLimit | None
) -> Opened:
    name = "standard input" if path == STDIN else path
    raw = _Raw(file, name, _regular_size(file))
    head = _sample(raw)
    codec = codec_of(head)
    _ensure_name(name, head, codec)
    content: Reader = _Rewound(head, raw)
    if codec:
        content = Inflated(content, codec, inflate_limit, name)
        head = _sample(content)
        content = _Rewound(head, content)
    complaint = not_a_log(head, name)
    if complaint:
        inside = f" inside its {codec} compression" if codec else ""
        raise SourceError(f"{name}: looks like {complaint[0]}{inside}, not a log: {complaint[1]}")
    return Opened(raw, content, owned)


class _Unbuffered(Protocol):
    """The part of a binary file that is used here."""

    def readinto(self, buffer: memoryview, /) -> int | None: ...
    def fileno(self) -> int: ...


_Read = Callable[[memoryview], int | None]


class _Raw:
    """The stored bytes of a file, up to its `size` when it was opened (None: to the end)."""

    def __init__(self, file: BinaryIO, name: str, size: int | None) -> None:
        self._file: _Unbuffered = file  # type: ignore[assignment]  # typeshed lacks its readinto
        # A buffered file would fill the whole buffer, and ask a terminal for a second Ctrl-D.
        self._read: _Read = getattr(file, "readinto1", self._file.readinto)
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


def _sample(reader: Reader) -> bytes:
    buffer = memoryview(bytearray(SAMPLE))
    return bytes(buffer[: fill(reader, buffer)])


def _ensure_name(name: str, head: bytes, codec: Codec | None) -> None:
    """Refuse a file named as compressed that is not, or otherwise: a copy that went wrong."""
    named = next((c for c, form in FORMATS.items() if name.lower().endswith(form.suffix)), None)
    if named is None or named == codec:
        return
    if not head:
        raise SourceError(f"{name}: is empty, which {named} data never is; copy it again")
    found = f"{codec} data" if codec else "something else"
    raise SourceError(
        f"{name}: is named as {named} data but holds {found}; rename it, or copy it again"
    )
