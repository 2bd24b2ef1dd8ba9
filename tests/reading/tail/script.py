"""A script of the law: a log is written and rotated, and a tail looks at it in between."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from reading.tail.calls import Calls
from reading.tail.judged import Taken, divergence
from reading.tail.rotating import Rotating
from reading.tail.schemes import SCHEMES
from reading.tail.texts import TEXTS, Text
from tracecheck.reading.sources.discovery import Source
from tracecheck.reading.tail.tail import Tail

_QUIET = 3
"""Looks that bring nothing, after which nothing will come."""

_MOST_LOOKS = 500

_STARTS = ("there", "there", "there", "empty", "absent", "set", "base of set")
"""What there is when the tail starts; of a set perhaps only the log itself is given."""


class Killed(BaseException):
    """The process is killed here."""


class Script:
    """One log from its first line to its last, and how it was followed."""

    def __init__(self, scheme: str, rng: Random, folder: str, calls: Calls) -> None:
        self.story: list[str] = []
        self.scheme = SCHEMES[scheme]
        is_strict = self.scheme.loses or self.scheme.keeps
        self.text = "unique" if is_strict else rng.choice(TEXTS)
        self.start = rng.choice(_STARTS)
        text = Text(self.text, rng)
        self.log = Rotating(folder, self.scheme, text, rng)
        self.taken = Taken(self.log)
        self._must_tell: set[int] = set()
        self._rng = rng
        self._calls = calls
        self._rotation: Iterator[str] | None = None
        self._looks = rng.choice((0.05, 0.15, 0.4, 0.7))
        self._busy = rng.choice((0.0, 0.3, 0.8))  # how often something happens within a look
        self._kills = rng.choice((0.0, 0.03, 0.08))
        # A hole of NULs, as a header, tells no file from another: it is not read alone.
        is_told = text.may_be_cut and self.scheme.appends
        self._sizes = (1 << 20, 1 << 20, 5000, 500, 60) if is_told else (1 << 20,)
        self._begin()
        self.tail = Tail(self._source)
        self._store()

    def _begin(self) -> None:
        if self.start != "absent":
            self.log.open()
        if self.start not in {"absent", "empty"}:
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
            self.taken.skipped = len(self.log.files) - 1
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

    def divergence(self) -> tuple[str, str]:
        """The sort of what went wrong, and what; empty if nothing did."""
        exact = not (self.scheme.loses or self.scheme.keeps)
        return divergence(self.taken, self.tail, self._must_tell, exact=exact)

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
            self.taken.note(self.tail.lag)

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
            is_busy = count or self.tail.behind or self.tail.lag  # a copy may be waited for
            quiet = 0 if is_busy else quiet + 1
            if quiet > _QUIET:
                return
        raise AssertionError("it is never done")

    def _store(self) -> None:
        self._stored = json.dumps(self.tail.state())
        self._kept = self.taken.copy()
        self._tell("STORE")

    def _resume(self) -> None:
        """Kill it, and start another one."""
        self._calls.calm()
        self.tail.close()
        self.taken = self._kept.copy()
        self._tell("KILL")
        for _ in range(self._rng.choice((0, 0, 3, 10))):
            self._move()
        self._must_tell |= self.taken.lost()
        state: dict[str, Any] = json.loads(self._stored)
        self._tell("GO ON")
        if self._rng.random() < self._busy:
            self._calls.before(self._rng.randrange(12), self._rotate_meanwhile)
        try:
            self.tail = Tail(self._source, state=state)
        finally:
            self._calls.calm()

    def _rotate_meanwhile(self) -> None:
        self._tell("<")
        for _ in range(self._rng.choice((1, 2, 5))):
            self._move()
        self._tell(">")
