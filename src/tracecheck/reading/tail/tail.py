"""The bytes of a log that grows, rotates, is truncated or goes away: in order, none twice.

A file is read to its end before the next one is begun, and what comes next was looked for before
that: what was written to the old file until the new one had its first byte is never left behind.
If there were several rotations since the last look, the rotated set has what came between.

A fault is not raised: it becomes the `trouble`, and the next read tries again.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from ..sources.discovery import STDIN, Source, cannot
from ..sources.opening import DEFAULT_ACCESS, Access
from .current import Current
from .identity import Known
from .inventory import Claimed, Inventory, Unread
from .ledger import Ledger
from .pieces import Piece
from .reopening import check
from .rotated_set import look_once
from .sequential_reader import SequentialReader
from .succession import Succession
from .troubles import Troubles

_FIRST_LOOKS = 8
"""Looks at a file at the start, until it does not move."""


class Tail:
    """One source while it grows.

    It goes on where a `state` was taken, whatever became of the files since.
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
        self._path = source.files[-1]
        self._access = access
        self._troubles = Troubles()
        self._ledger = Ledger()
        self._there = Inventory(self._path, self._ledger, claimed)
        self._next = Succession(self._path, access, self._ledger, self._there, self._troubles)
        self._current = Current(self._ledger, self._next)
        self._reader = SequentialReader(
            self._current, self._next, self._there, self._ledger, self._troubles, access
        )
        if state is not None:
            self._resume(state)
        else:
            self._start(source, from_end=from_end, checked=checked)

    def _start(self, source: Source, *, from_end: bool, checked: bool) -> None:
        there = [path for path in source.files if path == STDIN or os.path.lexists(path)]
        asked = there[-1:] if from_end else there
        looks = (self._first_look(path, from_end=from_end) for path in asked)
        chosen = [one for one in looks if one]
        if checked and chosen:
            with suppress(OSError):  # the first read meets it too
                check(chosen[0], self._access)
        if self._path == STDIN:
            return
        self._ledger.ahead = [one for one in chosen if one.size and not one.is_pipe]
        self._there.given = {os.path.basename(one.path): one for one in chosen}
        with suppress(OSError):
            for one in look_once(self._path, self._there.given).files:
                if one.path != self._path and not any(one.is_at(other) for other in chosen):
                    self._reader.pass_over(one)

    def _first_look(self, path: str, *, from_end: bool) -> Known | None:
        """What is at a path; None if it is gone again, or cannot be seen yet."""
        for _ in range(_FIRST_LOOKS):
            try:
                return self._next.look(path, from_end=from_end)
            except (BlockingIOError, FileNotFoundError):  # it moves
                continue
            except OSError:
                break
        return None

    def _resume(self, state: dict[str, Any]) -> None:
        self._ledger.resume(state)
        self._current.resume(is_open=state["open"])
        self._reader.ended = state["ended"]
        self._troubles.losses = list(state["gaps"])
        if self._current.sought:
            with suppress(OSError):  # the first read meets it too
                # Now, as it may be deleted before the first read.
                self._current.find(self._current.sought)

    @property
    def behind(self) -> bool:
        """Whether there was more to read when `read` stopped last."""
        return self._reader.behind

    @property
    def ended(self) -> bool:
        """Whether nothing will ever follow."""
        return self._reader.ended

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
            return self._next.lag + self._current.lag
        return self._next.lag

    def left(self) -> Unread:
        """What is there by the last look, and was not read."""
        left = self._there.unread(self._current.known(), self._current.handle)
        with suppress(OSError):
            if self._current.handle and self.behind:
                return Unread((*left.begun[:-1], self._current.lag), left.others)
        return left

    def reads(self, one: Known) -> bool:
        """Whether a file is read by this source, or was. Raises OSError if it moves meanwhile."""
        handle = self._current.handle
        is_open = handle is not None and handle.is_at(one)
        return is_open or self._ledger.knows(one, self._current.known())

    def held_in(self, one: Known) -> list[tuple[Known, bool]]:
        """What was begun and stands in another file, and whether it is there itself too.

        Raises OSError if files move meanwhile.
        """
        begun = (known for known in self._current.known() if known.position)
        copied = (k for k in begun if not k.is_at(one) and k.may_be_copied_to(one))
        return [
            (known, self._there.has(known)) for known in copied if self._ledger.is_in(one, known)
        ]

    def empty(self) -> list[tuple[int, str]]:
        """The files of the set that are empty and were not begun, behind so many that were."""
        return self._there.empty(self._current.known(), self._current.handle)

    def state(self) -> dict[str, Any]:
        """Plain values to go on with after a restart, behind the last piece that was read."""
        return {
            **self._ledger.written(self._current.known()),
            "open": self._current.is_open,
            "ended": self.ended,
            "gaps": list(self._troubles.losses),
        }

    def names(self) -> tuple[str, ...]:
        """Where each file that was begun can be found now, in order."""
        return tuple(self._there.paths(self._current.known(), self._current.handle))

    def close(self) -> None:
        """Close the file that is open; another read would open it again."""
        self._current.reopen()

    def read(self, size: int) -> Iterator[Piece]:
        """Read what is there, about `size` bytes at most."""
        self._troubles.fault, loss = None, self._troubles.loss
        try:
            for piece in self._reader.pieces(size):
                if isinstance(piece, bytes) and self._troubles.loss is loss:
                    self._troubles.loss = None
                yield piece
        except (BlockingIOError, FileNotFoundError):
            self._troubles.moves = True  # it is rotated: the next look sees what became of it
        except OSError as error:
            self._troubles.fault = str(cannot(error.filename or self._path, error, "read"))
