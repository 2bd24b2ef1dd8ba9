"""Which sources a run that follows has: those given, and those that join it later.

A path is a source though nothing is there yet. A glob, or a directory, is looked at again and
again: what it matches later joins, unless it is a file of a source that is followed already. That
is what rotation brings: another name for a file that was read under its first, or a copy of it.
"""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from fnmatch import fnmatchcase
from typing import Any

from ...errors import SourceError, UsageError
from ..sources.discovery import (
    STDIN,
    GivenPath,
    Source,
    expand,
    grouped,
    is_glob,
    is_log_name,
    log_paths,
    refuse_repeats,
)
from ..sources.opening import DEFAULT_ACCESS
from ..sources.rotation import base_of, same_set, set_order
from .handle import begins_as, look_at
from .identity import GUARD, Known

_REMEMBERED = 8
"""Files that stood at one path, of which a copy or a new name is known."""


class Watch:
    """The sources that some paths mean, now and later."""

    def __init__(self, given: Sequence[str], state: dict[str, Any] | None = None) -> None:
        """Begin, or go on where a `state` was taken: a pattern that is given anew joins."""
        before = state or {"sources": (), "given": (), "patterns": (), "seen": (), "files": {}}
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
        self._files = {
            path: [Known(**one) for one in files] for path, files in before["files"].items()
        }

    def state(self) -> dict[str, Any]:
        """What was found so far, for another run."""
        return {
            "sources": [list(source.files) for source in self._sources],
            "given": list(self._given),
            "patterns": self._patterns,
            "seen": sorted(self._seen),
            "files": {path: [asdict(one) for one in files] for path, files in self._files.items()},
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

    def joined(self) -> tuple[Source, ...]:
        """The sources that are there by now and were not before."""
        self._remember()
        paths = [path for path in dict.fromkeys(self._matches()) if self._is_new(path)]
        try:
            new = self._grouped(paths)
        except UsageError:  # two of one number: one is being compressed
            return ()
        self._follow(new)
        return new

    def _matches(self) -> Iterator[str]:
        for pattern in self._patterns:
            with suppress(OSError):
                if os.path.isdir(pattern):
                    yield from log_paths(pattern)
                else:
                    yield from sorted(glob.glob(pattern))

    def _is_new(self, path: str) -> bool:
        if path in self._seen:
            return False
        try:
            if not stat.S_ISREG(os.stat(path).st_mode):
                return False
            known = look_at(path, DEFAULT_ACCESS, from_end=False)
        except OSError:
            return False
        followed = (source.files[-1] for source in self._sources)
        orders = (set_order(path, one) for one in followed if one != STDIN)
        # A newer one than what grows is a log that joins: no rotation brings it.
        if any(order is not None and order <= 0 for order in orders):
            self._seen.add(path)
            return False
        return not any(_is_same(known, at, files) for at, files in self._files.items())

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
        self._remember()

    def _remember(self) -> None:
        """Look what stands at each path that grows; only of new files is anything read."""
        for source in self._sources:
            path = source.files[-1]
            files = self._files.setdefault(path, [])
            with suppress(OSError):
                now = Known.of(path, os.stat(path))
                last = files[-1] if files else None
                if now.is_pipe or (last and last.is_at(now) and last.ends_as(now)):
                    continue
                now = look_at(path, DEFAULT_ACCESS, from_end=False)
                if last and last.is_at(now) and begins_as(last, path):
                    files.pop()
                files.append(now)
                del files[:-_REMEMBERED]


def _is_same(known: Known, at: str, files: Sequence[Known]) -> bool:
    """Whether a file is one of `files`, which stood at a path one after the other, or a copy."""
    now = None
    with suppress(OSError):
        now = Known.of(at, os.stat(at))
    for one in files:
        stands = one is files[-1] and now is not None and one.is_at(now)
        renamed = one.is_at(known) and (stands or one.head_size > 0)
        copied = not stands and one.head_size >= GUARD and one.may_be_copied_to(known)
        if (renamed or copied) and begins_as(one, known.path):
            return True
    return False


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
