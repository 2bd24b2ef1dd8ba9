"""Which file of a log is read next, and what stands in the way of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from ...errors import SourceError
from ..sources.discovery import STDIN, cannot
from ..sources.opening import Access
from .copying import CopyWatch
from .handle import Handle, look_at, take_up, take_up_shorter
from .identity import Known
from .ledger import Ledger
from .rotated_set import Members, members_of, neighbours_of
from .troubles import Troubles, gone

Claimed = Callable[[Known], bool]
"""Whether another source reads this file."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Stored bytes that are there and are not read: of each file that was begun, and of others."""

    begun: tuple[int, ...]
    others: tuple[Known, ...]


class Succession:
    """What follows in a rotated set: all that is newer than what was read, oldest first.

    The place of what was read in the set decides, whatever its files are called by now. What
    stands in the way of a look becomes `troubles.wait`.
    """

    def __init__(
        self,
        path: str,
        given: Sequence[str],
        access: Access,
        ledger: Ledger,
        troubles: Troubles,
        claimed: Claimed,
    ) -> None:
        self.path = path
        self.is_gone = False  # neither the file that was read last nor another is there
        self._given: Mapping[str, str] = {os.path.basename(one): one for one in given}
        self._troubles = troubles
        self._access = access
        self._ledger = ledger
        self._claimed = claimed
        self._copies = CopyWatch()
        self._told: Known | None = None  # behind it, files may have gone unread: that was told

    @property
    def lag(self) -> int:
        """Stored bytes of the files that follow, as far as they were seen."""
        return sum(max(0, one.size - one.position) for one in self._ledger.ahead if not one.done)

    def after(self, handle: Handle | None, begun: Sequence[Known]) -> Known | None:
        """What follows what was `begun`, the last of which may be open; None if nothing does yet.

        If nothing was read of that yet, it may be the same file.
        """
        self._troubles.wait = self._troubles.gone = None
        self._troubles.moves = self.is_gone = False
        if self.path == STDIN:
            return None if handle else self.look(STDIN)
        try:
            base = self._base()
            if handle and (handle.is_pipe or _is_newest(handle, base)):
                self._ledger.ahead.clear()
                return None
            return self._in_set(handle, begun, base)
        except (BlockingIOError, FileNotFoundError):  # it is being rotated
            self._troubles.moves = True
            return None
        except OSError as error:  # what is open can be read all the same
            self._troubles.wait = str(cannot(error.filename or self.path, error, "opened"))
            return None

    def look(self, path: str, *, from_end: bool = False) -> Known:
        """What is at `path`, also if it may not be read yet. Raises OSError."""
        try:
            return look_at(path, self._access, from_end=from_end)
        except OSError:
            if path == STDIN:
                raise
            return Known.of(path, os.stat(path))

    def members(self) -> Members:
        """The rotated set as it stands. Raises OSError."""
        return Members() if self.path == STDIN else members_of(self.path, self._given)

    def leads_to(self, handle: Handle) -> bool:
        """Whether the file is at the path of the one that grows."""
        with suppress(OSError):
            return self.path == STDIN or handle.is_at(Known.of(self.path, os.stat(self.path)))
        return False

    def find(self, known: Known) -> Handle | None:
        """Open a file again that was read before, or a copy of it, and go on in it.

        Raises OSError where it cannot be looked for, SourceError where it is no log.
        """
        if self.path == STDIN:
            return take_up(STDIN, known, self._access)
        places = list(self._places())
        for one in places:
            if one.is_at(known) and (handle := take_up(one.path, known, self._access, one)):
                return handle
        copies = [one for one in places if known.may_be_copied_to(one) and one.size]
        for one in copies:
            with suppress(PermissionError, SourceError):  # such as an old one that is broken
                if handle := take_up(one.path, known, self._access, one):
                    return handle
        for one in copies:
            with suppress(PermissionError):
                if not one.is_at(known) and (handle := take_up_shorter(known, one)):
                    return handle
        return None

    def paths(self, begun: Sequence[Known], handle: Handle | None) -> list[str]:
        """Where each file that was begun can be found now, else the path that is known."""
        if self.path == STDIN:
            return [one.path for one in begun]
        with suppress(OSError):
            places = list(self._places())
            owners = self._ledger.owners(places, begun, handle)
            return [
                next((at.path for at, owner in zip(places, owners, strict=True) if owner is one),
                     one.path)
                for one in begun
            ]  # fmt: skip
        return [one.path for one in begun]

    def unread(self, begun: Sequence[Known], handle: Handle | None) -> Unread:
        """What is there and was not read: what was ahead, and what came too late for its place."""
        grown = [0] * len(begun)
        others = [one for one in self._ledger.ahead if one.size > one.position]
        if self.path != STDIN:
            with suppress(OSError):
                files = self.members().files
                owners = self._ledger.owners(files, begun, handle)
                for at, one in enumerate(begun[:-1]):
                    there = (m for m, owner in zip(files, owners, strict=True) if owner is one)
                    grown[at] = sum(max(0, _growth(one, member)) for member in there)
                others = [*self._left_out(files, owners), *others]
        return Unread(tuple(grown), tuple(others))

    def _left_out(self, files: Sequence[Known], owners: Sequence[Known | None]) -> Iterator[Known]:
        """Files that were never read, and that stand before one that was."""
        last = _last_owned(owners)
        for at, one in enumerate(files[: max(last, 0)]):
            is_new = owners[at] is None and one.size and not self._claimed(one)
            if is_new and not self._copies.is_part_of(one, files[-1]):
                yield one

    def _places(self) -> Iterator[Known]:
        """The files of the set, the newest first as it is the likeliest, and all beside it."""
        members = self.members().files
        yield from reversed(members)
        there = {one.path for one in members}
        yield from (one for one in neighbours_of(self.path) if one.path not in there)

    def _base(self) -> Known | None:
        """What is at the path; None if nothing is. Raises OSError where that cannot be seen."""
        try:
            return Known.of(self.path, os.stat(self.path))
        except (FileNotFoundError, NotADirectoryError) as error:
            if not os.path.islink(self.path):
                return None
            raise OSError(error.errno, error.strerror, self.path) from None

    def _in_set(
        self, handle: Handle | None, begun: Sequence[Known], base: Known | None
    ) -> Known | None:
        members = self.members()
        files = members.files
        owners = self._ledger.owners(files, begun, handle if handle and handle.is_started else None)
        last = _last_owned(owners)
        new = [one for one in files[last + 1 :] if one.size and not self._claimed(one)]
        expected = list(self._ledger.ahead)
        for lost in self._ledger.remember(map(self._expected, new), files):
            self._troubles.lose(f"{lost.path}: went away before it was read; what it held is lost")
        self._tell_gap(handle, begun, owners, new, expected)
        first = next((at for at, one in enumerate(files) if new and one is new[0]), len(files))
        for at, error in members.faults:
            if last < at <= first:
                raise error
        if not new:
            return self._none_new(handle, begun, base, owners)
        if new[0] is not files[-1] and self._copies.is_under_way(new[0], files[-1]):
            return None
        return self._ledger.ahead[0]

    def _none_new(
        self,
        handle: Handle | None,
        begun: Sequence[Known],
        base: Known | None,
        owners: Sequence[Known | None],
    ) -> Known | None:
        if base is None:
            if not begun:
                self._troubles.wait = f"{self.path}: no such file yet; waiting for it"
            elif begun[-1] not in owners:
                self.is_gone = True
                self._troubles.gone = gone(self.path)
        elif base.is_pipe:
            if begun and not begun[-1].is_pipe:
                self._troubles.wait = f"{self.path}: is no file any more; waiting for one"
            elif handle is None:
                return base
        elif handle is None and not self._claimed(base):
            owner = self._ledger.owners([base], begun, None)[0]
            if owner is None:
                return base
            if owner.is_at(base) and owner in begun and _growth(owner, base):  # it came back
                return replace(owner, size=base.size, mtime=base.mtime, path=base.path)
        return None

    def _expected(self, one: Known) -> Known:
        """A file that is to be read, with its first bytes: as it was seen before, if it was."""
        before = (a for a in self._ledger.ahead if a.is_at(one) and self._ledger.is_in(one, a))
        seen = next(before, None)
        if seen:
            return replace(seen, path=one.path, size=one.size, mtime=one.mtime)
        now = self.look(one.path)
        if now.is_at(one):
            return now
        raise BlockingIOError  # it moves on

    def _tell_gap(
        self,
        handle: Handle | None,
        begun: Sequence[Known],
        owners: Sequence[Known | None],
        new: Sequence[Known],
        expected: Sequence[Known],
    ) -> None:
        """Tell if nothing shows that the new files come right behind the one that is read."""
        if handle is None or not handle.is_started or begun[-1] in owners:
            return
        rotated = [one for one in new if one.path != self.path]
        known = any(one.is_at(other) for one in rotated for other in expected)
        told = self._told is not None and self._told.is_at(begun[-1])
        if rotated and not known and not told:
            self._told = begun[-1]
            self._troubles.lose(
                f"{self.path}: the file that was read is gone, and so may be others that were "
                f"rotated before {rotated[0].path}: check them by themselves, and keep rotated "
                "files for longer"
            )


def _is_newest(handle: Handle, base: Known | None) -> bool:
    return base is not None and handle.is_started and handle.is_at(base)


def _last_owned(owners: Sequence[Known | None]) -> int:
    return max((at for at, owner in enumerate(owners) if owner), default=-1)


def _growth(one: Known, member: Known) -> int:
    """How many bytes a file got since it was read to its end; a packed one gets none."""
    is_plain = one.size == one.position
    return member.size - one.size if is_plain and one.is_at(member) else 0
