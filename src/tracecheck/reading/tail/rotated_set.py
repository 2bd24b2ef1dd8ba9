"""The rotated set of a log as it stands in its directory now, oldest first.

While a log is rotated, its files change their names one after the other; what is seen then
belongs to no one moment. So a look counts only if a second one agrees with it.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator

from ...errors import UsageError
from ..sources.rotation import rotated_sets
from ..sources.sniffing import without_suffix
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
    for name in sorted(_names(folder)):
        one = _known(os.path.join(folder, name))
        if one:
            yield one


def _look(path: str) -> tuple[Known, ...]:
    folder, name = os.path.split(path)
    start = without_suffix(name).rstrip("0123456789").rstrip(".-") or name
    beside = {os.path.join(folder, one) for one in _names(folder) if one.startswith(start)}
    ordered = _in_order(path, _one_each(path, beside - {path}))
    found = (_known(one) for one in ordered[: ordered.index(path) + 1])
    return tuple(one for one in found if one)


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder or os.curdir)
    except (FileNotFoundError, NotADirectoryError):
        return []


def _one_each(path: str, beside: Iterable[str]) -> list[str]:
    """Without those that are being compressed: both files are there until that is done."""
    chosen = {without_suffix(path): path}
    for one in sorted(beside, key=len):  # the one without a suffix is the shorter one
        chosen.setdefault(without_suffix(one), one)
    return list(chosen.values())


def _in_order(path: str, paths: list[str]) -> tuple[str, ...]:
    """The set of `path` among `paths`, oldest first."""
    try:
        return rotated_sets(paths).get(path, (path,))
    except UsageError:  # two of one number, such as .1 and .01: the usual name counts
        kept = [path]
        for one in sorted(paths, key=len):
            if one != path and _fits(kept, one):
                kept.append(one)
        return rotated_sets(kept).get(path, (path,))


def _fits(paths: list[str], one: str) -> bool:
    try:
        rotated_sets((*paths, one))
    except UsageError:
        return False
    return True


def _known(path: str) -> Known | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return Known.of(path, status) if stat.S_ISREG(status.st_mode) else None


def _name(one: Known) -> tuple[str, int, int]:
    return one.path, one.device, one.inode
