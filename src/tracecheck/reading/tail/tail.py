"""The bytes of a log that grows, rotates, is truncated or goes away: in order, none twice.

A file is read to its end before the next one is begun, and what comes next was looked for before
that: what was written to the old file until the new one had its first byte is never left behind.
If there were several rotations since the last look, the rotated set has what came between.

A fault is not raised: it becomes the `trouble`, and the next read tries again.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from ...errors import SourceError
from ..sources.discovery import STDIN, Source, cannot
from ..sources.opening import DEFAULT_ACCESS, Access
from .handle import Handle, check
from .identity import Known
from .regular_file import RewrittenError
from .relocation import locate, paths_of
from .succession import Succession
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
    ) -> None:
        self.behind = False
        self.ended = False
        self._path = source.files[-1]
        self._access = access
        self._troubles = Troubles()
        self._next = Succession(self._path, access, self._troubles)
        self._begun: list[Known] = []  # the last is out of date while its file is open
        self._handle: Handle | None = None
        self._sought: Known | None = None  # the one that began last, to be found and opened again
        self._reads_gone = 0  # reads since the file that is open went away
        if state and (state["begun"] or state["queue"]):
            self._resume(state)
        else:
            self._start(source, from_end=from_end, checked=checked)

    def _start(self, source: Source, *, from_end: bool, checked: bool) -> None:
        there = [path for path in source.files if path == STDIN or os.path.exists(path)]
        for path in there[-1:] if from_end else there:
            with suppress(OSError):  # gone again
                self._next.queue.append(self._next.look(path, from_end=from_end))
        if checked and self._next.queue:
            with suppress(OSError):  # the first read meets it too
                check(self._next.queue[0], self._access)

    def _resume(self, state: dict[str, Any]) -> None:
        self._begun = [Known(**one) for one in state["begun"]]
        self._next.queue = [Known(**one) for one in state["queue"]]
        self._sought = self._begun[-1] if state["open"] else None
        self.ended = state["ended"]
        self._troubles.losses = list(state["gaps"])
        if self._sought:
            with suppress(OSError):  # the first read meets it too
                self._find(self._sought)  # now, as it may be deleted before the first read

    @property
    def trouble(self) -> str | None:
        """What stands in the way, in one line."""
        return self._troubles.fault or self._troubles.wait or self._troubles.loss

    @property
    def unread(self) -> list[str]:
        """What could not be read, and cannot be any more or not now."""
        now = self._troubles.fault or self._troubles.wait
        # One that was read to its end may be gone.
        is_gone = bool(self._begun) and self._path != STDIN and not os.path.exists(self._path)
        return [*self._troubles.losses, *([now] if now and not is_gone else [])]

    @property
    def lag(self) -> int:
        """Stored bytes that are known to be there, and were not read."""
        with suppress(OSError):
            return self._next.lag + (self._handle.lag if self._handle else 0)
        return self._next.lag

    def state(self) -> dict[str, Any]:
        """Plain values to go on with after a restart, behind the last piece that was read."""
        return {
            "begun": [asdict(one) for one in self._known()],
            "queue": [asdict(one) for one in self._next.queue],
            "open": bool(self._handle or self._sought),
            "ended": self.ended,
            "gaps": list(self._troubles.losses),
        }

    def names(self) -> tuple[str, ...]:
        """Where each file that was begun can be found now, in order."""
        return paths_of(self._known(), self._path)

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
            pass  # the set is being rotated: the next look sees what became of it
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
            following = self._next.after(self._handle, self._begun)
            if self._handle:
                try:
                    left = yield from self._drain(self._handle, left)
                except RewrittenError:
                    yield from self._rewritten(self._handle)
                    continue
                except SourceError as error:
                    self._handle.done = True
                    self._lose(str(error))
                    return
                if left <= 0 and self._handle.more:
                    self.behind = True
                    return
            if following is None:
                yield from self._finish()
                return
            if not (yield from self._begin(following)):
                return

    def _drain(self, handle: Handle, left: int) -> Generator[Piece, None, int]:
        """Read the file to its end, or to that of the `left` bytes; how many are left then."""
        try:
            while left > 0 and (data := handle.read(left, self._access)):
                left -= len(data)
                yield data
        except OSError as error:
            if error.errno == errno.ESTALE:
                self._reopen(handle)
            raise
        return left

    def _begin(self, following: Known) -> Generator[Piece, None, bool]:
        """End what was read and begin what follows; False if that is not to be read, or not yet."""
        try:
            handle = locate(following, self._path, self._access)
        except SourceError as error:
            self._next.refuse(following)
            self._lose(str(error))
            return False
        if handle is None:
            if following in self._next.queue and following.size:
                lost = "went away before it was read; what it held is lost"
                self._lose(f"{following.path}: {lost}")
            self._next.begun(following)
            return False
        if self._handle:
            yield self._end(self._handle)
        self._next.begun(following)
        self._begun.append(handle.known())
        self._handle = handle
        yield Begin(handle.path)
        return True

    def _end(self, handle: Handle) -> End:
        self._begun[-1] = handle.known()
        self._handle = None
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

    def _rewritten(self, handle: Handle) -> Iterator[Piece]:
        """Go on in the copy that was made before the file was truncated, or begin it anew."""
        copy = self._next.copy_before(handle)
        if copy:
            self._handle = copy
            handle.close()
        elif self._next.offer_again(handle):
            yield self._end(handle)
        else:
            handle.done = True

    def _lose(self, loss: str) -> None:
        """Leave a file, or the rest of it, unread; the read ends, so that this is seen first."""
        self._troubles.lose(loss)
        self.behind = True

    def _seek(self, sought: Known) -> Iterator[Piece]:
        """Find the file that was read before a restart; if it is gone, go on without it."""
        if self._find(sought):
            return
        if not sought.is_pipe:
            if self._path != STDIN and not os.path.exists(self._path):
                self._troubles.fault = gone(self._path)
                return
            if not sought.done:
                self._troubles.lose(
                    f"{sought.path}: what was written to it after byte {sought.position} and "
                    "before it went away is lost, and files that were rotated since are passed "
                    "over: check them by themselves, and keep rotated files for longer"
                )
        # What a pipe brings now does not belong to what one brought before.
        if not self._next.queue:
            self._next.queue.append(self._next.look(self._path))
        self._sought = None
        yield End()

    def _find(self, sought: Known) -> bool:
        """Go on in a file that was read before, if it is still there. Raises OSError."""
        handle = None
        if not sought.is_pipe:
            with suppress(SourceError):  # no log: it is another one
                handle = locate(sought, self._path, self._access)
        if handle:
            handle.path = sought.path
            self._sought, self._handle = None, handle
        return handle is not None

    def _reopen(self, handle: Handle) -> None:
        """Find the file again at the next look: by then its handle would be of no use."""
        self._sought = handle.known()
        self._handle = None
        with suppress(OSError):
            handle.close()

    def _known(self) -> list[Known]:
        """What was begun, each as it was read last."""
        last = self._sought or (self._handle and self._handle.known())
        return [*self._begun[:-1], last] if last else self._begun
