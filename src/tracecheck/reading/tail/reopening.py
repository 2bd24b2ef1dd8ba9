"""Files that are opened, also again, to go on in them where they were read before."""

from __future__ import annotations

import os
import stat

from ..sources.discovery import STDIN, ensure_kind
from ..sources.opening import DEFAULT_ACCESS, Access
from .content import begins_as, read_again, read_of_shorter_copy
from .descriptor import IN_MEMORY, close, is_file, open_at, status_of
from .handle import Handle
from .identity import Known, ReadPosition
from .pipe import Pipe, Take, taker
from .regular_file import Packed, Plain, opened


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
    fd = open_at(path, at, access)
    handle = None
    try:
        handle = _taken_up(path, fd, known, access)
    finally:
        if handle is None:
            close(fd)
    return handle


def take_up_shorter(known: Known, at: Known) -> Handle | None:
    """End `known` in a copy that lacks the last of what was read; None if it is no copy.

    Raises OSError.
    """
    fd = open_at(at.path, at, DEFAULT_ACCESS)
    handle = None
    try:
        reached = read_of_shorter_copy(known, fd)
        if reached:
            handle = Handle(at.path, fd, Plain(fd, reached), done=True)
    finally:
        if handle is None:
            close(fd)
    return handle


def _taken_up(path: str, fd: int, known: Known, access: Access) -> Handle | None:
    status = status_of(fd)
    if not is_file(fd, status):
        if fd == IN_MEMORY:
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
