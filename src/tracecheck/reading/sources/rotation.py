"""Rotated sets: files of one directory that are one log, oldest first.

The rules are the contract's (section 11). Where it is silent:

- A rotation number has up to six digits; eight digits that are a date are one, after `.` too.
  In a set with numbers and dates the numbered files are the older ones: they stay behind when
  a site changes to dates.
- BASE may itself be compressed, if that is the only BASE given.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from ...errors import UsageError
from .sniffing import without_suffix


def same_set(path: str, other: str) -> bool:
    """Whether two files are of one rotated set, or would be if both were there."""
    try:
        return path in rotated_sets((path, other))
    except UsageError:  # two of one number: of one set
        return True


_ROTATED = re.compile(r"(?P<base>.+)(?:\.(?P<number>[0-9]{1,6})|[.-](?P<date>[0-9]{8}))", re.DOTALL)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A file's place in its set; the smaller is the older. Rank 0: numbers, 1: dates, 2: BASE."""

    rank: int
    place: int = 0

    def __str__(self) -> str:
        return f"number {-self.place}" if self.rank == 0 else f"date {self.place}"


_BASE = Slot(2)


def rotated_sets(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The set that each path belongs to, for those that belong to one; its oldest file first.

    Raises UsageError where two files are of one number or date.
    """
    folders: dict[str, str] = {}
    groups: defaultdict[tuple[str, str], list[tuple[Slot, str]]] = defaultdict(list)
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder or os.curdir)
        base, slot = place_in_set(name)
        groups[folders[folder], base].append((slot, path))
    sets: dict[str, tuple[str, ...]] = {}
    for (_, base), group in groups.items():
        members = sorted(_with_one_base(group, base))
        if len(members) > 1:
            _refuse_doubles(members, base)
            files = tuple(path for _, path in members)
            sets.update(dict.fromkeys(files, files))
    return sets


def place_in_set(name: str) -> tuple[str, Slot]:
    """The base name of the set of a file of this name, and its place in it."""
    stem = without_suffix(name)
    match = _ROTATED.fullmatch(stem)
    if match and match["number"]:
        return match["base"], Slot(0, -int(match["number"]))
    if match and _is_date(match["date"]):
        return match["base"], Slot(1, int(match["date"]))
    return stem, _BASE


def base_of(path: str) -> str:
    """The last file of the rotated set that `path` would be in."""
    folder, name = os.path.split(path)
    base, slot = place_in_set(name)
    is_rotated = slot != _BASE and place_in_set(base) == (base, _BASE)
    return os.path.join(folder, base) if is_rotated else path


def _is_date(digits: str) -> bool:
    try:
        date.fromisoformat(digits)
    except ValueError:
        return False
    return True


def _with_one_base(group: list[tuple[Slot, str]], base: str) -> list[tuple[Slot, str]]:
    """The group with one BASE at most; others (`app.log.gz` beside `app.log`) stand alone."""
    bases = [path for slot, path in group if slot == _BASE]
    if len(bases) > 1:
        bases = [path for path in bases if os.path.basename(path) == base]
    return [(slot, path) for slot, path in group if slot != _BASE or path in bases]


def _refuse_doubles(members: list[tuple[Slot, str]], base: str) -> None:
    for (slot, path), (other_slot, other) in pairwise(members):
        if slot == other_slot:
            raise UsageError(
                f"{path} and {other} are both {slot} of the rotated set {base}; give one of them"
            )
