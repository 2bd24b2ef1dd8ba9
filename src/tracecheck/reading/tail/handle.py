"""An open file that is read while it grows, and how to go on in one that was read before."""

from __future__ import annotations

import errno
import io
import os
import stat
from contextlib import suppress
from dataclasses import replace

from ...errors import SourceError
from ..sources.discovery import STDIN, ensure_kind
from ..sources.opening import DEFAULT_ACCESS, Access
from .content import begins_as, guard_at, holds_the_end, read_again, read_of_shorter_copy
from .identity import HEAD, Known, ReadPosition
from .pipe import Pipe, Take, taker
from .regular_file import Packed, Plain, codec_at, head_of, last_line_end, opened

_HEADER = 64 << 10
"""Bytes at the start of a file that may be the same in every file of a log."""

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
        self._is_taken = False

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
    def is_started(self) -> bool:
        """Whether what was read of it, or is about to be, tells it from others."""
        is_only = self.is_pipe or self.path == STDIN
        return is_only or self._is_taken or self.content.reached.position > 0 or self.done

    @property
    def ends(self) -> bool:
        """Whether it is of a sort that cannot get more bytes."""
        return not isinstance(self.content, Plain) and (self.done or self.content.finished)

    def is_at(self, one: Known) -> bool:
        """Whether `one` is what was seen of this very file."""
        return one.is_at(Known.of(self.path, self._status))

    def take_first(self, most: int, access: Access) -> None:
        """Take its first bytes, for the next read, so that no truncation comes in between.

        Raises OSError, and SourceError for what is no log.
        """
        self._status = _status(self._fd)
        if self._status.st_size:
            self._judge(access)
            content = self.content
            self._is_taken = not isinstance(content, Plain) or content.take_first(most)

    def still_begins_so(self) -> bool:
        """Whether what was taken first still stands there."""
        return not isinstance(self.content, Plain) or self.content.still_begins_so()

    def taken(self) -> bytes:
        """What was taken first, as it is handed out now; a compressed file is read as it is."""
        if not isinstance(self.content, Plain):
            return b""
        self._is_taken = False
        return self.content.taken()

    def forget_first(self) -> None:
        """Leave to a later read what was taken."""
        self._is_taken = False
        if isinstance(self.content, Plain):
            self.content.forget()

    def read(self, most: int, access: Access) -> bytes:
        """Read what follows, `most` bytes at most; empty if nothing does.

        Raises RewrittenError, OSError, and SourceError for what is no log, or broken.
        """
        if self.done:
            return b""
        status = _status(self._fd)
        if status.st_size:
            self._judge(access)
        data = self.content.read(most)
        self._status = status  # only now: it belongs to what was read
        return data

    @property
    def may_be_all_header(self) -> bool:
        """Whether so little was read that it may be what every such file begins with."""
        is_plain = isinstance(self.content, Plain) and self.path != STDIN
        return is_plain and not self.done and self.content.reached.position < _HEADER

    def go_back(self, before: ReadPosition) -> None:
        """Read again what followed there."""
        self.content.reached = before
        self.forget_first()

    def known(self) -> Known:
        """The file as it is now: its identity, and how far it was read."""
        return replace(Known.of(self.path, self._status, self.content.reached), done=self.done)

    def close(self) -> None:
        """Close the file; standard input itself stays open."""
        _close(self._fd)

    def _judge(self, access: Access) -> None:
        """See by its first bytes how it is read. Raises SourceError if it is no log."""
        if not self._is_judged:
            self.content = opened(self._fd, self.path, access.inflate_limit)
            self._is_judged = True


