"""The rotated set of a log as it stands in its directory now, oldest first.

While a log is rotated, its files change their names one after the other; what is seen then
belongs to no one moment. So a look counts only if a second one agrees with it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress

from ..sources.rotation import sets_in
from .identity import Known

_LOOKS = 8


def members_of(path: str) -> tuple[Known, ...]:
    """The files of the rotated set of `path` that are there, up to `path` itself.

    Raises BlockingIOError while they do not stand still, OSError where they cannot be looked at.
    """
    before = _look(path)
    for _ in range(_LOOKS):
        after = _look(path)
        if [_name(one) for one in after] == [_name(one) for one in before]:
            return after
        before = after
    raise BlockingIOError(errno.EAGAIN, "is being rotated", path)


def neighbours_of(path: str) -> Iterator[Known]:
    """All regular files beside `path`, whatever they are called."""
    folder = os.path.dirname(path)
    return _regular(os.path.join(folder, name) for name in sorted(_names(folder)))


def _look(path: str) -> tuple[Known, ...]:
    """The set by the rule of its names, one file for each place, `path` for its own.

    A file that is being compressed has a second one until that is done.
    """
    folder, name = os.path.split(path)
    there = _names(folder)
    places = sets_in({name, *there})  # its own name counts also while nothing is there
    base, last = places[name]
    paths = {last: path}
    for other in sorted(there, key=len):  # the one without a suffix is the shorter one
        its_base, place = places[other]
        if its_base == base:
            paths.setdefault(place, os.path.join(folder, other))
    return tuple(_regular(paths[place] for place in sorted(paths) if place <= last))


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder or os.curdir)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _regular(paths: Iterable[str]) -> Iterator[Known]:
    """The regular files among `paths`, as they are now."""
    for path in paths:
        with suppress(OSError):
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode):
                yield Known.of(path, status)


def _name(one: Known) -> tuple[str, int, int]:
    return one.path, one.device, one.inode
