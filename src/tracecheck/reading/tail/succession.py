"""Which file of a log is read next, and what stands in the way of it."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

from ...errors import SourceError
from ..sources.discovery import STDIN, cannot
from ..sources.opening import Access
from .handle import Handle
from .identity import Known
from .inventory import Inventory, growth, last_owned
from .ledger import Ledger
from .looking import look_at
from .regular_file import RewrittenError
from .reopening import take_up, take_up_shorter
from .troubles import Troubles, gone

_COARSE = 50_000_000
"""Nanoseconds within which two changes of a directory may have the same time."""


class Succession:
    """What follows in a rotated set: all that is newer than what was read, oldest first.

    The place of what was read in the set decides, whatever its files are called by now. What
    stands in the way of a look becomes `troubles.wait`.
    """

    def __init__(
        self,
        path: str,
        access: Access,
        ledger: Ledger,
        there: Inventory,
        troubles: Troubles,
    ) -> None:
        self.path = path
        self.is_gone = False  # neither the file that was read last nor another is there
        self._troubles = troubles
        self._access = access
        self._ledger = ledger
        self._there = there
        self._missing: list[Known] = []
        self._folder = 0  # when the directory changed last, as seen by the last look
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
            if handle and (handle.is_pipe or self._is_newest(handle, base)):
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
        except (BlockingIOError, FileNotFoundError):
            raise  # it moves: what is there by now is another
        except OSError:
            if path == STDIN:
                raise
            return Known.of(path, os.stat(path))

    def leads_to(self, handle: Handle) -> bool:
        """Whether the file is at the path of the one that grows."""
        with suppress(OSError):
            return self.path == STDIN or handle.is_at(Known.of(self.path, os.stat(self.path)))
        return False

    def find(self, known: Known, before: Sequence[Known]) -> Handle | None:
        """Open a file again that was read last, or a copy of it, and go on in it.

        `before` is what was begun before it. Raises OSError where it cannot be looked for,
        SourceError where it is no log.
        """
        if self.path == STDIN:
            return take_up(STDIN, known, self._access)
        members = self._there.members()
        files = members.files
        behind = last_owned(self._ledger.owners(files, before, None)) + 1
        there = [*files[behind:], *files[:behind], *self._there.beside(files)]
        same = [one for one in there if one.is_at(known) and self._ledger.is_in(one, known)]
        newer = files[behind:]
        likely = [one for one in there if one in newer or known.may_be_copied_to(one)]
        copies = [one for one in likely if one not in same]
        if same and same[0] in newer:
            copy = self._copy_before(known, same[0], newer)
            same = [*([copy] if copy else []), *same]
        for one in (*same, *copies):
            with suppress(PermissionError, SourceError):  # such as an old one that is broken
                if handle := take_up(one.path, known, self._access, one):
                    return handle
        # A copy that lacks what was written last: of the log alone, as no other file is truncated.
        for one in there if known.path == self.path else ():
            with suppress(PermissionError):
                is_copy = one.path != self.path and not one.is_at(known)
                if is_copy and (handle := take_up_shorter(known, one)):
                    return handle
        if not self._there.members().stand_as(members):  # it may have been copied behind the search
            raise BlockingIOError(errno.EAGAIN, "is being rotated", self.path)
        return None

    def _copy_before(self, known: Known, same: Known, files: Sequence[Known]) -> Known | None:
        """A copy that was made of a file before it was truncated, and begun again in the same way.

        Two hold what was read: the older one goes on with it, unless it may be a copy of the other
        that is being made, right before it.
        """
        place = files.index(same)
        for at, one in enumerate(files[:place]):
            is_copy = one.size and self._ledger.is_in(one, known)
            may_be_made = at == place - 1 and self._there.copies.is_part_of(one, same)
            if is_copy and not may_be_made:
                return one
        return None

    def _ensure_no_copy(
        self, known: Known, files: Sequence[Known], owners: Sequence[Known | None]
    ) -> None:
        """Raise RewrittenError if the file that is open was truncated, and looks as before."""
        if known in owners:
            at = owners.index(known)
            start = last_owned(owners[:at]) + 1
            if self._copy_before(known, files[at], files[start : at + 1]):
                raise RewrittenError

    def _is_newest(self, handle: Handle, base: Known | None) -> bool:
        """Whether what is read is the one that grows, and nothing came beside it."""
        if base is None or not handle.is_started or not handle.is_at(base):
            return False
        changed = os.stat(os.path.dirname(self.path) or os.curdir).st_mtime_ns
        is_same, self._folder = changed == self._folder, changed
        # The clock of a file system is coarse: it may change again at the same time.
        return is_same and time.time_ns() - changed > _COARSE

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
        members = self._there.members()
        files = members.files
        owners = self._ledger.owners(files, begun, handle if handle and handle.is_started else None)
        last = last_owned(owners)
        if handle and handle.is_started:
            self._ensure_no_copy(begun[-1], files, owners)
        new = [one for one in files[last + 1 :] if one.size and not self._there.claimed(one)]
        expected = self._ledger.ahead
        self._tell_missing(files, new)
        # A copy that is being made is not read: the log itself has all of it. It is the newest one.
        is_newest = bool(new) and new[0] in files[-2:-1]
        is_copy = is_newest and self._there.copies.is_under_way(new[0], files[-1])
        copy = new[0] if is_copy else None
        self._ledger.ahead = [self._expected(one) for one in new if one is not copy]
        self._tell_gap(handle, begun, owners, new, expected)
        first = next((at for at, one in enumerate(files) if new and one is new[0]), len(files))
        for at, error in members.faults:
            if last < at <= first:
                raise error
        if not new:
            return self._none_new(handle, begun, base, owners)
        return None if copy else self._ledger.ahead[0]

    def _none_new(
        self,
        handle: Handle | None,
        begun: Sequence[Known],
        base: Known | None,
        owners: Sequence[Known | None],
    ) -> Known | None:
        if base is None:
            if begun and begun[-1] not in owners:
                self.is_gone = True
                self._troubles.gone = gone(self.path)
            elif not (begun or self._there.empty(begun, handle)):  # nothing of the set is there
                self._troubles.wait = f"{self.path}: no such file yet; waiting for it"
        elif base.is_pipe:
            if begun and not begun[-1].is_pipe:
                self._troubles.wait = f"{self.path}: is no file any more; waiting for one"
            elif handle is None:
                return base
        elif handle is None and not self._there.claimed(base):
            owner = self._ledger.owners([base], begun, None)[0]
            if owner is None:
                return base
            if owner.is_at(base) and owner in begun and growth(owner, base):  # it came back
                return replace(owner, size=base.size, mtime=base.mtime, path=base.path)
        return None

    def _tell_missing(self, files: Sequence[Known], new: Sequence[Known]) -> None:
        """Tell what is gone of what was to be read, if two looks agree. Raises BlockingIOError."""
        missing = self._ledger.missing(files, new)
        before, self._missing = self._missing, missing
        if missing and [one.signature for one in missing] != [one.signature for one in before]:
            raise BlockingIOError(errno.EAGAIN, "is being rotated", self.path)
        for one in missing:
            self._troubles.lose(f"{one.path}: went away before it was read; what it held is lost")

    def _expected(self, one: Known) -> Known:
        """A file that is to be read, with its first bytes: as it was seen before, if it was."""
        seen = next((a for a in self._ledger.ahead if a.is_at(one)), None)
        if seen and (seen.signature == one.signature or seen.position):
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
