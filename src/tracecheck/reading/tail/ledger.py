"""What is known of the files of a log, and which of those that are there now they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from ...errors import SourceError
from ..sources.opening import DEFAULT_ACCESS
from .handle import Handle
from .identity import Known
from .looking import holds
from .reopening import take_up

_REMEMBERED = 4096


@dataclass(slots=True)
class Ledger:
    """The files of a log that were seen.

    `begun` were read, in order; the last is out of date while it is open. `passed` are not to be
    read: they were there before it began, or are no logs. `ahead` are to be read yet: they have
    something in them.
    """

    begun: list[Known] = field(default_factory=list)
    passed: list[Known] = field(default_factory=list)
    ahead: list[Known] = field(default_factory=list)
    _held: dict[tuple[Any, ...], bool] = field(default_factory=dict)

    def written(self, begun: Iterable[Known]) -> dict[str, Any]:
        """The same as plain values, with what was begun as it is now."""
        parts = {"begun": begun, "passed": self.passed, "ahead": self.ahead}
        return {name: [asdict(one) for one in files] for name, files in parts.items()}

    def resume(self, values: Mapping[str, Any]) -> None:
        """Go on with what was `written`."""
        self.begun, self.passed, self.ahead = (
            [Known.read(one) for one in values[name]] for name in ("begun", "passed", "ahead")
        )

    def owners(
        self, members: Sequence[Known], begun: Sequence[Known], handle: Handle | None
    ) -> list[Known | None]:
        """Which known file each member is: one of `passed` or `begun`, or None for a new one.

        Each is one member at most. A file that did not change since is itself, wherever it stands
        now. Else what it holds tells, under its inode or in a copy, and the order: one that was
        begun earlier stands before one that was begun later. Raises OSError if they move meanwhile.
        """
        owners: list[Known | None] = [None] * len(members)
        entries = [one for one in (*begun[::-1], *self.passed) if one.position or one.head_size]
        if handle and begun:
            owners = [begun[-1] if handle.is_at(member) else None for member in members]
        for one in entries:
            same = (at for at, member in enumerate(members) if member.signature == one.signature)
            at = next((at for at in same if owners[at] is None), None)
            if at is not None and one not in owners:
                owners[at] = one
        end = len(members)
        for one in entries:
            if one not in owners:
                free = [at for at in range(end) if owners[at] is None and members[at].size]
                is_open = bool(begun) and one is begun[-1]
                found = self._found(one, free[::-1], members, is_open=is_open)
                if found is not None:
                    owners[found] = one
            if one in owners and one in begun:
                end = owners.index(one)
        return owners

    def _found(
        self, one: Known, places: Sequence[int], members: Sequence[Known], *, is_open: bool
    ) -> int | None:
        """At which of the places a file is that changed since: under its inode, or in a copy.

        One that has ended is rather where nothing more than it is.
        """
        same = (at for at in places if one.is_at(members[at]))
        # Not by their times: one that is copied gets that of the original in the end, or not.
        likely = (*same, *(places if one.position else ()))
        found = [at for at in dict.fromkeys(likely) if self.is_in(members[at], one)]
        if not is_open and len(found) > 1:
            found.sort(key=lambda at: not self._is_all(members[at], one))
        return found[0] if found else None

    def _is_all(self, member: Known, known: Known) -> bool:
        """Whether a file holds what was read of another, and no more. Raises OSError if it moves.

        What is compressed and broken holds more, of which nobody knows what it is.
        """
        with suppress(SourceError, PermissionError):
            handle = take_up(member.path, known, DEFAULT_ACCESS, member)
            if handle:
                try:
                    return not handle.content.read(1)
                finally:
                    handle.close()
        return False

    def knows(self, one: Known, begun: Sequence[Known]) -> bool:
        """Whether a file is a known one under its inode. Raises OSError if it moves meanwhile."""
        entries = (*begun, *self.passed, *self.ahead)
        return any(known.is_at(one) and self.is_in(one, known) for known in entries)

    def is_in(self, member: Known, known: Known) -> bool:
        """Whether a file holds what is known of another. Raises OSError if it moves meanwhile."""
        return self._holds(member, known) is True

    def _holds(self, member: Known, known: Known) -> bool | None:
        """The same, or None if nobody knows, as it may not be opened."""
        what = known.origin, known.position, known.checksum, known.head, known.guard
        key = (*member.signature, *known.signature, *what)
        if key not in self._held:
            if len(self._held) >= _REMEMBERED:
                self._held.clear()
            try:
                self._held[key] = holds(member, known)
            except (BlockingIOError, FileNotFoundError):
                raise
            except OSError:
                return None
        return self._held[key]

    def missing(self, members: Sequence[Known], new: Sequence[Known]) -> list[Known]:
        """What was to be read, and is nowhere now: it is no member, nor copied to a new one."""
        return [one for one in self.ahead if not self._is_among(one, members, new)]

    def _is_among(self, one: Known, members: Sequence[Known], new: Sequence[Known]) -> bool:
        same = (member for member in members if one.is_at(member))
        there = any(not one.head_size or self._holds(member, one) is not False for member in same)
        return there or any(self.is_in(member, one) for member in new)

    def forget(self, one: Known) -> None:
        """Do not expect a file any more: it is begun, or is no log."""
        with suppress(ValueError):
            self.ahead.remove(next((a for a in self.ahead if a.is_at(one)), one))
