"""A script of the law: a log is written and rotated, and a tail looks at it in between."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import suppress
from random import Random
from typing import Any

from reading.tail.calls import Calls
from reading.tail.rotating import File, Rotating
from reading.tail.schemes import SCHEMES
from reading.tail.texts import TEXTS, Text
from tracecheck.reading.sources.discovery import Source
from tracecheck.reading.tail.tail import Begin, End, Tail

_QUIET = 3
"""Looks that bring nothing, after which nothing will come."""

_MOST_LOOKS = 500


class Killed(BaseException):
    """The process is killed here."""


class Taken:
    """What a tail gave, file by file."""

    def __init__(self) -> None:
        self.files: list[bytes] = []
        self.is_open = False

    def take(self, piece: Begin | End | bytes) -> None:
        if isinstance(piece, bytes):
            assert self.is_open, "bytes of no file"
            self.files[-1] += piece
            return
        self.is_open = isinstance(piece, Begin)
        if self.is_open:
            self.files.append(b"")

    def copy(self) -> Taken:
        other = Taken()
        other.files, other.is_open = list(self.files), self.is_open
        return other


class Script:
    """One log from its first line to its last, and how it was followed."""

    def __init__(self, scheme: str, rng: Random, folder: str, calls: Calls) -> None:
        self.story: list[str] = []
        self.scheme = SCHEMES[scheme]
        is_strict = self.scheme.loses or self.scheme.keeps
        self.text = "unique" if is_strict else rng.choice(TEXTS)
        self.start = rng.choice(("there", "there", "there", "set", "base of set", "absent"))
        text = Text(self.text, rng)
        self.log = Rotating(folder, self.scheme, text, rng)
        self.taken = Taken()
        self.must_tell: set[int] = set()
        self.skipped = 0  # files that were rotated before the start, and are not asked for
        self._rng = rng
        self._calls = calls
        self._rotation: Iterator[str] | None = None
        self._looks = rng.choice((0.05, 0.15, 0.4, 0.7))
        self._busy = rng.choice((0.0, 0.3, 0.8))  # how often something happens within a look
        self._kills = rng.choice((0.0, 0.03, 0.08))
        # A hole of NULs, as a header, tells no file from another: it is not read alone.
        is_told = text.may_be_cut and self.scheme.appends
        self._sizes = (1 << 20, 1 << 20, 5000, 500, 60) if is_told else (1 << 20,)
        self._seen: dict[int, int] = {}
        self._begin()
        self.tail = Tail(self._source)
        self._store()

    def _begin(self) -> None:
        if self.start != "absent":
            self.log.open()
            self.log.write()
        if self.start in {"set", "base of set"}:
            for _ in range(self._rng.randrange(1, 4)):
                for step in self.log.rotation():
                    self.story.append(step)
                self.log.write()
        files = [self.log.base]
        if self.start == "set":
            files = [*map(self.log.path, self.log.rotated()), *files]
        elif self.log.files:
            self.skipped = len(self.log.files) - 1
        self._source = Source(tuple(files))
        self.story.append(f"| {self.start}, {self.text} |")

    def play(self) -> None:
        """Play it to its end, when all that is there was read."""
        for _ in range(self._rng.choice((10, 25, 60))):
            if self._rng.random() < 0.9:
                self._move()
            if self._rng.random() < self._looks:
                self._look()
            if self._rng.random() < 0.08:
                self._store()
            if self._rng.random() < self._kills:
                self._resume()
        while self._rotation:
            self._move()
        if not self.log.files:
            self.log.open()
        self.log.write()
        self.log.flush()
        self._look_at_all()

    def close(self) -> None:
        """Leave nothing open."""
        self._calls.calm()
        self.tail.close()
        self.log.close()

    # --- the writer and the rotator -----------------------------------------------------------

    def _move(self) -> None:
        """Do the next step, of one or the other."""
        rng = self._rng
        if not self.log.files:
            self._tell(self.log.open())
        elif self._rotation and (self.log.is_frozen or rng.random() < 0.7):
            step = next(self._rotation, None)
            if step is None:
                self._rotation = None
            else:
                self._tell(step)
        elif not self._rotation and rng.random() < 0.3:
            self._rotation = self.log.rotation()
            self._move()
        else:
            self._tell(self.log.write())

    def _tell(self, step: str) -> None:
        self.story.append(step)

    # --- the tail -----------------------------------------------------------------------------

    def _look(self) -> None:
        """Look once; perhaps something happens meanwhile, or the process is killed."""
        is_busy = self._rng.random() < self._busy
        if is_busy:
            self._calls.before(self._rng.randrange(12), self._meanwhile)
        try:
            self._read(self._rng.choice(self._sizes))
        except Killed:
            self._resume()
            return
        finally:
            self._calls.calm()
        if not is_busy:
            self._note()

    def _meanwhile(self) -> None:
        if self._rng.random() < 0.02:
            raise Killed
        self._tell("<")
        for _ in range(self._rng.choice((1, 1, 2, 5, 12))):
            self._move()
        self._tell(">")
        if self._rng.random() < 0.7:
            self._calls.before(self._rng.randrange(8), self._meanwhile)

    def _read(self, size: int) -> int:
        count = 0
        for piece in self.tail.read(size):
            self.taken.take(piece)
            if isinstance(piece, bytes):
                count += len(piece)
            else:
                self.story.append(type(piece).__name__)
        self._tell(f"[{count}]")
        return count

    def _look_at_all(self) -> None:
        quiet = 0
        for _ in range(_MOST_LOOKS):
            count = self._read(1 << 20)
            quiet = 0 if count or self.tail.behind else quiet + 1
            if quiet > _QUIET:
                return
        raise AssertionError("it is never done")

    def _note(self) -> None:
        """What the tail knows of for certain: if it counts all that is unread, it saw all."""
        there = [(at, one) for at, one in self._asked() if not one.gone]
        unread = {at: len(one.data) - len(self._read_of(at)) for at, one in there}
        if any(unread[at] and one.packed for at, one in there):
            return
        if self.tail.lag >= sum(unread.values()):
            self._seen = {at: len(one.data) for at, one in there}

    def _store(self) -> None:
        self._stored = json.dumps(self.tail.state())
        self._kept = self.taken.copy(), dict(self._seen)
        self._tell("STORE")

    def _resume(self) -> None:
        """Kill it, and start another one."""
        self._calls.calm()
        self.tail.close()
        taken, seen = self._kept
        self.taken, self._seen = taken.copy(), dict(seen)
        self._tell("KILL")
        for _ in range(self._rng.choice((0, 0, 3, 10))):
            self._move()
        self.must_tell |= self._lost_meanwhile()
        state: dict[str, Any] = json.loads(self._stored)
        self._tell("GO ON")
        if self._rng.random() < self._busy:
            self._calls.before(self._rng.randrange(12), self._rotate_meanwhile)
        try:
            self.tail = Tail(self._source, state=state)
        finally:
            self._calls.calm()

    def _lost_meanwhile(self) -> set[int]:
        """Files that went away behind the one that was read last, which is gone too, or in it.

        Where that is found nowhere, it is not known what followed it.
        """
        begun = [at for at, _ in self._asked() if self._read_of(at)]
        behind = [(at, one) for at, one in self._asked() if begun and at >= begun[-1]]
        return {at for at, one in behind if one.gone and self._is_short(at)}

    def _rotate_meanwhile(self) -> None:
        self._tell("<")
        for _ in range(self._rng.choice((1, 2, 5))):
            self._move()
        self._tell(">")

    # --- what must come of it -----------------------------------------------------------------

    def _asked(self) -> list[tuple[int, File]]:
        return list(enumerate(self.log.files))[self.skipped :]

    def _read_of(self, at: int) -> bytes:
        """What was read of the file of this number; its lines tell it from others."""
        data = bytes(self.log.files[at].data) + self.log.files[at].lost
        return next((one for one in self.taken.files if one and data.startswith(one)), b"")

    def _is_short(self, at: int) -> bool:
        return len(self._read_of(at)) < len(self.log.files[at].data)

    def divergence(self) -> tuple[str, str]:
        """The sort of what went wrong, and what; empty if nothing did."""
        self._check_model()
        names = self.tail.names()
        assert len(names) == len(self.taken.files), "other files than names"
        got = [(n, one) for n, one in zip(names, self.taken.files, strict=True) if one]
        if self.scheme.loses or self.scheme.keeps:
            return self._loosely(got)
        wanted = [(self.log.path(one), bytes(one.data)) for _, one in self._asked() if one.data]
        said = _difference(b"".join(one for _, one in got), b"".join(one for _, one in wanted))
        if said[0]:
            told = self.tail.unread
            return (f"{said[0]}, {'told' if told else 'silent'}", f"{said[1]} {told[:1]}")
        if [one for _, one in got] != [one for _, one in wanted]:
            sizes = [len(one) for _, one in got], [len(one) for _, one in wanted]
            return "cut otherwise", f"files of {sizes[0]}, not {sizes[1]}"
        if [name for name, _ in got] != [name for name, _ in wanted]:
            called = [[os.path.basename(n) for n, _ in each] for each in (got, wanted)]
            return "called otherwise", f"{called[0]}, not {called[1]}"
        if self.tail.unread:
            return "false alarm", self.tail.unread[0]
        return "", ""

    def _loosely(self, got: list[tuple[str, bytes]]) -> tuple[str, str]:
        """Where lines may be lost: none twice, in order, and what is there is read."""
        at = self.skipped - 1
        short = {number: len(one.data) for number, one in self._asked()}
        for _, data in got:
            later = range(at + 1, len(self.log.files))
            fitting = (n for n in later if self._whole(n).startswith(data))
            found = next(fitting, None)
            if found is None:
                return "out of order", f"{data[:40]!r} of {len(data)} bytes is no next file"
            at = found
            short[at] -= len(data)
        short = {number: left for number, left in short.items() if left > 0}
        missing = [number for number in short if not self.log.files[number].gone]
        if missing:
            told = self.tail.unread
            return f"missing, {'told' if told else 'silent'}", f"files {missing} {told[:1]}"
        known = {n for n, left in short.items() if self._seen.get(n, 0) > self._size(n) - left}
        if (known | self.must_tell) & short.keys() and not self.tail.unread:
            return "not told", f"files {sorted((known | self.must_tell) & short.keys())} are gone"
        return "", ""

    def _whole(self, number: int) -> bytes:
        return bytes(self.log.files[number].data) + self.log.files[number].lost

    def _size(self, number: int) -> int:
        return len(self.log.files[number].data)

    def _check_model(self) -> None:
        there = {self.log.path(one): bytes(one.data) for one in self.log.files if not one.gone}
        with suppress(FileNotFoundError):
            assert self.log.stored() == there, "the model is wrong"


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
    return ascii(lines[0].decode()[:36]) if lines else "none"
