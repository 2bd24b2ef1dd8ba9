"""The bytes of a log that grows, rotates, is truncated or goes away: in order, none twice.

A file is read to its end before the next one is begun, and what comes next was looked for before
that: what was written to the old file until the new one had its first byte is never left behind.
If there were several rotations since the last look, the rotated set has what came between.

A file is begun when its first bytes were taken, and a look behind that still has it as the next
one: what was truncated or renamed on the way is another. One of which nothing was read yet is
none in particular: whatever is next takes its place.

A fault is not raised: it becomes the `trouble`, and the next read tries again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from ...errors import SourceError
from ..sources.discovery import STDIN, Source, cannot
from ..sources.opening import DEFAULT_ACCESS, Access
from .handle import Handle, check, passed_over, take_up
from .identity import Known
from .ledger import Ledger
from .regular_file import RewrittenError
from .rotated_set import look_once
from .succession import Claimed, Succession, Unread
from .troubles import Troubles, gone


@dataclass(frozen=True, slots=True)
class Begin:
    """A file of the source begins, from its first byte; `path` is as given or found."""

    path: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more of the file that began last will come."""


Piece = Begin | End | bytes
"""Bytes are the next ones of the file that began last, inflated."""


_PATIENCE = 1000
"""Reads after which an open file that went away is closed."""


