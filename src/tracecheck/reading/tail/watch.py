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
from typing import Any, Self

from ...errors import SourceError, UsageError
from ..sources.discovery import STDIN, Source, find_sources, is_glob, is_log_name
from ..sources.opening import DEFAULT_ACCESS
from ..sources.rotation import rotated_sets, same_set
from ..sources.sniffing import without_suffix
from .handle import begins_as, look_at
from .identity import GUARD, Known

_REMEMBERED = 8
"""Files that stood at one path, of which a copy or a new name is known."""


class Watch:
    """The sources that some paths mean, now and later."""

    def __init__(self, given: Sequence[str], state: dict[str, Any] | None = None) -> None:
        self._given = tuple(given)
        self._patterns = [one for one in given if _is_pattern(one)]
        self._sources: list[Source] = []
        self._seen: set[str] = set()
        self._files: dict[str, list[Known]] = {}
        self._is_started = state is not None
        if state:
            self._sources = [Source(tuple(files)) for files in state["sources"]]
            self._patterns = [one for one in given if _is_pattern(one) or one in state["patterns"]]
            gone = [one for one in state["given"] if one not in given]
            if gone:
                raise UsageError(
                    f"the checkpoint is of {gone[0]} too, which is not given; give it, or start "
                    "over in another --state folder"
                )
            self._seen = set(state["seen"])
            self._files = {
                path: [Known(**one) for one in files] for path, files in state["files"].items()
            }

    @classmethod
    def resumed(cls, given: Sequence[str], state: dict[str, Any]) -> Self:
        """Go on where `state` was taken. A pattern that is given anew joins."""
        return cls(given, state)

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
            present = [one for one in self._given if not _is_to_come(one)]
            find_sources(present)  # complains of repeats, under whatever names
            paths = [path for one in self._given for path in _expand(one)]
            _refuse_repeats(paths)
            self._follow(self._grouped(paths))
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
                    yield from _logs_in(pattern)
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
        if any(same_set(path, one) for one in followed if one != STDIN):
            self._seen.add(path)
            return False
        return not any(_is_same(known, at, files) for at, files in self._files.items())

    def _grouped(self, paths: Sequence[str]) -> tuple[Source, ...]:
        sets = rotated_sets(path for path in paths if path != STDIN)
        sources = dict.fromkeys(sets.get(path, (path,)) for path in paths)
        return tuple(Source(self._with_base(files)) for files in sources)

    def _with_base(self, files: tuple[str, ...]) -> tuple[str, ...]:
        """The set with the file that will grow, if that is only missing by now."""
        if any(path in self._given for path in files):
            return files
        base = _base_of(files[-1])
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
    return os.path.isdir(given) and os.access(given, os.R_OK) and not _logs_in(given)


def _expand(given: str) -> tuple[str, ...]:
    if _is_to_come(given):
        return () if _is_pattern(given) else (given,)
    try:
        return tuple(path for source in find_sources([given]) for path in source.files)
    except SourceError:
        if _is_to_come(given):  # it has just gone
            return _expand(given)
        raise


def _logs_in(folder: str) -> list[str]:
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if is_log_name(name)]


def _may_match(pattern: str, path: str) -> bool:
    """Whether a directory or a glob means this path once something is there."""
    folder, name = os.path.split(path)
    if os.path.isdir(pattern):
        return os.path.normpath(folder) == os.path.normpath(pattern) and is_log_name(name)
    return fnmatchcase(path, pattern)


def _base_of(path: str) -> str:
    """The last file of the rotated set that `path` would be in."""
    folder, name = os.path.split(path)
    stem = without_suffix(name)
    for mark in ".-":
        base = os.path.join(folder, stem.rpartition(mark)[0] or name)
        if base != path and rotated_sets((path, base)).get(path, ())[-1:] == (base,):
            return base
    return path


def _refuse_repeats(paths: Sequence[str]) -> None:
    """Those of what is still to come; `find_sources` sees the others."""
    for path in paths:
        if paths.count(path) > 1:
            raise UsageError(f"{path} is given twice; give it once")
