"""Opening one file of a source: decompressed by its content, refused if it is no text.

A regular file is read as it stood when it was opened, so that one which is still written gives
the same verdict as a copy of it; one which gets shorter meanwhile is an error, never a pass.
"""

from __future__ import annotations

import os
import re
import select
import stat
import sys
from collections.abc import Callable
from types import TracebackType
from typing import BinaryIO, Protocol, Self

from ..errors import SourceError
from .inflating import DEFAULT_LIMIT, FORMATS, Codec, Inflated, InflateLimit, Reader, fill
from .sources import STDIN, cannot, is_readable

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
    path: str, *, stdin: BinaryIO | None = None, limit: InflateLimit | None = DEFAULT_LIMIT
) -> Opened:
    """Open `path`, or `stdin` (the process's own by default) for `-`.

    Raises SourceError in one line: what is wrong, where, how to mend it.
    """
    if path == STDIN:
        return _opened(path, _stdin(stdin), None, limit)
    try:
        file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by Opened
    except (OSError, ValueError) as error:
        raise _refusal(path, error) from None
    try:
        _hold_to_kind(path, file)
        return _opened(path, file, file, limit)
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


def _hold_to_kind(path: str, file: BinaryIO) -> None:
    if not is_readable(os.fstat(file.fileno()).st_mode):
        raise SourceError(f"{path}: a device, not a log; give a file or a pipe")


def _opened(
    path: str, file: BinaryIO, owned: BinaryIO | None, limit: InflateLimit | None
) -> Opened:
    name = "standard input" if path == STDIN else path
    raw = _Raw(file, name, _regular_size(file))
    head = _sample(raw)
    codec = codec_of(head)
    _hold_to_name(name, head, codec)
    content: Reader = _Rewound(head, raw)
    if codec:
        content = Inflated(content, codec, limit, name)
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


def codec_of(head: bytes) -> Codec | None:
    """The compression that the first bytes of a file tell, if any."""
    return next((codec for codec, form in FORMATS.items() if head.startswith(form.magics)), None)


def _hold_to_name(name: str, head: bytes, codec: Codec | None) -> None:
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


_DECOMPRESS = "decompress it first ({} … | tracecheck -)"
_UNPACK = "unpack it, and check the logs in it"
_NAME_A_LOG = "name a log"
_ENCODING = "convert it first (iconv -f {} -t UTF-8 … | tracecheck -)"

_LOOKS: tuple[tuple[int, bytes, str, str], ...] = (
    # Offset, magic, what it looks like, how to mend. UTF-32 before UTF-16, whose mark starts it.
    (0, b"\xff\xfe\0\0", "UTF-32 text", _ENCODING.format("UTF-32")),
    (0, b"\0\0\xfe\xff", "UTF-32 text", _ENCODING.format("UTF-32")),
    (0, b"\xff\xfe", "UTF-16 text", _ENCODING.format("UTF-16")),
    (0, b"\xfe\xff", "UTF-16 text", _ENCODING.format("UTF-16")),
    (0, b"\x7fELF", "a program (ELF)", _NAME_A_LOG),
    (0, b"\x89PNG\r\n", "a PNG image", _NAME_A_LOG),
    (0, b"\xff\xd8\xff", "a JPEG image", _NAME_A_LOG),
    (0, b"GIF87a", "a GIF image", _NAME_A_LOG),
    (0, b"GIF89a", "a GIF image", _NAME_A_LOG),
    (0, b"%PDF-", "a PDF document", _NAME_A_LOG),
    (0, b"SQLite format 3\0", "an SQLite database", _NAME_A_LOG),
    (0, b"LPKSHHRH", "a systemd journal", "export it (journalctl --file … | tracecheck -)"),
    (0, b"ElfFile\0", "a Windows event log", "export it as text"),
    (0, b"PK\x03\x04", "a ZIP archive", _UNPACK),
    (0, b"PK\x05\x06", "a ZIP archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", _UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (257, b"ustar\x0000", "a tar archive", _UNPACK),
    (257, b"ustar  \0", "a tar archive", _UNPACK),
    (0, b"\x04\x22\x4d\x18", "lz4 data", _DECOMPRESS.format("lz4 -dc")),
    (0, b"\xff\x06\0\0sNaPpY", "snappy data", _DECOMPRESS.format("snzip -dc")),
    (0, b"\x1f\x9d", "compress (.Z) data", _DECOMPRESS.format("gzip -dc")),
    (0, b"\x5d\0\0", "lzma data", _DECOMPRESS.format("xz -dc --format=lzma")),
)

_ENOUGH = 512
"""A sample under so many bytes is not judged by its statistics."""

_NUL = b"\0"
_CONTROLS = bytes({*range(0x01, 0x20)} - {*b"\a\b\t\n\v\f\r\x1b"})
_NOT_ASCII = re.compile(rb"[^\x07-\x0d\x1b\x20-\x7e]")


def not_a_log(head: bytes, name: str) -> tuple[str, str] | None:
    """What the first bytes look like if they are no log, and how to mend it; None for a log."""
    for offset, magic, what, mend in _LOOKS:
        if head.startswith(magic, offset):
            return what, mend
    codec = codec_of(head)
    if codec:
        return f"{codec} data", "it was compressed twice; decompress it once"
    if name.lower().endswith(".br") and _NOT_ASCII.search(head) and _undecodable(head):
        return "brotli data", _DECOMPRESS.format("brotli -dc")
    return _by_statistics(head) if len(head) >= _ENOUGH else None


def _by_statistics(head: bytes) -> tuple[str, str] | None:
    order = _utf16_order(head)
    if order:
        return "UTF-16 text", _ENCODING.format(order)
    return ("binary data", _NAME_A_LOG) if _is_binary(head) else None


def _undecodable(head: bytes) -> int:
    """How many bytes are no part of valid UTF-8."""
    return len(head) - len(head.decode("utf-8", "ignore").encode())


def _utf16_order(head: bytes) -> str | None:
    """UTF-16LE or UTF-16BE if nearly every second byte is NUL and hardly any other is."""
    even, odd = head[::2], head[1::2]
    for empty, full, name in ((odd, even, "UTF-16LE"), (even, odd, "UTF-16BE")):
        if 10 * empty.count(_NUL) > 8 * len(empty) and 10 * full.count(_NUL) < len(full):
            return name
    return None


def _is_binary(head: bytes) -> bool:
    """Whether the sample cannot be a log in any encoding, however damaged.

    A log may hold NULs, even a hole of them where copytruncate cut it, and may be in an old
    8-bit encoding, where most bytes are no UTF-8: what such a log has not, and binary data has,
    is NULs, control characters and undecodable bytes together.
    """
    filled = len(head) - head.count(_NUL)
    controls = len(head) - len(head.translate(None, _CONTROLS))
    return (
        filled < len(head)
        and 100 * controls > filled
        and 10 * (controls + _undecodable(head)) > 3 * filled
    )
