"""The rotated set of a log as it stands in its directory now, oldest first.

While a log is rotated, its files change their names one after the other; what is seen then
belongs to no one moment. So a look counts only if its names are the same behind it, and a second
look agrees with it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass

from ..sources.rotation import sets_in
from .identity import Known

_LOOKS = 8


@dataclass(frozen=True, slots=True)
class Members:
    """The regular files of a set, oldest first, and what could not be looked at.

    Each of the `faults` stands before the file of its number in `files`. `moved`: one was listed,
    and had another name by then.
    """

    files: tuple[Known, ...] = ()
    faults: tuple[tuple[int, OSError], ...] = ()
    moved: bool = False

    def are_those(self, before: Members) -> bool:
        """Whether each name has the file that it had; one that shrank is another by now."""
        return len(self.files) == len(before.files) and all(
            one.path == other.path and one.is_at(other) and one.size >= other.size
            for one, other in zip(self.files, before.files, strict=True)
        )

    def stand_as(self, before: Members) -> bool:
        """The same, and no rotated file changed meanwhile: the last one alone may grow."""
        both = zip(self.files[:-1], before.files[:-1], strict=False)
        return self.are_those(before) and all(one.size == other.size for one, other in both)


def members_of(path: str, given: Mapping[str, Known]) -> Members:
    """The files of the rotated set of `path` that are there, up to `path` itself.

    `given` are files by name that count, while they have it, before others of the same place.
    Raises BlockingIOError while they do not stand still, OSError where the directory cannot be
    looked at.
    """
    before = None
    for _ in range(_LOOKS):
        after = look_once(path, given)
        if not after.moved and before and after.are_those(before):
            return after
        before = None if after.moved else after
    raise BlockingIOError(errno.EAGAIN, "is being rotated", path)


def look_once(path: str, given: Mapping[str, Known]) -> Members:
    """The set by the rule of its names, one file for each place, `path` for its own.

    A file that is being compressed has a second one until that is done.
    """
    folder = os.path.dirname(path)
    there = _listed(folder)
    paths = _paths_in(there, path, given)
    files: list[Known] = []
    faults = []
    moved = False
    for one in paths:
        try:
            status = _status_at(one)
        except OSError as error:
            faults.append((len(files), error))
            continue
        moved |= status is None and os.path.basename(one) in there
        if status and stat.S_ISREG(status.st_mode):
            files.append(Known.of(one, status))
    behind = _listed(folder)
    moved |= behind != there and _paths_in(behind, path, given) != paths
    return Members(tuple(files), tuple(faults), moved)


def _paths_in(names: Collection[str], path: str, given: Mapping[str, Known]) -> list[str]:
    """Which of the names of a directory are those of the set, oldest first."""
    folder, name = os.path.split(path)
    places = sets_in({name, *names})  # its own name counts also while nothing is there
    base, last = places[name]
    paths = {last: path}
    asked = {other: given[other].path for other in names if _is_there(given.get(other))}
    # The one without a suffix is the shorter one.
    for other in sorted(names, key=lambda one: (one not in asked, len(one), one)):
        its_base, place = places[other]
        if its_base == base:
            paths.setdefault(place, asked.get(other) or os.path.join(folder, other))
    return [paths[place] for place in sorted(paths) if place <= last]


def neighbours_of(path: str) -> Iterator[Known]:
    """All regular files beside `path` that can be looked at, whatever they are called."""
    folder = os.path.dirname(path)
    for name in sorted(_listed(folder)):
        with suppress(OSError):
            path = os.path.join(folder, name)
            status = os.stat(path)
            if stat.S_ISREG(status.st_mode):
                yield Known.of(path, status)


def _status_at(path: str) -> os.stat_result | None:
    """What is at a path; None if nothing is. Raises OSError, also for a link that leads nowhere."""
    try:
        return os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(path):
            raise
        return None


def _is_there(given: Known | None) -> bool:
    """Whether a file is there as it was given; others may get its name, and even its inode."""
    with suppress(OSError):
        return given is not None and (
            given.signature == Known.of(given.path, os.stat(given.path)).signature
        )
    return False


def _listed(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder or os.curdir))
    except (FileNotFoundError, NotADirectoryError):
        return set()
