"""Files as they are found: what tells each from others, without being read on."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from dataclasses import replace

from ...errors import SourceError
from ..sources.discovery import STDIN
from ..sources.opening import DEFAULT_ACCESS, Access
from .content import begins_as, guard_at, holds_the_end, read_again
from .descriptor import close, ensure_no_shorter, is_file, open_at, open_path, status_of
from .identity import HEAD, Known, ReadPosition
from .regular_file import codec_at, head_of, last_line_end

_LOOKS = 4
"""Looks at a file that is written, until it stands still for one."""


def look_at(path: str, access: Access, *, from_end: bool) -> Known:
    """The file at `path`, to be read from its start or, `from_end`, from its last line end on.

    Its `guard` is that of its last bytes if none of them is passed over, and it stood still.
    Raises OSError where it cannot be looked at.
    """
    if path != STDIN and not stat.S_ISREG((status := os.stat(path)).st_mode):
        return Known.of(path, status)  # a pipe that is closed again breaks for its writer
    fd = open_path(path, access)
    try:
        status = status_of(fd)
        if not is_file(fd, status):
            return Known.of(path, status)
        for _ in range(_LOOKS):
            found = _seen(path, fd, from_end=from_end)
            if _stands_still(fd, found):
                return found
        if found.position or found.size > status_of(fd).st_size:
            raise BlockingIOError(errno.EAGAIN, "was truncated meanwhile", path)
        return replace(found, guard="")  # it may have been another file's by then
    finally:
        close(fd)


def _seen(path: str, fd: int, *, from_end: bool) -> Known:
    head = head_of(fd, HEAD, path)
    status = status_of(fd)
    is_packed = codec_at(fd) is not None
    if from_end:
        start = 0 if is_packed else last_line_end(fd, status.st_size)
    else:
        start = os.lseek(fd, 0, os.SEEK_CUR) if path == STDIN else 0
    end = start or (0 if is_packed else status.st_size)
    reached = ReadPosition(start, head[:start] if start else head, guard_at(fd, end), origin=start)
    has_all = len(reached.head) >= min(HEAD, start)
    if not has_all or head_of(fd, len(head), path) != head:
        raise BlockingIOError(errno.EAGAIN, "was rewritten meanwhile", path)
    return replace(Known.of(path, status, reached), done=from_end and is_packed)


def _stands_still(fd: int, found: Known) -> bool:
    status = status_of(fd)
    return (status.st_size, status.st_mtime_ns) == (found.size, found.mtime)


def passed_over(one: Known) -> Known:
    """A file of which nothing is to be read, with what tells it from others.

    Raises OSError where it cannot be looked at, or is another by now.
    """
    fd = open_at(one.path, one, DEFAULT_ACCESS)
    try:
        for _ in range(_LOOKS):
            head = head_of(fd, HEAD, one.path)
            status = status_of(fd)
            size = 0 if codec_at(fd) else status.st_size
            reached = ReadPosition(size, head, guard_at(fd, size), origin=size)
            found = replace(Known.of(one.path, status, reached), done=True)
            if _stands_still(fd, found):
                break
        return found
    finally:
        close(fd)


def holds(at: Known, known: Known) -> bool:
    """Whether the file seen `at` its path holds what was read of `known`.

    One of which nothing was read yet is told by its first bytes, and the last ones that it had.
    Raises OSError.
    """
    fd = open_at(at.path, at, DEFAULT_ACCESS)
    try:
        ensure_no_shorter(fd, at.size, at.path)
        if known.position:
            with suppress(SourceError):  # broken, or no log: it is another
                return read_again(known, fd, at.path) is not None
            return False
        if not known.head_size or not begins_as(known, fd, at.path):
            return False
        return not known.guard or holds_the_end(known, fd, at.path)
    finally:
        close(fd)
