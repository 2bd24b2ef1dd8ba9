"""An open file that is read while it grows."""

from __future__ import annotations

from dataclasses import replace

from ..sources.discovery import STDIN
from ..sources.opening import Access
from .descriptor import close, status_of
from .identity import Known, ReadPosition
from .pipe import Pipe
from .regular_file import Packed, Plain, opened

_HEADER = 64 << 10
"""Bytes at the start of a file that may be the same in every file of a log."""


class Handle:
    """An open file: its content, and what is known of it.

    Nothing more is read of one that is `done`; it stays open so that no other gets its inode.
    """

    def __init__(self, path: str, fd: int, content: Plain | Packed | Pipe, *, done: bool) -> None:
        self.path = path
        self.content = content
        self.done = done
        self._fd = fd
        self._status = status_of(fd)
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

    def seen(self) -> Known:
        """The file as it is found now, whatever was read of it."""
        return Known.of(self.path, status_of(self._fd))

    def take_first(self, most: int, access: Access) -> None:
        """Take its first bytes, for the next read, so that no truncation comes in between.

        Raises OSError, and SourceError for what is no log.
        """
        self._status = status_of(self._fd)
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
        status = status_of(self._fd)
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
        close(self._fd)

    def _judge(self, access: Access) -> None:
        """See by its first bytes how it is read. Raises SourceError if it is no log."""
        if not self._is_judged:
            self.content = opened(self._fd, self.path, access.inflate_limit)
            self._is_judged = True
