"""Where a file is now that was known under a path: renamed, copied, compressed, or gone."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ...errors import SourceError
from ..sources.discovery import STDIN
from ..sources.opening import Access
from .handle import Handle, begins_as, take_up
from .identity import Known
from .rotated_set import members_of, neighbours_of


def locate(known: Known, base: str, access: Access) -> Handle | None:
    """Open the file again and go on in it; `base` is the log whose rotated set it is in.

    Raises OSError where it is seen and cannot be opened, SourceError where it is no log.
    """
    if base == STDIN:
        return take_up(base, known, access)
    members = members_of(base)
    for one in _under_its_inode(known, base, members):
        with suppress(FileNotFoundError):  # it moves on: the next look finds it
            handle = take_up(one.path, known, access)
            if handle:
                return handle
    return copy_of(known, members, access)


def copy_of(known: Known, members: Iterable[Known], access: Access) -> Handle | None:
    """Go on in another file that begins as this one did, and has what was read last of it."""
    for one in _may_be_copies(known, members):
        with suppress(OSError, SourceError):  # such as an old one that may not be read
            handle = take_up(one.path, known, access)
            if handle:
                return handle
    return None


def paths_of(files: Iterable[Known], base: str) -> tuple[str, ...]:
    """The path at which each of the files can be found now, else the one that is known."""
    if base == STDIN:
        return tuple(known.path for known in files)
    members: tuple[Known, ...] = ()
    with suppress(OSError):
        members = members_of(base)
    return tuple(_path_of(known, base, members) for known in files)


def _path_of(known: Known, base: str, members: tuple[Known, ...]) -> str:
    with suppress(OSError):
        for one in _under_its_inode(known, base, members):
            if begins_as(known, one.path):
                return one.path
    copies = (one.path for one in _may_be_copies(known, members) if begins_as(known, one.path))
    return next(copies, known.path)


def _under_its_inode(known: Known, base: str, members: Iterable[Known]) -> Iterator[Known]:
    with suppress(FileNotFoundError, NotADirectoryError):
        at_path = Known.of(known.path, os.stat(known.path))
        if at_path.is_at(known):
            yield at_path
    yield from (one for one in members if one.is_at(known))
    with suppress(OSError):
        yield from (one for one in neighbours_of(base) if one.is_at(known))


def _may_be_copies(known: Known, members: Iterable[Known]) -> list[Known]:
    """The likelier first: a copy was made, or kept its time, soon after the last line."""
    copies = (one for one in members if known.may_be_copied_to(one) and not one.is_at(known))
    return sorted(copies, key=lambda one: one.mtime)
