"""What the paths of a command line mean: files, pipes, directories, globs, rotated sets.

The rules are the contract's (sections 3 and 11). Where it is silent:

- From a directory come its regular files, not the hidden ones. A link to another file that
  the same directory already yields (`current.log`) is left out; elsewhere a file met twice is
  an error. A link that leads nowhere is an error, never skipped.
- A glob that the shell left alone means what the shell would have made of it.
"""

from __future__ import annotations

import errno
import glob
import os
import stat
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import islice

from ...errors import SourceError, UsageError
from ...text.wording import did_you_mean, nearest
from .rotation import rotated_sets
from .sniffing import without_suffix

STDIN = "-"

LOG_NAMES = ("*.log", "*.log.*", "*.log-*", "*.jsonl", "*.ndjson")
"""What a directory is searched for; a compressed file counts by its name without the suffix."""

_NAMES_COMPARED = 2000
_ALIKE = 0.75

_Identity = tuple[int, int]
"""What any two spellings of one file share: its device and inode."""


@dataclass(frozen=True, slots=True)
class Source:
    """One source: a file, standard input (`-`), or a rotated set, its files oldest first."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GivenPath:
    """A path, what the user wrote to mean it, and the identity of its file."""

    path: str
    given: str
    identity: _Identity | None

    def __str__(self) -> str:
        return self.path if self.given == self.path else f"{self.path} (by {self.given})"


def find_sources(paths: Sequence[str]) -> tuple[Source, ...]:
    """Make sources of paths as given: one each, or one of each rotated set among them.

    A set stands where its first-given file stands. Raises SourceError for what is not there or
    is no log, UsageError for a file given twice.
    """
    found = [one for given in paths for one in expand(given)]
    refuse_repeats(found)
    return grouped([one.path for one in found])


def grouped(paths: Sequence[str]) -> tuple[Source, ...]:
    """A source of each path, or of the rotated set it is in. Raises UsageError."""
    sets = rotated_sets(path for path in paths if path != STDIN)
    return tuple(dict.fromkeys(Source(sets.get(path, (path,))) for path in paths))


def cannot(path: str, error: OSError | ValueError, do: str) -> SourceError:
    """Say in one line why `path` cannot be opened, listed or read (`do`), and how to mend it."""
    if isinstance(error, FileNotFoundError):
        return _missing(path)
    if isinstance(error, IsADirectoryError):
        return SourceError(f"{path}: a directory, not a file; name the files in it")
    if isinstance(error, PermissionError):
        mend = "run as a user who may, or change its mode"
        return SourceError(f"{path}: permission denied: it cannot be {do}; {mend}")
    if isinstance(error, NotADirectoryError):
        return SourceError(f"{path}: no such file: a part of this path is no directory")
    if isinstance(error, OSError) and error.errno == errno.EMFILE:
        return SourceError(f"{path}: too many files are open; raise the limit (ulimit -n)")
    reason = error.strerror if isinstance(error, OSError) and error.strerror else error
    return SourceError(f"{path}: it cannot be {do}: {reason}; check the path and its disk")


def name_of(path: str) -> str:
    """What messages call the log at `path`."""
    return "standard input" if path == STDIN else path


def ensure_kind(path: str, status: os.stat_result, fd: int | None = None) -> None:
    """Refuse what is no regular file, pipe, terminal or null device. Raises SourceError.

    Whether a character device is a terminal shows when it is open (`fd`): until then all pass.
    """
    mode = status.st_mode
    if stat.S_ISDIR(mode):
        raise cannot(path, IsADirectoryError(), "opened")
    if not (stat.S_ISREG(mode) or stat.S_ISFIFO(mode) or stat.S_ISCHR(mode)):
        raise SourceError(f"{path}: a socket or a device, not a log; give a file or a pipe")
    is_device = fd is not None and stat.S_ISCHR(mode) and not os.isatty(fd)
    # Others than the null device, such as /dev/zero, have no end.
    if is_device and not os.path.samestat(status, os.stat(os.devnull)):
        raise SourceError(f"{path}: a device, not a log; give a file or a pipe")


def is_glob(given: str) -> bool:
    """Whether it is a pattern that the shell left alone."""
    return glob.has_magic(given) and not os.path.lexists(given)


def _missing(path: str) -> SourceError:
    if os.path.islink(path):
        return SourceError(f"{path}: a link to {os.readlink(path)}, which does not exist")
    folder, name = os.path.split(path)
    if folder and not os.path.isdir(folder):
        return SourceError(f"{path}: no such file: there is no directory {folder}")
    try:
        with os.scandir(folder or os.curdir) as entries:
            names = [entry.name for entry in islice(entries, _NAMES_COMPARED)]
    except OSError:
        names = []
    near = _nearest(name, names)
    if near:
        return SourceError(f"{path}: no such file; {did_you_mean(os.path.join(folder, near))}")
    return SourceError(f"{path}: no such file; give a file, a directory, or - for standard input")


def _nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that is alike, without its suffixes too: any two logs share `.log`."""
    near = nearest(name, sorted(names), among=_NAMES_COMPARED)
    stems = [one.partition(".")[0] for one in (name, near or "")]
    return near if nearest(stems[0], stems[1:], cutoff=_ALIKE) else None


