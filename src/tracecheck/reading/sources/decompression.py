"""Inflating gzip, bzip2, xz and zstd in bounded memory, whatever the data claims.

Python's own file classes pass over garbage behind the data in silence; here every end is
accounted for, and a small input can neither fill memory nor run for ever.
"""

from __future__ import annotations

import bz2
import lzma
import sys
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

from ...errors import SourceError
from .sniffing import FORMATS, Codec

PIECE = 1 << 20
"""Most bytes inflated in one step: what is held beside the caller's buffer."""

FEED = 32 << 10
"""Compressed bytes handed to a decoder at once.

Small, for a decoder copies what it leaves over: at every step (zlib) and at every member's end.
"""

ZSTD_WINDOW_LOG = 27
"""Largest zstd window, as a power of two: what the zstd tool accepts unasked (`--ultra -22`)."""

XZ_MEMORY = 192 << 20
"""Most memory an xz decoder may take, bytes; `xz -9` needs 65 MiB."""


class Reader(Protocol):
    """What bytes are read from."""

    def readinto(self, buffer: memoryview, /) -> int:
        """Read at least one byte, at most `len(buffer)`; 0 only at the end."""


@dataclass(frozen=True, slots=True)
class InflateLimit:
    """When inflating is given up as a decompression bomb; sizes are inflated bytes.

    More than `size`; or more than `ratio` times the compressed bytes, once over `ratio_from`
    (small logs of one repeated line are honest).
    """

    size: int = 64 << 30
    ratio: int = 200
    ratio_from: int = 256 << 20


DEFAULT_LIMIT = InflateLimit()


def fill(reader: Reader, buffer: memoryview) -> int:
    """Read until `buffer` is full or the end is reached; return the bytes read."""
    filled = 0
    while filled < len(buffer):
        count = reader.readinto(buffer[filled:])
        if not count:
            break
        filled += count
    return filled


class Inflated:
    """Reads `raw` inflated by `codec`, over any number of members, streams or frames.

    `path` names it in errors; no `limit` allows all. `readinto` raises SourceError where the data
    is broken, cut short or followed by something else, and where it grows past the limit.
    """

    def __init__(self, raw: Reader, codec: Codec, limit: InflateLimit | None, path: str) -> None:
        self._path = path
        self._codec = codec
        self._limit = limit
        self._feed = _Feed(raw)
        self._produced = 0
        self._members = _Members(self._feed, _DECODERS[codec], FORMATS[codec].magics)

    def readinto(self, buffer: memoryview, /) -> int:
        """Inflate at least one byte, at most `len(buffer)`; 0 only at the end."""
        try:
            count = self._members.readinto(buffer[:PIECE])
        except _BrokenError as error:
            raise SourceError(self._complaint(error)) from None
        self._produced += count
        self._ensure_limit()
        return count

    def _complaint(self, error: _BrokenError) -> str:
        where = f"after {self._produced} inflated bytes"
        if error.mend:
            return f"{self._path}: {self._codec} data {error}, {where}: {error.mend}"
        mend = f"copy it again, or check it with {self._codec} -t"
        return f"{self._path}: {self._codec} data {error} {where}: {mend}"

    def _ensure_limit(self) -> None:
        limit = self._limit
        if limit is None:
            return
        if self._produced > limit.size:
            what = f"inflates to more than {limit.size} bytes"
        elif self._produced > limit.ratio_from and (
            self._produced > limit.ratio * self._feed.consumed
        ):
            what = (
                f"inflates to more than {limit.ratio} times its size "
                f"({self._produced} bytes out of {self._feed.consumed} so far)"
            )
        else:
            return
        mend = "if it is no decompression bomb but a log, use --no-inflate-limit"
        raise SourceError(f"{self._path}: {what}: {mend}")


class _BrokenError(Exception):
    """Data that cannot be inflated; the text continues `… data`, `mend` says what to do."""

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(what)
        self.mend = mend


_CUT = "is cut short"
_FOREIGN = ("ends, and something else follows", "cut that off, or copy the file again")


class _Feed:
    """Compressed bytes in small pieces, counted."""

    def __init__(self, raw: Reader) -> None:
        self._raw = raw
        self._buffer = bytearray(FEED)
        self.consumed = 0

    def next(self) -> bytes:
        """The next piece; empty at the end."""
        count = self._raw.readinto(memoryview(self._buffer))
        self.consumed += count
        return bytes(memoryview(self._buffer)[:count])


class _Decoder(Protocol):
    """One member's decoder, as bz2 and lzma have it."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Gzip:
    """zlib's decoder, with the methods of bz2's."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max_length)


_DECODERS: dict[Codec, Callable[[], _Decoder]] = {
    "gzip": _Gzip,
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY),
    "zstd": lambda: zstd.ZstdDecompressor(
        options={zstd.DecompressionParameter.window_log_max: ZSTD_WINDOW_LOG}
    ),
}

_ERRORS = (zlib.error, lzma.LZMAError, zstd.ZstdError, OSError)
"""What decoders say of broken data; OSError is bz2's, and no error of the feed passes there."""

_DEMANDS = {
    "Memory usage limit": (
        f"needs more than {XZ_MEMORY >> 20} MiB of memory to inflate",
        "inflate it yourself (xz -dc … | tracecheck -)",
    ),
    "too much memory": (
        f"needs a window of more than {1 << ZSTD_WINDOW_LOG - 20} MiB",
        "inflate it yourself (zstd -dc --long=31 … | tracecheck -)",
    ),
}
"""What xz and zstd say of data that asks for too much memory, what it means, and a way out."""


class _Members:
    """One member after the other, zero padding between and after them skipped."""

    def __init__(
        self, feed: _Feed, decoder: Callable[[], _Decoder], magics: tuple[bytes, ...]
    ) -> None:
        self._feed = feed
        self._new = decoder
        self._magics = magics
        self._decoder = decoder()
        self._pending = b""

    def readinto(self, buffer: memoryview, /) -> int:
        while True:
            if self._decoder.eof and not self._open_next():
                return 0
            data, ended = b"", False
            if self._decoder.needs_input:
                data = self._pending or self._feed.next()
                self._pending = b""
                ended = not data
            # At the end too: a decoder may hold output though it has taken all input.
            out = self._decode(data, len(buffer))
            if out:
                buffer[: len(out)] = out
                return len(out)
            if ended and not self._decoder.eof:
                raise _BrokenError(_CUT)

    def _decode(self, data: bytes, most: int) -> bytes:
        try:
            return self._decoder.decompress(data, most)
        except _ERRORS as error:
            demands = (demand for said, demand in _DEMANDS.items() if said in str(error))
            raise _BrokenError(*next(demands, [f"is broken ({_reason(error)})"])) from None

    def _open_next(self) -> bool:
        """Start the next member; False at the end, _BrokenError if something else follows."""
        rest = self._decoder.unused_data.lstrip(b"\0")
        longest = max(map(len, self._magics))
        while len(rest) < longest and (more := self._feed.next()):
            rest = (rest + more).lstrip(b"\0")
        if not rest:
            return False
        if not rest.startswith(self._magics):
            cut = any(magic.startswith(rest) for magic in self._magics)
            raise _BrokenError(_CUT) if cut else _BrokenError(*_FOREIGN)
        self._decoder = self._new()
        self._pending = rest
        return True


def _reason(error: Exception) -> str:
    """What a library says is wrong, without its own preamble."""
    return str(error).rpartition(": ")[2].lower()
