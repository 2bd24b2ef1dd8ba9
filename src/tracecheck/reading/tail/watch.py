"""Which sources a run that follows has: those given, and those that join it later.

A path is a source though nothing is there yet. A glob, or a directory, is looked at again and
again: what it matches later joins, unless it is a file of a source that is followed already. That
is what rotation brings: another name for a file that was read under its first, or a copy of it.
Who reads the files knows which these are.

What cannot be looked at is a trouble for as long as that is so: nobody knows what it holds.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ...errors import SourceError, UsageError
from ..sources.discovery import (
    STDIN,
    GivenPath,
    Source,
    cannot,
    expand,
    grouped,
    is_glob,
    is_log_name,
    log_paths,
    refuse_repeats,
)
from ..sources.rotation import base_of, same_set, set_order
from .identity import Known
from .readers import Readers

_PATIENCE = 4
"""Looks after which what does not change, and may be a copy of another log, counts as a log."""

_LONGEST = 200
"""Looks after which it counts as one though it still changes."""


@dataclass(slots=True)
class _Held:
    """A file that is held back, as it was seen first so; `looks` of all, `same` since a change."""

    seen: Known
    looks: int = 0
    same: int = 0

    def goes_on(self, now: Known) -> bool:
        """Take note of one more look; whether it is to be held back still."""
        if now.signature != self.seen.signature:
            self.seen, self.same = now, 0
        self.looks, self.same = self.looks + 1, self.same + 1
        return self.same <= _PATIENCE and self.looks <= _LONGEST


class Watch:
    """The sources that some paths mean, now and later."""

    def __init__(self, given: Sequence[str], state: dict[str, Any] | None = None) -> None:
        """Begin, or go on where a `state` was taken: a pattern that is given anew joins."""
        before = state or {"sources": (), "given": (), "patterns": (), "seen": ()}
        gone = [one for one in before["given"] if one not in given]
        if gone:
            raise UsageError(
                f"the checkpoint is of {gone[0]} too, which is not given; give it, or start "
                "over in another --state folder"
            )
        self._given = tuple(given)
        self._is_started = state is not None
        self._patterns = [one for one in given if _is_pattern(one) or one in before["patterns"]]
        self._sources = [Source(tuple(files)) for files in before["sources"]]
        self._seen = set(before["seen"])
        self._held: dict[str, _Held] = {}
        self._faults: dict[str, str] = {}

    def state(self) -> dict[str, Any]:
        """What was found so far, for another run."""
        return {
            "sources": [list(source.files) for source in self._sources],
            "given": list(self._given),
            "patterns": self._patterns,
            "seen": sorted(self._seen),
        }

    def sources(self) -> tuple[Source, ...]:
        """The sources to start with; after a restart, those of the run before.

        Raises SourceError and UsageError as `find_sources` does, but not for what may still come.
        """
        if not self._is_started:
            self._is_started = True
            found = [one for given in self._given for one in _expand(given)]
            refuse_repeats(found)
            self._follow(self._grouped([one.path for one in found]))
        plain = (one for one in self._given if one not in {*self._patterns, *self._seen})
        for one in list(plain):  # given since the run before
            known = next((s for s in self._sources if same_set(one, s.files[-1])), None)
            if known:
                raise UsageError(
                    f"{one} is of the rotated set of {known.files[-1]}, which is followed already; "
                    "leave it out"
                )
            self._follow([Source((one,))])
        return tuple(self._sources)

    @property
    def may_grow(self) -> bool:
        """Whether more sources may join."""
        return bool(self._patterns)

    @property
    def troubles(self) -> dict[str, str]:
        """What could not be looked at last, by path, each in a line for a person."""
        return dict(self._faults)

    def joined(self, readers: Readers, *, last: bool = False) -> tuple[Source, ...]:
        """The sources that are there by now and were not before.

        What may be a copy of what is read is held back for some looks; at the `last` nothing is.
        """
        self._faults = {}
        found = [one.path for one in self._new() if self._joins(one, readers, last=last)]
        new = self._grouped([path for path in found if self._is_one_of_its_place(path, found)])
        self._follow(new)
        return new

    def _is_one_of_its_place(self, path: str, found: Sequence[str]) -> bool:
        """Whether no two of the set of a path are of one number or date."""
        try:
            grouped([one for one in found if one == path or same_set(one, path)])
        except UsageError as error:
            self._faults[path] = str(error)
            return False
        return True

    def _new(self) -> Iterator[Known]:
        """The files that match and were not found before; of one file one name."""
        matches = list(dict.fromkeys(self._matches()))
        found = [one for path in matches if (one := self._found(path))]
        links = {one.path for one in found if os.path.islink(one.path)}
        others = (path for path in matches if path not in links) if links else ()
        owned = {(status.st_dev, status.st_ino) for path in others if (status := _status(path))}
        taken: set[tuple[int, int]] = set()
        for one in found:
            identity = one.device, one.inode
            if identity not in taken and (one.path not in links or identity not in owned):
                taken.add(identity)
                yield one

    def _matches(self) -> Iterator[str]:
        for pattern in self._patterns:
            folder = pattern
            try:
                if not is_glob(pattern):
                    yield from log_paths(pattern)
                    continue
                while glob.has_magic(folder):
                    folder = os.path.dirname(folder)
                os.scandir(folder or os.curdir).close()  # as glob says nothing of it
                yield from sorted(glob.glob(pattern))
            except OSError as error:
                if not _is_gone(folder, error):
                    self._faults[folder] = str(cannot(folder, error, "listed"))

    def _found(self, path: str) -> Known | None:
        """The file at a path, if it may be new."""
        if path in self._seen:
            return None
        try:
            status = os.stat(path)
        except OSError as error:
            if not _is_gone(path, error):
                self._faults[path] = str(cannot(path, error, "opened"))
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        followed = (source.files[-1] for source in self._sources)
        orders = (set_order(path, one) for one in followed if one != STDIN)
        # A newer one than what grows is a log that joins: no rotation brings it.
        if any(order is not None and order <= 0 for order in orders):
            self._seen.add(path)
            return None
        return Known.of(path, status)

    def _joins(self, one: Known, readers: Readers, *, last: bool) -> bool:
        """Whether it is to be read as a log of its own now."""
        try:
            if readers.has_read(one):
                self._held.pop(one.path, None)
                return False
            if last or not readers.may_be_copy(one):
                return True
        except OSError:  # it is being rotated; at the end a reader asks again
            return last
        return not self._held.setdefault(one.path, _Held(one)).goes_on(one)

    def _grouped(self, paths: Sequence[str]) -> tuple[Source, ...]:
        return tuple(Source(self._with_base(source.files)) for source in grouped(paths))

    def _with_base(self, files: tuple[str, ...]) -> tuple[str, ...]:
        """The set with the file that will grow, if that is only missing by now."""
        if any(path in self._given for path in files):
            return files
        base = base_of(files[-1])
        is_meant = any(_may_match(pattern, base) for pattern in self._patterns)
        return (*files, base) if base != files[-1] and is_meant else files

    def _follow(self, sources: Iterable[Source]) -> None:
        for source in sources:
            self._sources.append(source)
            self._seen.update(source.files)
            for path in source.files:
                self._held.pop(path, None)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except OSError:
        return None


def _is_gone(path: str, error: OSError) -> bool:
    """Whether nothing is at a path that could not be looked at."""
    is_missing = isinstance(error, FileNotFoundError | NotADirectoryError)
    return is_missing and not os.path.islink(path)


def _is_pattern(given: str) -> bool:
    """Whether it may mean more files later: a glob that the shell left alone, or a directory."""
    return given != STDIN and (is_glob(given) or os.path.isdir(given))


def _is_to_come(given: str) -> bool:
    """Whether nothing is there yet that it means, and something may still come."""
    if given in {"", STDIN}:
        return False
    if is_glob(given):
        return not glob.glob(given)
    try:
        os.stat(given)
    except FileNotFoundError:
        return True
    except (OSError, ValueError):
        return False
    return os.path.isdir(given) and os.access(given, os.R_OK) and not log_paths(given)


def _expand(given: str) -> list[GivenPath]:
    """What a path means now; the path of a file that is to come means itself."""
    if _is_to_come(given):
        return [] if _is_pattern(given) else [GivenPath(given, given, None)]
    try:
        return expand(given)
    except SourceError:
        if _is_to_come(given):  # it has just gone
            return _expand(given)
        raise


def _may_match(pattern: str, path: str) -> bool:
    """Whether a directory or a glob means this path once something is there."""
    folder, name = os.path.split(path)
    if os.path.isdir(pattern):
        return os.path.normpath(folder) == os.path.normpath(pattern) and is_log_name(name)
    return fnmatchcase(path, pattern)
