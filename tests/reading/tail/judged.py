"""What a tail gave, and whether that is what it should have given."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

from reading.tail.rotating import File, Rotating
from tracecheck.reading.tail.pieces import Begin, End, Piece
from tracecheck.reading.tail.tail import Tail


@dataclass
class Taken:
    """What was read of a log, file by file.

    The first `skipped` files of it are not asked for: they were rotated before the start. `seen` is
    how much of a file the tail knew of for certain, by its number.
    """

    log: Rotating
    skipped: int = 0
    files: list[bytes] = field(default_factory=list)
    is_open: bool = False
    seen: dict[int, int] = field(default_factory=dict)

    def copy(self) -> Taken:
        """What is known at this moment."""
        files, seen = list(self.files), dict(self.seen)
        return Taken(self.log, self.skipped, files, self.is_open, seen)

    def take(self, piece: Piece) -> None:
        if isinstance(piece, bytes):
            assert self.is_open, "bytes of no file"
            self.files[-1] += piece
            return
        assert self.is_open or not isinstance(piece, End), "the end of no file"
        self.is_open = isinstance(piece, Begin)
        if self.is_open:
            self.files.append(b"")

    def asked(self) -> list[tuple[int, File]]:
        """The files that are to be read, by their numbers."""
        return list(enumerate(self.log.files))[self.skipped :]

    def unread(self) -> dict[int, int]:
        """How many bytes of each file were not read; its first lines tell it from others."""
        return {at: max(0, len(one.data) - len(self._read_of(one))) for at, one in self.asked()}

    def note(self, lag: int) -> None:
        """What the tail knows of: if it counts all that is unread, it saw all that is there."""
        unread = self.unread()
        there = [(at, one) for at, one in self.asked() if not one.gone]
        if any(unread[at] and one.packed for at, one in there):
            return  # its lag is that of what is stored
        if lag >= sum(unread[at] for at, _ in there):
            self.seen = {at: len(one.data) for at, one in there}

    def lost(self) -> set[int]:
        """Files that went away behind the one that was read last, or in it, and it with them.

        Where that is found nowhere, it is not known what followed it.
        """
        unread = self.unread()
        begun = [at for at, one in self.asked() if self._read_of(one)]
        behind = [(at, one) for at, one in self.asked() if begun and at >= begun[-1]]
        return {at for at, one in behind if one.gone and unread[at]}

    def _read_of(self, file: File) -> bytes:
        whole = file.whole
        return next((one for one in self.files if one and whole.startswith(one)), b"")


def divergence(taken: Taken, tail: Tail, must_tell: set[int], *, exact: bool) -> tuple[str, str]:
    """The sort of what went wrong, and what; empty if nothing did.

    `exact`: nothing was lost. `must_tell`: the files whose loss must be told, beside those that
    were seen.
    """
    log = taken.log
    there = {log.path(one): bytes(one.data) for one in log.files if not one.gone}
    assert log.stored() == there, "the model is wrong"
    names = tail.names()
    assert len(names) == len(taken.files), "other files than names"
    got = [(name, one) for name, one in zip(names, taken.files, strict=True) if one]
    return _exactly(taken, got, tail) if exact else _loosely(taken, got, tail, must_tell)


def _exactly(taken: Taken, got: list[tuple[str, bytes]], tail: Tail) -> tuple[str, str]:
    """Where nothing is lost: each file once, in order, and by its name; and no complaint."""
    wanted = [(taken.log.path(one), bytes(one.data)) for _, one in taken.asked() if one.data]
    sort, what = _difference(b"".join(one for _, one in got), b"".join(one for _, one in wanted))
    if sort:
        return f"{sort}, {_told(tail)}", f"{what} {tail.unread[:1]}"
    if [one for _, one in got] != [one for _, one in wanted]:
        sizes = [[len(one) for _, one in each] for each in (got, wanted)]
        return "cut otherwise", f"files of {sizes[0]}, not {sizes[1]}"
    if [name for name, _ in got] != [name for name, _ in wanted]:
        called = [[os.path.basename(name) for name, _ in each] for each in (got, wanted)]
        return "called otherwise", f"{called[0]}, not {called[1]}"
    if tail.unread or tail.trouble or tail.lag:
        return "false alarm", f"{tail.unread} {tail.trouble} {tail.lag}"
    return "", ""


def _loosely(
    taken: Taken, got: list[tuple[str, bytes]], tail: Tail, must_tell: set[int]
) -> tuple[str, str]:
    """Where lines may be lost: none twice, in order, and what is there is read."""
    files = taken.log.files
    at = taken.skipped - 1
    short = {number: len(one.data) for number, one in taken.asked()}
    for _, data in got:
        later = range(at + 1, len(files))
        found = next((number for number in later if files[number].whole.startswith(data)), None)
        if found is None:
            is_known = any(file.whole.startswith(data) for file in files[: at + 1])
            sort = "doubled" if is_known else "out of order"
            return sort, f"{data[:40]!r} of {len(data)} bytes is no next file"
        at = found
        short[at] -= len(data)
    short = {number: left for number, left in short.items() if left > 0}
    missing = [number for number in short if not files[number].gone]
    if missing:
        return f"missing, {_told(tail)}", f"files {missing} {tail.unread[:1]}"
    known = {n for n, left in short.items() if taken.seen.get(n, 0) > len(files[n].data) - left}
    lost = (known | must_tell) & short.keys()
    if lost and not tail.unread:
        return "not told", f"files {sorted(lost)} are gone"
    return "", ""


def _told(tail: Tail) -> str:
    return "told" if tail.unread else "silent"


def _difference(got: bytes, wanted: bytes) -> tuple[str, str]:
    """How what was read differs from what should have been."""
    if got == wanted:
        return "", ""
    ours, theirs = got.splitlines(keepends=True), wanted.splitlines(keepends=True)
    missing = [one for one in dict.fromkeys(theirs) if ours.count(one) < theirs.count(one)]
    doubled = [one for one in dict.fromkeys(ours) if ours.count(one) > theirs.count(one)]
    sort = "missing" if missing else "doubled" if doubled else "out of order"
    return sort, (
        f"{len(ours)} lines, not {len(theirs)}: {len(missing)} missing ({_first(missing)}), "
        f"{len(doubled)} doubled ({_first(doubled)})"
    )


def _first(lines: list[bytes]) -> str:
    return ascii(lines[0].strip(b"\0").decode()[:36]) if lines else "none"
