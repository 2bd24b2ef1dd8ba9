"""Reading a log file after file: each to its end, before the next one is begun.

A file is begun when its first bytes were taken, and a look behind that still has it as the next
one: what was truncated or renamed on the way is another. One of which nothing was read yet is
none in particular: whatever is next takes its place.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import replace

from ...errors import SourceError
from ..sources.discovery import STDIN
from ..sources.opening import Access
from .current import Current
from .handle import Handle
from .identity import Known
from .inventory import Inventory
from .ledger import Ledger
from .looking import passed_over
from .pieces import Begin, End, Piece
from .regular_file import RewrittenError
from .reopening import take_up
from .succession import Succession
from .troubles import Troubles, gone

_PATIENCE = 1000
"""Reads after which an open file that went away is closed."""


class SequentialReader:
    """Reads on in the current file of a log, and then in what follows.

    It is `behind` if there was more to read when it stopped last, and has `ended` if nothing will
    ever follow.
    """

    def __init__(
        self,
        current: Current,
        succession: Succession,
        there: Inventory,
        ledger: Ledger,
        troubles: Troubles,
        access: Access,
    ) -> None:
        self.behind = False
        self.ended = False
        self._current = current
        self._next = succession
        self._there = there
        self._ledger = ledger
        self._troubles = troubles
        self._access = access
        self._path = succession.path
        self._reads_gone = 0  # reads since the file that is open went away

    def pass_over(self, one: Known) -> None:
        """Never read a file."""
        with suppress(OSError):
            self._ledger.passed.append(passed_over(one))

    def pieces(self, left: int) -> Iterator[Piece]:
        """Read what is there, about `left` bytes at most. Raises OSError."""
        self.behind = False
        if self._reads_gone > _PATIENCE and not os.path.lexists(self._path):
            return
        while not self.ended:
            if self._current.sought:
                yield from self._seek(self._current.sought)
                if self._current.sought:
                    return
            started = self._current.started
            try:
                following = self._following(started)
                rest = (yield from self._drain(started, left)) if started else left
            except RewrittenError:
                self._current.rewritten()
                continue
            if rest is None:
                return
            if started and rest <= 0 and (following or started.more):
                self.behind = True
                return
            if following is None:
                yield from self._finish()
                return
            count = yield from self._begin(following, rest)
            if count is None:
                return
            left = rest - count

    def _drain(self, handle: Handle, left: int) -> Generator[Piece, None, int | None]:
        """Read the file to its end, or to that of the `left` bytes.

        Returns how many are left then, None if the rest of it cannot be read.
        """
        try:
            while left > 0 and (data := self._next_of(handle, left)):
                left -= len(data)
                yield data
        except SourceError as error:
            handle.done = True
            self._lose(str(error))
            return None
        except OSError as error:
            if error.errno == errno.ESTALE:
                self._current.reopen()
            raise
        return left

    def _next_of(self, handle: Handle, most: int) -> bytes:
        """Read what follows in a file.

        As long as it may be no more than a header, a file that was truncated and begun anew looks
        the same: then a look behind the read has to find no copy of it. Raises RewrittenError.
        """
        if not handle.may_be_all_header:
            return handle.read(most, self._access)
        before, reached = handle.known(), replace(handle.content.reached)
        data = handle.read(most, self._access)
        if data:
            try:
                self._next.after(handle, [*self._ledger.begun[:-1], before])
            except RewrittenError:
                handle.go_back(reached)
                raise
        return data

    def _following(self, before: Handle | None) -> Known | None:
        """What is to be begun behind `before`: perhaps the open file, if nothing was read of it.

        What that got before it went away can be read of the open file alone.
        """
        following = self._next.after(before, self._current.known())
        handle = self._current.handle
        if handle is None or handle is before:
            return following
        own = handle.seen()
        is_seen = not (self._troubles.moves or self._troubles.wait)
        if is_seen and own.size and not any(own.is_at(one) for one in self._ledger.ahead):
            return own
        return None if following and own.is_at(following) and not own.size else following

    def _begin(self, following: Known, left: int) -> Generator[Piece, None, int | None]:
        """End what was read and begin what follows; how many bytes were read, None if it is no log.

        Its first bytes were taken by then: that tells it from others.
        """
        try:
            handle = self._taken(following, left)
        except SourceError as error:
            self._ledger.forget(following)
            self.pass_over(following)
            self._current.let_go()
            self._lose(str(error))
            return None
        try:
            yield from self._ended_before(handle)
        except GeneratorExit:
            handle.close()
            raise
        self._ledger.forget(following)
        if self._current.begin(handle):
            yield Begin(handle.path)
        data = handle.taken()
        if data:
            yield data
        return len(data)

    def _taken(self, following: Known, left: int) -> Handle:
        """The file that follows, its first bytes taken, if a second look agrees that it does.

        Raises OSError, and SourceError if it is no log.
        """
        own, before = self._current.handle, self._current.started
        handle = own if own and own.is_at(following) else None
        handle = handle or take_up(following.path, following, self._access, following)
        is_next = False
        try:
            if handle and not handle.is_started:
                handle.take_first(left, self._access)
            # An open file keeps its inode: what is seen now is itself.
            again = self._following(before)
            is_next = bool(again and handle and handle.is_at(again) and handle.still_begins_so())
        finally:
            if handle and not is_next:
                handle.forget_first()
                if handle is not own:
                    handle.close()
        if handle is None or not is_next:
            raise BlockingIOError(errno.EAGAIN, "is being rotated", following.path)
        return handle

    def _ended_before(self, handle: Handle) -> Iterator[Piece]:
        """End the file that was read until now, if it was, as `handle` is the next."""
        started = self._current.started
        if started and started is not handle:
            yield self._end(started)
        else:
            self._current.let_go(handle)

    def _finish(self) -> Iterator[Piece]:
        """End for good after a pipe, or a compressed file that nothing can follow.

        A file that went away is closed once its writer had time to finish: its space on the disk
        is free only then.
        """
        handle = self._current.handle
        self._reads_gone = self._reads_gone + 1 if self._next.is_gone else 0
        if handle and self._reads_gone > _PATIENCE:
            yield self._end(handle)
            return
        if handle and handle.ends and (handle.is_pipe or self._next.leads_to(handle)):
            self.ended = True
            yield self._end(handle)

    def _lose(self, loss: str) -> None:
        """Leave a file, or the rest of it, unread; the read ends, so that this is seen first."""
        self._troubles.lose(loss)
        self.behind = True

    def _end(self, handle: Handle) -> End:
        self._current.end(handle)
        return End()

    def _seek(self, sought: Known) -> Iterator[Piece]:
        """Find the file that was read before; if it is nowhere, go on without it."""
        if self._current.find(sought):
            return
        if not sought.is_pipe and self._path != STDIN:
            if not (self._current.is_rewritten or self._there.has_more(self._ledger.begun)):
                self._troubles.fault = gone(self._path)
                return
            if not sought.done:
                how = "was truncated" if self._current.is_rewritten else "went away"
                self._troubles.lose(
                    f"{sought.path}: what was written to it after byte {sought.position} and "
                    f"before it {how} may be lost, and so may files that were rotated since: check "
                    "them by themselves, and keep rotated files for longer"
                )
        self._current.give_up(sought)
        yield End()