class Tail:
    """One source while it grows.

    It is `behind` if there was more to read when `read` stopped last, and has `ended` if nothing
    will ever follow. It goes on where a `state` was taken, whatever became of the files since.
    What is `claimed` by another source is passed over.
    Raises SourceError if the first file is there, to be `checked`, and no log.
    """

    def __init__(
        self,
        source: Source,
        access: Access = DEFAULT_ACCESS,
        *,
        from_end: bool = False,
        checked: bool = True,
        state: dict[str, Any] | None = None,
        claimed: Claimed = lambda _: False,
    ) -> None:
        self.behind = False
        self.ended = False
        self._path = source.files[-1]
        self._access = access
        self._troubles = Troubles()
        self._ledger = Ledger()
        self._next = Succession(self._path, access, self._ledger, self._troubles, claimed)
        self._handle: Handle | None = None
        self._is_open = False  # the file that began last has not ended
        self._sought: Known | None = None  # it, to be found and opened again
        self._is_rewritten = False  # what is sought does not stand any more where it was read
        self._reads_gone = 0  # reads since the file that is open went away
        if state is not None:
            self._resume(state)
        else:
            self._start(source, from_end=from_end, checked=checked)

    def _start(self, source: Source, *, from_end: bool, checked: bool) -> None:
        there = [path for path in source.files if path == STDIN or os.path.lexists(path)]
        chosen = []
        for path in there[-1:] if from_end else there:
            with suppress(OSError):  # gone again, or it cannot be seen yet
                chosen.append(self._next.look(path, from_end=from_end))
        if checked and chosen:
            with suppress(OSError):  # the first read meets it too
                check(chosen[0], self._access)
        if self._path == STDIN:
            return
        self._ledger.ahead = [one for one in chosen if one.size and not one.is_pipe]
        self._next.given = {os.path.basename(one.path): one for one in chosen}
        with suppress(OSError):
            for one in look_once(self._path, self._next.given).files:
                if one.path != self._path and not any(one.is_at(other) for other in chosen):
                    self._pass_over(one)

    def _pass_over(self, one: Known) -> None:
        with suppress(OSError):
            self._ledger.passed.append(passed_over(one))

    def _resume(self, state: dict[str, Any]) -> None:
        self._ledger.resume(state)
        self._is_open = state["open"]
        last = self._ledger.begun[-1] if self._is_open else None
        self._sought = None if last is None or last.is_unread else last
        self.ended = state["ended"]
        self._troubles.losses = list(state["gaps"])
        if self._sought:
            with suppress(OSError):  # the first read meets it too
                self._find(self._sought)  # now, as it may be deleted before the first read

    @property
    def trouble(self) -> str | None:
        """What stands in the way, in one line."""
        return self._troubles.now

    @property
    def unread(self) -> list[str]:
        """What could not be read, and cannot be any more or not now."""
        return self._troubles.unread(self._path)

    @property
    def lag(self) -> int:
        """Stored bytes that are known to be there, and were not read."""
        with suppress(OSError):
            return self._next.lag + (self._handle.lag if self._handle else 0)
        return self._next.lag

    def left(self) -> Unread:
        """What is there by the last look, and was not read."""
        left = self._next.unread(self._known(), self._handle)
        with suppress(OSError):
            if self._handle and self.behind:
                return Unread((*left.begun[:-1], self._handle.lag), left.others)
        return left

    def reads(self, one: Known) -> bool:
        """Whether a file is read by this source, or was. Raises OSError if it moves meanwhile."""
        is_open = self._handle is not None and self._handle.is_at(one)
        return is_open or self._ledger.knows(one, self._known())

    def held_in(self, one: Known) -> list[tuple[Known, bool]]:
        """What was begun and stands in another file, and whether it is there itself too.

        Raises OSError if files move meanwhile.
        """
        begun = (known for known in self._known() if known.position and not known.is_at(one))
        copied = (known for known in begun if known.may_be_copied_to(one))
        return [
            (known, self._next.has(known)) for known in copied if self._ledger.is_in(one, known)
        ]

    def empty(self) -> list[tuple[int, str]]:
        """The files of the set that are empty and were not begun, behind so many that were."""
        return self._next.empty(self._known(), self._handle)

    def state(self) -> dict[str, Any]:
        """Plain values to go on with after a restart, behind the last piece that was read."""
        return {
            **self._ledger.written(self._known()),
            "open": self._is_open,
            "ended": self.ended,
            "gaps": list(self._troubles.losses),
        }

    def names(self) -> tuple[str, ...]:
        """Where each file that was begun can be found now, in order."""
        return tuple(self._next.paths(self._known(), self._handle))

    def close(self) -> None:
        """Close the file that is open; another read would open it again."""
        if self._handle:
            self._reopen(self._handle)

    def read(self, size: int) -> Iterator[Piece]:
        """Read what is there, about `size` bytes at most."""
        self._troubles.fault, self.behind, loss = None, False, self._troubles.loss
        try:
            for piece in self._pieces(size):
                if isinstance(piece, bytes) and self._troubles.loss is loss:
                    self._troubles.loss = None
                yield piece
        except (BlockingIOError, FileNotFoundError):
            self._troubles.moves = True  # it is rotated: the next look sees what became of it
        except OSError as error:
            self._troubles.fault = str(cannot(error.filename or self._path, error, "read"))

    def _pieces(self, left: int) -> Iterator[Piece]:
        if self._reads_gone > _PATIENCE and not os.path.lexists(self._path):
            return
        while not self.ended:
            if self._sought:
                yield from self._seek(self._sought)
                if self._sought:
                    return
            try:
                following = self._following(self._started)
            except RewrittenError:
                self._rewritten()
                continue
            if self._started:
                try:
                    left = yield from self._drain(self._started, left)
                except RewrittenError:
                    self._rewritten()
                    continue
                except SourceError as error:
                    self._started.done = True
                    self._lose(str(error))
                    return
                if left <= 0 and (following or self._started.more):
                    self.behind = True
                    return
            if following is None:
                yield from self._finish()
                return
            count = yield from self._begin(following, left)
            if count is None:
                return
            left -= count

    def _drain(self, handle: Handle, left: int) -> Generator[Piece, None, int]:
        """Read the file to its end, or to that of the `left` bytes; how many are left then."""
        try:
            while left > 0 and (data := self._next_of(handle, left)):
                left -= len(data)
                yield data
        except OSError as error:
            if error.errno == errno.ESTALE:
                self._reopen(handle)
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

    @property
    def _started(self) -> Handle | None:
        """The file that is open, if it is a certain one by what was read of it."""
        return self._handle if self._handle and self._handle.is_started else None

    def _following(self, before: Handle | None) -> Known | None:
        """What is to be begun behind `before`: perhaps the open file, if nothing was read of it.

        What that got before it went away can be read of the open file alone.
        """
        following = self._next.after(before, self._known())
        if self._handle is None or self._handle is before:
            return following
        own = self._handle.seen()
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
            self._pass_over(following)
            if self._handle and self._handle is not self._started:
                self._handle.close()
                self._handle = None
            self._lose(str(error))
            return None
        try:
            yield from self._ended_before(handle)
        except GeneratorExit:
            handle.close()
            raise
        self._ledger.forget(following)
        is_new, self._handle = not self._is_open, handle
        if is_new:
            self._ledger.begun.append(handle.known())
            self._is_open = True
            yield Begin(handle.path)
        else:  # nothing was read of it: this is it
            self._ledger.begun[-1] = handle.known()
        data = handle.taken()
        if data:
            yield data
        return len(data)

    def _taken(self, following: Known, left: int) -> Handle:
        """The file that follows, its first bytes taken, if a second look agrees that it does.

        Raises OSError, and SourceError if it is no log.
        """
        own, before = self._handle, self._started
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
        if self._started and self._started is not handle:
            yield self._end(self._started)
        elif self._handle and self._handle is not handle:
            self._handle.close()
            self._handle = None

    def _end(self, handle: Handle) -> End:
        self._ledger.begun[-1] = handle.known()
        self._handle, self._is_open = None, False
        handle.close()
        return End()

    def _finish(self) -> Iterator[Piece]:
        """End for good after a pipe, or a compressed file that nothing can follow.

        A file that went away is closed once its writer had time to finish: its space on the disk
        is free only then.
        """
        handle = self._handle
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

    def _seek(self, sought: Known) -> Iterator[Piece]:
        """Find the file that was read before; if it is nowhere, go on without it."""
        if self._find(sought):
            return
        if not sought.is_pipe and self._path != STDIN:
            if not (self._is_rewritten or os.path.lexists(self._path)):
                self._troubles.fault = gone(self._path)
                return
            if not sought.done:
                how = "was truncated" if self._is_rewritten else "went away"
                self._troubles.lose(
                    f"{sought.path}: what was written to it after byte {sought.position} and "
                    f"before it {how} may be lost, and so may files that were rotated since: check "
                    "them by themselves, and keep rotated files for longer"
                )
        self._ledger.begun[-1] = sought
        self._sought, self._is_open, self._is_rewritten = None, False, False
        yield End()

    def _find(self, sought: Known) -> bool:
        """Go on in a file that was read before, if it is still there. Raises OSError."""
        handle = None
        if not sought.is_pipe:
            with suppress(SourceError):  # no log: it is another one
                handle = self._next.find(sought, self._ledger.begun[:-1])
        if handle:
            handle.path = sought.path
            self._sought, self._handle, self._is_rewritten = None, handle, False
        return handle is not None

    def _rewritten(self) -> None:
        """Look for the file elsewhere, as it does not hold any more what was read of it."""
        if self._handle:
            self._is_rewritten = True
            self._reopen(self._handle)

    def _reopen(self, handle: Handle) -> None:
        """Find the file again at the next look: by then its handle would be of no use."""
        handle.forget_first()
        known = handle.known()
        self._ledger.begun[-1] = known
        self._sought = None if known.is_unread else known
        self._handle = None
        with suppress(OSError):
            handle.close()

    def _known(self) -> list[Known]:
        """What was begun, each as it was read last."""
        last = self._sought or (self._handle and self._handle.known())
        return [*self._ledger.begun[:-1], last] if last else self._ledger.begun