def look_at(path: str, access: Access, *, from_end: bool) -> Known:
    """The file at `path`, to be read from its start or, `from_end`, from its last line end on.

    Its `guard` is that of its last bytes if none of them is passed over. Raises OSError where it
    cannot be looked at.
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
        head = head_of(fd, min(HEAD, start) if start else HEAD, path)
        end = start or (0 if is_packed else status.st_size)
        reached = ReadPosition(start, head, guard_at(fd, end), origin=start)
        _ensure_no_shorter(fd, status.st_size, path)
        return replace(Known.of(path, status, reached), done=from_end and is_packed)
    finally:
        _close(fd)


def passed_over(one: Known) -> Known:
    """A file of which nothing is to be read, with what tells it from others.

    Raises OSError where it cannot be looked at, or is another by now.
    """
    fd = _open_at(one.path, one, DEFAULT_ACCESS)
    try:
        status = _status(fd)
        size = 0 if codec_at(fd) else status.st_size
        head = head_of(fd, HEAD, one.path)
        reached = ReadPosition(size, head, guard_at(fd, size), origin=size)
        return replace(Known.of(one.path, status, reached), done=True)
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


def take_up(path: str, known: Known, access: Access, at: Known | None = None) -> Handle | None:
    """Go on with the file `known` in the one at `path`; None if that is another one.

    Raises OSError where it cannot be opened or read, or is not the one that was seen `at` it any
    more, and SourceError where it is no log.
    """
    fd = _open_at(path, at, access)
    handle = None
    try:
        handle = _taken_up(path, fd, known, access)
    finally:
        if handle is None:
            _close(fd)
    return handle


def take_up_shorter(known: Known, at: Known) -> Handle | None:
    """End `known` in a copy that lacks the last of what was read; None if it is no copy.

    Raises OSError.
    """
    fd = _open_at(at.path, at, DEFAULT_ACCESS)
    handle = None
    try:
        reached = read_of_shorter_copy(known, fd)
        if reached:
            handle = Handle(at.path, fd, Plain(fd, reached), done=True)
    finally:
        if handle is None:
            _close(fd)
    return handle


def holds(at: Known, known: Known) -> bool:
    """Whether the file seen `at` its path holds what was read of `known`.

    One of which nothing was read yet is told by its first bytes, and the last ones that it had.
    Raises OSError.
    """
    fd = _open_at(at.path, at, DEFAULT_ACCESS)
    try:
        _ensure_no_shorter(fd, at.size, at.path)
        if known.position:
            with suppress(SourceError):  # broken, or no log: it is another
                return read_again(known, fd, at.path) is not None
            return False
        if not known.head_size or not begins_as(known, fd, at.path):
            return False
        return not known.guard or holds_the_end(known, fd, at.path)
    finally:
        _close(fd)


def _taken_up(path: str, fd: int, known: Known, access: Access) -> Handle | None:
    status = _status(fd)
    if not _is_file(fd, status):
        if fd == _IN_MEMORY:
            take: Take = access.standard_input().read
        else:
            ensure_kind(path, status, fd)
            take = taker(fd)
        return Handle(path, fd, Pipe(take, access.inflate_limit, path), done=known.done)
    content: Plain | Packed | None = Plain(fd, ReadPosition())
    if known.position:
        content = read_again(known, fd, path, access.inflate_limit)
    elif not begins_as(known, fd, path):
        content = None
    elif status.st_size:
        content = opened(fd, path, access.inflate_limit)
    return None if content is None else Handle(path, fd, content, done=known.done)


def _open_at(path: str, at: Known | None, access: Access) -> int:
    """Open the file that was seen at a path. Raises BlockingIOError if it is another by now."""
    fd = _open(path, access)
    is_same = False
    try:
        is_same = at is None or at.is_at(Known.of(path, _status(fd)))
    finally:
        if not is_same:
            _close(fd)
    if is_same:
        return fd
    raise BlockingIOError(errno.EAGAIN, "is being rotated", path)


def _ensure_no_shorter(fd: int, size: int, path: str) -> None:
    """Raise BlockingIOError if a file was truncated: what was seen of it belongs to no moment."""
    if _status(fd).st_size < size:
        raise BlockingIOError(errno.EAGAIN, "was truncated meanwhile", path)


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
