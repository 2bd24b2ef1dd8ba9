"""Who reads which file: each is read once, by whichever of its names.

A link and its target, two links, or a log that is rotated to the name of another one are a file
that two sources mean. A copy is none: but until the log is truncated of which it is made, and its
reader has seen that, who read both would read it twice.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress

from ...errors import SourceError
from ..sources.discovery import STDIN
from ..sources.opening import DEFAULT_ACCESS
from ..sources.sniffing import without_suffix
from .copying import CopyWatch
from .identity import Known
from .reopening import take_up
from .tail import Tail


class Readers:
    """The tails of all sources, each with the path of the file that grows."""

    def __init__(self) -> None:
        self._tails: list[tuple[str, Tail]] = []
        self._copies: dict[tuple[str, str], CopyWatch] = {}
        self._same: dict[str, tuple[int, ...]] = {}  # copies of what is there no more, as seen

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
        """Whether a file is read, or was, as one of a source. Raises OSError while it moves.

        A copy of one that is there no more is that one, if it holds nothing else.
        """
        if self._same.get(one.path) == one.signature:
            return True
        if any(tail.reads(one) for _, tail in self._tails):
            return True
        held = (held for path, tail in self._beside(one) for held in tail.held_in(one))
        is_same = any(_is_all(known, one) for known, is_there in held if not is_there)
        if is_same:
            self._same[one.path] = one.signature
        return is_same

    def may_be_copy(self, one: Known) -> bool:
        """Whether a file may be a copy of one beside it, to be finished yet. Raises OSError.

        As long as the log has all that the copy has. Then it is truncated, and what was read stands
        in the copy alone until the reader of the log has seen that.
        """
        plain = without_suffix(one.path)
        if plain != one.path and os.path.isfile(plain):
            return True
        beside = list(self._beside(one))
        if any(self._is_part(one, path) for path, _ in beside):
            return True
        held = (held for _, tail in beside for held in tail.held_in(one))
        return any(not is_there for _, is_there in held)

    def _beside(self, one: Known) -> Iterator[tuple[str, Tail]]:
        """The tails of the directory of a file: there its copies are made, and are looked for."""
        folder = _folder_of(one.path)
        return (at for at in self._tails if at[0] != STDIN and _folder_of(at[0]) == folder)

    def _is_part(self, one: Known, path: str) -> bool:
        """Whether the log at a path begins with all that a file holds."""
        with suppress(FileNotFoundError, PermissionError):
            base = Known.of(path, os.stat(path))
            compared = self._copies.pop((one.path, path), None) or CopyWatch()
            if not base.is_pipe and compared.is_part_of(one, base):
                self._copies[one.path, path] = compared
                return True
        return False


def _folder_of(path: str) -> str:
    return os.path.realpath(os.path.dirname(path))


def _is_all(known: Known, one: Known) -> bool:
    """Whether a file holds what was read of another, and nothing more. Raises OSError."""
    with suppress(SourceError):  # more, of which nobody can say what it is
        handle = take_up(one.path, known, DEFAULT_ACCESS, one)
        if handle:
            try:
                return not handle.content.read(1)
            finally:
                handle.close()
    return False
