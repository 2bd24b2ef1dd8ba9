"""Descriptors of what is at a path: opened without waiting, told from what came there meanwhile."""

from __future__ import annotations

import errno
import io
import os
import stat

from ..sources.discovery import STDIN
from ..sources.opening import Access
from .identity import Known

IN_MEMORY = -1
"""Stands for the descriptor of a standard input that has none."""

_NO_STATUS = os.stat_result((0,) * 10)


def open_at(path: str, at: Known | None, access: Access) -> int:
    """Open the file that was seen at a path. Raises BlockingIOError if it is another by now."""
    fd = open_path(path, access)
    is_same = False
    try:
        is_same = at is None or at.is_at(Known.of(path, status_of(fd)))
    finally:
        if not is_same:
            close(fd)
    if is_same:
        return fd
    raise BlockingIOError(errno.EAGAIN, "is being rotated", path)


def ensure_no_shorter(fd: int, size: int, path: str) -> None:
    """Raise BlockingIOError if a file was truncated: what was seen of it belongs to no moment."""
    if status_of(fd).st_size < size:
        raise BlockingIOError(errno.EAGAIN, "was truncated meanwhile", path)


def open_path(path: str, access: Access) -> int:
    """Open without waiting for the other end of a pipe."""
    if path != STDIN:
        return os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
    try:
        return os.dup(access.standard_input().fileno())
    except io.UnsupportedOperation:
        return IN_MEMORY


def close(fd: int) -> None:
    """Close it, if it is one."""
    if fd != IN_MEMORY:
        os.close(fd)


def status_of(fd: int) -> os.stat_result:
    """Its status; all zeros where there is none."""
    return _NO_STATUS if fd == IN_MEMORY else os.fstat(fd)


def is_file(fd: int, status: os.stat_result) -> bool:
    """Whether it is a regular file."""
    return fd != IN_MEMORY and stat.S_ISREG(status.st_mode)
