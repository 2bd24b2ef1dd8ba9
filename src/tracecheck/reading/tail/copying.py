"""Copies that are being made of a log that is to be truncated then (`copytruncate`).

Until it is truncated, the log and its copy hold the same: who read both would read it twice.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable

from ..sources.decompression import PIECE
from .identity import Known, read_at

_PATIENCE = 200
"""Looks after which a copy that does not change, beside a log that is not truncated, counts."""


class CopyWatch:
    """Tells copies that are under way from files that only look alike."""

    def __init__(self) -> None:
        self._copy: Known | None = None
        self._looks = 0
        self._same: tuple[object, ...] = ()

    def is_under_way(self, one: Known, base: Known) -> bool:
        """Whether a file may be a copy of the log that is not truncated yet. Raises OSError.

        A log that is never truncated has files beside it that begin as it does: after some
        looks at one that stays as it is, it is a file of its own.
        """
        if not self.is_part_of(one, base):
            return False
        if self._copy is None or self._copy.signature != one.signature:
            self._copy, self._looks = one, 0
        self._looks += 1
        return self._looks <= _PATIENCE

    def is_part_of(self, one: Known, base: Known) -> bool:
        """Whether a log begins with all that a file holds. Raises OSError."""
        if one.is_at(base) or one.size > base.size:
            return False
        both = (*one.signature, base.device, base.inode)
        # What was compared once can only be different now at both ends.
        starts = (0, max(0, one.size - PIECE)) if self._same == both else range(0, one.size, PIECE)
        self._same = ()
        if not _are_same(one, base, starts):
            return False
        self._same = both
        return True


def _are_same(one: Known, other: Known, starts: Iterable[int]) -> bool:
    """Whether two files hold the same in a piece behind each of the `starts`."""
    with open(one.path, "rb", buffering=0) as first, open(other.path, "rb", buffering=0) as second:
        for file, seen in ((first, one), (second, other)):
            if not seen.is_at(Known.of(seen.path, os.fstat(file.fileno()))):
                raise BlockingIOError(errno.EAGAIN, "is being rotated", seen.path)
        for start in starts:
            size = min(PIECE, one.size - start)
            data = read_at(first.fileno(), size, start)
            if len(data) < size or data != read_at(second.fileno(), size, start):
                return False
    return True
