"""What stands there of a log: which of its files were read, and which were not."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from ..sources.discovery import STDIN
from .copying import CopyWatch
from .handle import Handle
from .identity import Known
from .ledger import Ledger
from .rotated_set import Members, members_of, neighbours_of

Claimed = Callable[[Known], bool]
"""Whether another source reads this file."""


@dataclass(frozen=True, slots=True)
class Unread:
    """Stored bytes that are there and are not read: of each file that was begun, and of others."""

    begun: tuple[int, ...]
    others: tuple[Known, ...]


class Inventory:
    """The files of one log that are there now, beside what is known of them.

    `given` are files by name that count, while they have it, before others of the same place.
    """

    def __init__(self, path: str, ledger: Ledger, claimed: Claimed) -> None:
        self.given: Mapping[str, Known] = {}
        self.claimed = claimed
        self.copies = CopyWatch()
        self._path = path
        self._ledger = ledger

    def members(self) -> Members:
        """The rotated set as it stands. Raises OSError."""
        return Members() if self._path == STDIN else members_of(self._path, self.given)

    def beside(self, files: Sequence[Known]) -> Iterator[Known]:
        """The files beside those of the set."""
        there = {one.path for one in files}
        yield from (one for one in neighbours_of(self._path) if one.path not in there)

    def paths(self, begun: Sequence[Known], handle: Handle | None) -> list[str]:
        """Where each file that was begun can be found now, else the path that is known."""
        if self._path == STDIN:
            return [one.path for one in begun]
        with suppress(OSError):
            files = self.members().files
            places = [*files, *self.beside(files)]
            owners = self._ledger.owners(places, begun, handle)
            return [
                next((at.path for at, owner in zip(places, owners, strict=True) if owner is one),
                     one.path)
                for one in begun
            ]  # fmt: skip
        return [one.path for one in begun]

    def has(self, known: Known) -> bool:
        """Whether a file that was read is there itself, whatever it is called. Raises OSError."""
        files = self.members().files
        same = (one for one in (*files, *self.beside(files)) if one.is_at(known))
        return any(self._ledger.is_in(one, known) for one in same)

    def has_more(self, begun: Sequence[Known]) -> bool:
        """Whether the log is there, or a file of it that is not known. Raises OSError."""
        if os.path.lexists(self._path):
            return True
        files = self.members().files
        owners = self._ledger.owners(files, begun, None)
        return any(one.size and not owner for one, owner in zip(files, owners, strict=True))

    def empty(self, begun: Sequence[Known], handle: Handle | None) -> list[tuple[int, str]]:
        """The files of the set that are empty and were not begun, behind so many that were."""
        found: list[tuple[int, str]] = []
        with suppress(OSError):
            files, before = self.members().files, 0
            for one, owner in zip(files, self._ledger.owners(files, begun, handle), strict=True):
                if owner in begun:
                    before = begun.index(owner) + 1
                elif not (one.size or self._is_passed(one) or self.claimed(one)):
                    found.append((before, one.path))
        return found

    def _is_passed(self, one: Known) -> bool:
        return any(other.is_at(one) for other in self._ledger.passed)

    def unread(self, begun: Sequence[Known], handle: Handle | None) -> Unread:
        """What is there and was not read: what was ahead, and what came too late for its place."""
        grown = [0] * len(begun)
        others = [one for one in self._ledger.ahead if one.size > one.position]
        if self._path != STDIN:
            with suppress(OSError):
                files = self.members().files
                owners = self._ledger.owners(files, begun, handle)
                for at, one in enumerate(begun[:-1]):
                    there = (m for m, owner in zip(files, owners, strict=True) if owner is one)
                    grown[at] = sum(max(0, growth(one, member)) for member in there)
                others = [*self._left_out(files, owners), *others]
        return Unread(tuple(grown), tuple(others))

    def _left_out(self, files: Sequence[Known], owners: Sequence[Known | None]) -> Iterator[Known]:
        """Files that were never read, and that stand before one that was."""
        last = last_owned(owners)
        for at, one in enumerate(files[: max(last, 0)]):
            is_new = owners[at] is None and one.size and not self.claimed(one)
            may_be_made = at == len(files) - 2 and self.copies.is_part_of(one, files[-1])
            if is_new and not may_be_made:
                yield one


def last_owned(owners: Sequence[Known | None]) -> int:
    """The place of the last file that is known; -1 if none is."""
    return max((at for at, owner in enumerate(owners) if owner), default=-1)


def growth(one: Known, member: Known) -> int:
    """How many bytes a file got since it was read to its end; a packed one gets none."""
    is_plain = one.size == one.position
    return member.size - one.size if is_plain and one.is_at(member) else 0
