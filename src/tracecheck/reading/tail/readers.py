"""Who reads which file: each is read once, by whichever of its names.

A link and its target, two links, or a log that is rotated to the name of another one are a file
that two sources mean. A copy is none: but until the log is truncated of which it is made, and its
reader has seen that, who read both would read it twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress

from ..sources.discovery import STDIN
from ..sources.sniffing import without_suffix
from .copying import CopyWatch
from .identity import Known
from .tail import Tail


class Readers:
    """The tails of all sources, each with the path of the file that grows."""

    def __init__(self) -> None:
        self._tails: list[tuple[str, Tail]] = []
        self._copies: dict[tuple[str, str], CopyWatch] = {}

    def add(self, path: str, tail: Tail) -> None:
        """One more source, by the number that is next."""
        self._tails.append((path, tail))

    def claimed(self, number: int) -> Callable[[Known], bool]:
        """Whether another source than that of a number reads a file."""

        def claimed(one: Known) -> bool:
            others = (tail for at, (_, tail) in enumerate(self._tails) if at != number)
            return any(tail.reads(one) for tail in others)

        return claimed

    def has_read(self, one: Known) -> bool:
        """Whether a file is read, or was, as one of a source. Raises OSError while it moves."""
        return any(tail.reads(one) for _, tail in self._tails)

    def may_be_copy(self, one: Known) -> bool:
        """Whether a file may be a copy of one beside it, to be finished yet. Raises OSError."""
        packed_from = without_suffix(one.path)
        if packed_from != one.path and os.path.isfile(packed_from):
            return True
        folder = os.path.realpath(os.path.dirname(one.path))
        beside = (
            path
            for path, _ in self._tails
            if path != STDIN and os.path.realpath(os.path.dirname(path)) == folder
        )
        return any(self._is_part(one, path) for path in beside)

    def _is_part(self, one: Known, path: str) -> bool:
        """Whether the log at a path begins with all that a file holds."""
        with suppress(FileNotFoundError, PermissionError):
            base = Known.of(path, os.stat(path))
            compared = self._copies.pop((one.path, path), None) or CopyWatch()
            if not base.is_pipe and compared.is_part_of(one, base):
                self._copies[one.path, path] = compared
                return True
        return False
