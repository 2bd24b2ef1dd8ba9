"""Rotated sets: files of one directory that are one log, oldest first.

The rules are the contract's (section 11). Where it is silent:

- A rotation number has up to six digits, and before a suffix up to three: more are a port, or the
  number of a process. Ten digits that are a day and an hour are that; else they are an epoch.
- Before a suffix a date may also stand behind `__` (pm2), and milliseconds behind it (lumberjack).
- In a set with numbers and dates the numbered files are the older ones: they stay behind when
  a site changes to dates. A day is older than what names an hour of it.
- A set is named in one way: where it has files named `BASE.N`, `app.1.log` is a log of its own.
- BASE may itself be compressed, if that is the only BASE given.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import pairwise

from ...errors import UsageError
from .sniffing import without_suffix

_DATE = (
    r"(?P<year>19[7-9][0-9]|20[0-9]{2})(?P<dash>-?)(?P<month>0[1-9]|1[0-2])(?P=dash)"
    r"(?P<day>0[1-9]|[12][0-9]|3[01])(?:-(?P<seconds>[1-9][0-9]{9})|"
    r"[_T-]?(?P<hour>[01][0-9]|2[0-3])(?:[-:_]?(?P<minute>[0-5][0-9])"
    r"(?:[-:_]?(?P<second>[0-5][0-9])(?:\.(?P<milli>[0-9]{3}))?)?)?Z?)?"
    r"|(?P<epoch>[1-9][0-9]{9})"
)
# The shortest base leaves the longest date.
_BEHIND = re.compile(
    rf"(?P<base>.+?)(?:\.(?P<number>[0-9]{{1,6}})|[.-](?P<date>{_DATE}))", re.DOTALL
)
_INSIDE = re.compile(
    rf"(?P<base>.+?)(?:\.(?P<number>[0-9]{{1,3}})|(?:[.-]|__)(?P<date>{_DATE}))"
    r"(?P<suffix>\.[^.0-9][^.]*)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """A file's place in its set; the smaller is the older. Rank 0: numbers, 1: dates, 2: BASE.

    A date is in milliseconds, and `detail` is how many parts it has.
    """

    rank: int
    place: int = 0
    detail: int = 0
    text: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{'number' if self.rank == 0 else 'date'} {self.text}"


_BASE = Slot(2)

Folder = Mapping[str, tuple[str, Slot]]
"""Of each name in a directory the base name of its set, and its place in that."""


def sets_in(names: Iterable[str]) -> Folder:
    """The sets of the files of one directory: which of them is whose part shows by all of them."""
    stems = {name: without_suffix(name) for name in names}
    behind = {stem: found for stem in stems.values() if (found := _place(_BEHIND, stem))}
    bases = {base for base, _ in behind.values()}
    others = {stem for stem in stems.values() if stem not in behind}
    # Of `app.log app.1.log app.1.2.log` the last is no part of a part.
    present = {stem for stem in others if not _inside(stem, others, bases)}
    return {
        name: behind.get(stem) or _inside(stem, present, bases) or (stem, _BASE)
        for name, stem in stems.items()
    }


def rotated_sets(paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The set that each path belongs to, for those that belong to one; its oldest file first.

    Raises UsageError where two files are of one number or date.
    """
    folders: dict[str, str] = {}
    by_folder: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for path in paths:
        folder, name = os.path.split(path)
        if folder not in folders:
            folders[folder] = os.path.realpath(folder or os.curdir)
        by_folder[folders[folder]].append((name, path))
    sets: dict[str, tuple[str, ...]] = {}
    for files in by_folder.values():
        places = sets_in(name for name, _ in files)
        groups: defaultdict[str, list[tuple[Slot, str]]] = defaultdict(list)
        for name, path in files:
            base, slot = places[name]
            groups[base].append((slot, path))
        for base, group in groups.items():
            members = sorted(_with_one_base(group, base))
            if len(members) > 1:
                _refuse_doubles(members, base)
                one_set = tuple(path for _, path in members)
                sets.update(dict.fromkeys(one_set, one_set))
    return sets


def same_set(path: str, other: str) -> bool:
    """Whether two files are of one rotated set, or would be if both were there."""
    return set_order(path, other) is not None


def set_order(path: str, other: str) -> int | None:
    """Below, at or above 0 if `path` is the older, as old, or the newer in one set with `other`."""
    try:
        one_set = rotated_sets((path, other)).get(path)
    except UsageError:  # two of one number: of one set
        return 0
    return None if one_set is None else one_set.index(path) - one_set.index(other)


def base_of(path: str) -> str:
    """The last file of the rotated set that `path` would be in, by its own name."""
    folder, name = os.path.split(path)
    base, slot = sets_in([name])[name]
    is_rotated = slot != _BASE and sets_in([base])[base] == (base, _BASE)
    return os.path.join(folder, base) if is_rotated else path


def _inside(stem: str, present: Collection[str], bases: Collection[str]) -> tuple[str, Slot] | None:
    """Its place if the number or date stands before the suffix, and BASE is `present` too."""
    found = None if stem in bases else _place(_INSIDE, stem)
    return found if found and found[0] in present and found[0] not in bases else None


def _place(pattern: re.Pattern[str], stem: str) -> tuple[str, Slot] | None:
    match = pattern.fullmatch(stem)
    if match is None:
        return None
    parts = match.groupdict()
    base = parts["base"] + parts.get("suffix", "")
    if parts["number"]:
        return base, Slot(0, -int(parts["number"]), text=parts["number"])
    slot = _dated(parts)
    return None if slot is None else (base, slot)


def _dated(parts: Mapping[str, str | None]) -> Slot | None:
    """The place of a date, told by the groups of `_DATE`; None if there is no such day."""
    text = parts["date"] or ""
    epoch = parts["epoch"] or parts["seconds"]
    times = [parts[name] for name in ("hour", "minute", "second", "milli") if parts[name]]
    hour, minute, second, milli = (*map(int, filter(None, times)), 0, 0, 0, 0)[:4]
    if parts["epoch"]:
        return Slot(1, int(parts["epoch"]) * 1000, detail=3, text=text)
    try:
        day = [int(parts[name] or 0) for name in ("year", "month", "day")]
        date = datetime(day[0], day[1], day[2], hour, minute, second, tzinfo=UTC)
    except ValueError:  # such as February 30
        return None
    at = int(epoch) if epoch else int(date.timestamp())
    return Slot(1, at * 1000 + milli, detail=3 if epoch else len(times), text=text)


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
