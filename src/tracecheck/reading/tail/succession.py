"""Which file of a source is read next, and what stands in the way of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress

from ..sources.discovery import STDIN, cannot
from ..sources.opening import Access
from .handle import Handle, begins_as, look_at
from .identity import Known
from .relocation import copy_of
from .rotated_set import members_of
from .troubles import Troubles, gone


class Succession:
    """The files of a source that are to be read yet.

    First come those in `queue`, which were seen already. Then what is newer in the rotated set
    than the file that was read last, and at its end the one at `path`, which grows. What stands
    in the way of a look becomes `troubles.wait`.
    """

    def __init__(self, path: str, access: Access, troubles: Troubles) -> None:
        self.path = path
        self.queue: list[Known] = []
        self.is_gone = False  # neither the file that was read last nor another is there
        self._troubles = troubles
        self._access = access
        self._ahead = 0
        self._refused: list[Known] = []
        self._copy: Known | None = None  # of the file that is read, which itself is not in the set

    @property
    def lag(self) -> int:
        """Stored bytes of the files that follow, as far as they were seen."""
        queued = (one for one in self.queue if not one.done)
        return self._ahead + sum(max(0, one.size - one.position) for one in queued)

    def after(self, handle: Handle | None, begun: Sequence[Known]) -> Known | None:
        """What follows `handle`, or else the last that was begun; None if nothing does yet."""
        self._troubles.wait = None
        self.is_gone = False
        self._ahead = 0
        if self.queue:
            return self.queue[0]
        if self.path == STDIN:
            return None if handle else self.look(STDIN)
        try:
            base = self._base()
            if handle and (handle.is_pipe or (base and handle.is_at(base))):
                return None
            if begun:
                return self._in_set(handle, begun, base)
        except BlockingIOError:  # it is being rotated
            return None
        except OSError as error:  # what is open can be read all the same
            self._troubles.wait = str(cannot(self.path, error, "opened"))
            return None
        if base is None:
            self._troubles.wait = f"{self.path}: no such file yet; waiting for it"
        return self._first([base] if base else [])

    def look(self, path: str, *, from_end: bool = False) -> Known:
        """What is at `path`, also if it may not be read yet. Raises OSError."""
        try:
            return look_at(path, self._access, from_end=from_end)
        except OSError:
            if path == STDIN:
                raise
            return Known.of(path, os.stat(path))

    def leads_to(self, handle: Handle) -> bool:
        """Whether the file is at the path of the one that grows."""
        with suppress(OSError):
            return self.path == STDIN or handle.is_at(Known.of(self.path, os.stat(self.path)))
        return False

    def copy_before(self, handle: Handle) -> Handle | None:
        """Go on in the copy that was made before the file was truncated. Raises OSError."""
        copy = copy_of(handle.known(), self._members(), self._access)
        if copy:
            copy.path = handle.path
        return copy

    def offer_again(self, handle: Handle) -> bool:
        """Offer a file that was truncated anew, if it is still there. Raises OSError."""
        there = [self.look(self.path)] if self.leads_to(handle) else self._members()
        anew = next((one for one in there if handle.is_at(one)), None)
        if anew:
            self.queue.insert(0, self.look(anew.path))
        return anew is not None

    def _members(self) -> tuple[Known, ...]:
        return () if self.path == STDIN else members_of(self.path)

    def begun(self, one: Known) -> None:
        """Do not offer it any more: it is read."""
        self._copy = None
        if one in self.queue:
            self.queue.remove(one)
        else:
            self._ahead -= one.size

    def refuse(self, one: Known) -> None:
        """Do not offer it any more, as long as it is the same: it is no log."""
        self.begun(one)
        with suppress(OSError):
            self._refused.append(self.look(one.path))

    def _base(self) -> Known | None:
        try:
            return Known.of(self.path, os.stat(self.path))
        except (FileNotFoundError, NotADirectoryError):
            return None

    def _in_set(
        self, handle: Handle | None, begun: Sequence[Known], base: Known | None
    ) -> Known | None:
        members = members_of(self.path)
        last = begun[-1]
        at = next((at for at, one in enumerate(members) if _is(handle, last, one)), None)
        if at is None:
            at = self._place_of_copy(handle.known() if handle else last, members)
        if at is not None:
            newer = members[at + 1 :]
            return self._first(one for one in newer if not self._was_read(one, begun))
        if base is None:
            self.is_gone = True
            self._troubles.wait = gone(self.path)
        elif base.is_pipe:
            self._troubles.wait = f"{self.path}: is no file any more; waiting for one"
        return self._first(one for one in members if one.path == self.path)

    def _place_of_copy(self, known: Known, members: tuple[Known, ...]) -> int | None:
        """Where a copy stands of what was read; found once, as one may have to be inflated."""
        if self._copy not in members:
            self._copy = None
            found = copy_of(known, members, self._access)
            if found:
                self._copy = next((one for one in members if found.is_at(one)), None)
                found.close()
        return members.index(self._copy) if self._copy else None

    def _first(self, candidates: Iterable[Known]) -> Known | None:
        """The first one in which there is something, and which was not refused."""
        filled = [one for one in candidates if one.size or one.is_pipe]
        ahead = [one for one in filled if not self._is_refused(one)]
        self._ahead = sum(one.size for one in ahead)
        return next(iter(ahead), None)

    def _was_read(self, one: Known, begun: Iterable[Known]) -> bool:
        """Whether it was read to its end before, and someone only gave it another name."""
        read = (one.is_at(known) and one.ends_as(known) for known in begun)
        return one.path != self.path and any(read)

    def _is_refused(self, one: Known) -> bool:
        return any(
            one.is_at(refused) and (one.is_pipe or begins_as(refused, one.path))
            for refused in self._refused
        )


def _is(handle: Handle | None, last: Known, one: Known) -> bool:
    """Whether `one` is what was read last; an inode alone may have been reused if it is closed."""
    if handle:
        return handle.is_at(one)
    return one.is_at(last) and begins_as(last, one.path)