def expand(given: str) -> list[GivenPath]:
    """The files that a path means, in order. Raises SourceError and UsageError."""
    if given == STDIN:
        return [GivenPath(STDIN, STDIN, _stdin_identity())]
    if not given:
        raise UsageError("an empty path was given; is a variable unset?")
    paths = sorted(glob.glob(given)) if is_glob(given) else [given]
    if not paths:
        raise SourceError(f"{given}: no file matches this pattern; check it, or name the files")
    return [one for path in paths for one in _file_or_directory(path, given)]


def _file_or_directory(path: str, given: str) -> list[GivenPath]:
    status = _stat(path)
    if stat.S_ISDIR(status.st_mode):
        return [GivenPath(name, given, identity) for name, identity in _logs_in(path)]
    ensure_kind(path, status)
    return [GivenPath(path, given, _identity(status))]


def _logs_in(folder: str) -> list[tuple[str, _Identity]]:
    """The logs of a directory, in order of name, each with its identity. Raises SourceError."""
    try:
        paths = log_paths(folder)
    except OSError as error:
        raise cannot(folder, error, "listed") from None
    logs = []
    for path in paths:
        status = _stat(path)
        if stat.S_ISREG(status.st_mode):
            logs.append((path, _identity(status)))
    owned = {identity for path, identity in logs if not os.path.islink(path)}
    logs = [(path, one) for path, one in logs if one not in owned or not os.path.islink(path)]
    if not logs:
        raise SourceError(
            f"{folder}: no log files in this directory (looked for {', '.join(LOG_NAMES)}, "
            "compressed or not; its sub-directories are not read); name the files, or give a glob"
        )
    return logs


def log_paths(folder: str) -> list[str]:
    """What is named as a log in a directory, in order of name. Raises OSError."""
    return [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if is_log_name(name)]


def is_log_name(name: str) -> bool:
    """Whether a directory means a file of this name."""
    stems = {name, without_suffix(name)}
    return not name.startswith(".") and any(
        fnmatchcase(stem, pattern) for stem in stems for pattern in LOG_NAMES
    )


def _stat(path: str) -> os.stat_result:
    try:
        return os.stat(path)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise cannot(path, error, "opened") from None


def _identity(status: os.stat_result) -> _Identity:
    return status.st_dev, status.st_ino


def _stdin_identity() -> _Identity | None:
    """The identity of standard input where it is a file or pipe that a path could name too."""
    try:
        status = os.fstat(sys.stdin.fileno())
    except (AttributeError, OSError, ValueError):  # closed, or replaced by something in memory
        return None
    if stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode):
        return _identity(status)
    return None


def refuse_repeats(found: Iterable[GivenPath]) -> None:
    """Refuse a file that is given twice, under whatever names. Raises UsageError."""
    by_path: dict[str, GivenPath] = {}
    by_identity: dict[_Identity, GivenPath] = {}
    for one in found:
        first = by_path.setdefault(one.path, one)
        if first is one and one.identity is not None:
            first = by_identity.setdefault(one.identity, one)
        if first is one:
            continue
        if one.path == STDIN == first.path:
            raise UsageError("standard input (-) is given twice; give it once")
        if str(one) == str(first):
            raise UsageError(f"{one} is given twice; give it once")
        raise UsageError(f"{first} and {one} are the same file; give it once")
