"""An open file that is read while it grows, and how to go on in one that was read before."""

from __future__ import annotations

import io
import os
import stat
from contextlib import suppress
from dataclasses import replace

from ..sources.discovery import STDIN, ensure_kind
from ..sources.opening import DEFAULT_ACCESS, Access
from .identity import GUARD, HEAD, Known, ReadPosition, read_at
from .pipe import Pipe, Take, taker
from .regular_file import Packed, Plain, codec_at, head_of, last_line_end, opened

_IN_MEMORY = -1
_NO_STATUS = os.stat_result((0,) * 10)


class Handle:
    """An open file: its content, and what is known of it.

    Nothing more is read of one that is `done`; it stays open so that no other gets its inode.
    """

    def __init__(self, path: str, fd: int, content: Plain | Packed | Pipe, *, done: bool) -> None:
        self.path = path
        self.content = content
        self.done = done
        self._fd = fd
        self._status = _status(fd)
        self._is_judged = not isinstance(content, Plain) or content.reached.position > 0

    @property
    def more(self) -> bool:
        """Whether there is something to read."""
        return not (self.done or self.content.finished)

    @property
    def lag(self) -> int:
        """Stored bytes that were not read."""
        return 0 if self.done else self.content.lag

    @property
    def is_pipe(self) -> bool:
        """Whether it is no regular file."""
        return isinstance(self.content, Pipe)

    @property
    def ends(self) -> bool:
        """Whether it is of a sort that cannot get more bytes."""
        return not isinstance(self.content, Plain) and (self.done or self.content.finished)

    def is_at(self, one: Known) -> bool:
        """Whether `one` is what was seen of this very file."""
        return one.is_at(Known.of(self.path, self._status))

    def read(self, most: int, access: Access) -> bytes:
        """Read what follows, `most` bytes at most; empty if nothing does.

        Raises RewrittenError, OSError, and SourceError for what is no log, or broken.
        """
        if self.done:
            return b""
        status = _status(self._fd)
        if not self._is_judged and status.st_size:
            self.content = opened(self._fd, self.path, access.inflate_limit)
            self._is_judged = True
        data = self.content.read(most)
        self._status = status  # only now: it belongs to what was read
        return data

    def known(self) -> Known:
        """The file as it is now: its identity, and how far it was read."""
        return replace(Known.of(self.path, self._status, self.content.reached), done=self.done)

    def close(self) -> None:
        """Close the file; standard input itself stays open."""
        _close(self._fd)


def look_at(path: str, access: Access, *, from_end: bool) -> Known:
    """The file at `path`, to be read from its start or, `from_end`, from its last line end on.

    Raises OSError where it cannot be looked at.
    """
    if path != STDIN and not stat.S_ISREG((status := os.stat(path)).st_mode):
        return Known.of(path, status)  # a pipe that is closed again breaks for its writer
    fd = _open(path, access)
    try:
        status = _status(fd)
        if not _is_file(fd, status):
            return Known.of(path, status)
        is_packed = codec_at(fd) is not None
        if from_end:
            start = 0 if is_packed else last_line_end(fd, status.st_size)
        else:
            start = os.lseek(fd, 0, os.SEEK_CUR) if path == STDIN else 0
        reached = ReadPosition(start, head_of(fd, HEAD, path), _guard_at(fd, start))
        return replace(Known.of(path, status, reached), done=from_end and is_packed)
    finally:
        _close(fd)


def check(known: Known, access: Access) -> None:
    """Refuse what is no log; a pipe shows that when it is read. Raises SourceError, OSError."""
    if known.path == STDIN and known.is_pipe:
        return
    if not known.is_pipe or not stat.S_ISFIFO(os.stat(known.path).st_mode):
        handle = take_up(known.path, known, access)
        if handle:
            handle.close()


def take_up(path: str, known: Known, access: Access) -> Handle | None:
    """Go on with the file `known` in the one at `path`; None if that is another one.

    Raises OSError where it cannot be opened or read, SourceError where it is no log.
    """
    fd = _open(path, access)
    handle = None
    try:
        handle = _taken_up(path, fd, known, access)
    finally:
        if handle is None:
            _close(fd)
    return handle


def begins_as(known: Known, path: str) -> bool:
    """Whether the file at `path` has the same first bytes, and can be as long as it was read."""
    with suppress(OSError):
        fd = _open(path, DEFAULT_ACCESS)
        try:
            is_long = codec_at(fd) is not None or os.fstat(fd).st_size >= known.position
            return is_long and known.fits_head(head_of(fd, known.head_size, path))
        finally:
            _close(fd)
    return False


def _taken_up(path: str, fd: int, known: Known, access: Access) -> Handle | None:
    status = _status(fd)
    if not _is_file(fd, status):
        if fd == _IN_MEMORY:
            take: Take = access.standard_input().read
        else:
            ensure_kind(path, status, fd)
            take = taker(fd)
        return Handle(path, fd, Pipe(take, access.inflate_limit, path), done=known.done)
    if not known.fits_head(head_of(fd, known.head_size, path)):
        return None
    content: Plain | Packed = Plain(fd, ReadPosition())
    if known.position:
        codec = codec_at(fd)
        if codec:
            content = Packed(fd, codec, access.inflate_limit, path)
            while (left := known.position - content.reached.position) and content.read(left):
                pass
        elif status.st_size >= known.position:
            start = read_at(fd, min(HEAD, known.position), 0)
            content = Plain(fd, ReadPosition(known.position, start, _guard_at(fd, known.position)))
    elif status.st_size:
        content = opened(fd, path, access.inflate_limit)
    return Handle(path, fd, content, done=known.done) if known.fits(content.reached) else None


def _guard_at(fd: int, position: int) -> bytes:
    start = max(0, position - GUARD)
    return read_at(fd, position - start, start)


def _open(path: str, access: Access) -> int:
    """Open without waiting for the other end of a pipe."""
    if path != STDIN:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        return os.dup(access.standard_input().fileno())
    except io.UnsupportedOperation:
        return _IN_MEMORY


def _close(fd: int) -> None:
    if fd != _IN_MEMORY:
        os.close(fd)


def _status(fd: int) -> os.stat_result:
    return _NO_STATUS if fd == _IN_MEMORY else os.fstat(fd)


def _is_file(fd: int, status: os.stat_result) -> bool:
    return fd != _IN_MEMORY and stat.S_ISREG(status.st_mode)
