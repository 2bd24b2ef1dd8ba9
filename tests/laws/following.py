"""Logs that grow while they are followed: what is written when, and what was told of it."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import assume
from hypothesis import strategies as st

from laws.engine import KINDS, ONE_THREAD, Files
from tracecheck.errors import SourceError
from tracecheck.model.live import Changed, Notice, Snapshot, Violation
from tracecheck.model.rules import RuleSet
from tracecheck.model.tuning import Tuning
from tracecheck.model.verdict import AskedOrder, Finding, Outcome, Verdict
from tracecheck.reading.sources.discovery import Source
from tracecheck.report import REPORTERS, Style
from tracecheck.runs import batch
from tracecheck.runs.follow import checkpoints
from tracecheck.runs.follow.follower import Follower
from tracecheck.runs.options import RunOptions

FOR_EVER = 10**15
"""A lateness (ns) so long that nothing ever leaves before its turn."""


def as_json(verdict: Verdict) -> str:
    """The report whose bytes are compared."""
    return REPORTERS["json"].render(verdict, Style())


@dataclass(frozen=True)
class Move:
    """Some bytes are written to a source, and then `does` happens."""

    source: int
    size: int
    does: str = ""


def moves(*does: str, most: int = 14) -> st.SearchStrategy[list[Move]]:
    """Random writes; what is not written by them is written at the end."""
    sizes = st.one_of(st.integers(1, 60), st.integers(20, 400))
    move = st.builds(Move, st.integers(0, 2), sizes, st.sampled_from(("", *does)))
    return st.one_of(st.lists(move, max_size=most), st.lists(move, min_size=most // 2))


@dataclass(frozen=True)
class Habits:
    """What sources look like while they are followed.

    `renames`: rotated sets come about while they are followed, else they are there at first.
    `absent`: a log is not there before something is written to it. `joins`: the last source joins
    with this move, where there are several.
    """

    renames: bool = True
    absent: bool = False
    joins: int | None = None
    block: int = 1 << 20
    lateness: int = FOR_EVER
    max_findings: int | None = None
    order: AskedOrder | None = None


habits = st.builds(
    Habits,
    renames=st.booleans(),
    absent=st.booleans(),
    joins=st.sampled_from((None, None, 0, 1, 4)),
    block=st.sampled_from((1 << 20, 10, 50, 200)),
    lateness=st.sampled_from((*[FOR_EVER] * 5, 0, 10**9)),
    max_findings=st.sampled_from((None, None, None, 0, 1, 20)),
    order=st.sampled_from((*[None] * 6, "given", "time")),
)


def cleaned(sources: Sequence[Files]) -> list[list[tuple[str, bytes]]]:
    """Without empty files among several: none is begun before there is something in it."""
    found = []
    for files in sources:
        filled = [data for _, data in files if data] or [b""]
        found.append(list(zip([path for path, _ in files][-len(filled) :], filled, strict=True)))
    return found


class Writer:
    """Writes a source, piece by piece, and rotates it by renaming."""

    def __init__(self, files: Files, habit: Habits) -> None:
        older = [] if habit.renames else list(files[:-1])
        for path, data in older:
            Path(path).write_bytes(data)
        self.base = files[-1][0]
        self.source = Source((*(path for path, _ in older), self.base))
        self._left = [(path, data) for path, data in files[len(older) :]]
        self.is_seen = not (habit.absent and self._left[0][1])
        """What is rotated before anybody looks was not followed."""
        if self.is_seen:
            Path(self.base).touch()

    @property
    def is_done(self) -> bool:
        return len(self._left) == 1 and not self._left[0][1]

    def write(self, size: int) -> None:
        path, data = self._left[0]
        if not data and len(self._left) > 1:
            if not self.is_seen:
                return
            Path(self.base).rename(path)
            del self._left[0]
            path, data = self._left[0]
        if data:
            with open(self.base, "ab") as file:
                file.write(data[:size])
        self._left[0] = path, data[size:]


@dataclass
class Told:
    """What a run that followed said on the way, and at its end."""

    verdict: Verdict
    last: Snapshot
    looks: list[Snapshot] = field(default_factory=list)
    notices: list[list[Notice]] = field(default_factory=list)
    joined: bool = False
    restarts: int = 0
    forgot: bool = False
    resumed: list[tuple[Snapshot, Snapshot]] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    """How many bytes had been read when each of the `notices` was made, the last excepted."""

    @property
    def found(self) -> list[Violation]:
        return [one for some in self.notices for one in some if isinstance(one, Violation)]

    @property
    def changed(self) -> list[Changed]:
        return [one for some in self.notices for one in some if isinstance(one, Changed)]

    @property
    def stays(self) -> bool:
        """Whether what was told stays: not if a log joined one that was alone, in no known order.

        What the one shows alone is told at once, and with the other it may have no order.
        """
        return not (self.late or (self.joined and self.verdict.order == "unknown"))

    @property
    def late(self) -> bool:
        """Whether anything came late: then order is not what it is in batch."""
        outcomes = (
            *self.verdict.outcomes,
            *(o for look in self.looks for o in look.verdict.outcomes),
        )
        return bool(self.last.late_arrivals) or any(one.late_arrivals for one in outcomes)


class Run:
    """A follower, and the files it follows, in the current folder."""

    def __init__(
        self,
        sources: Sequence[Files],
        rules: RuleSet,
        habit: Habits,
        tuning: Tuning = ONE_THREAD,
        **options: Any,
    ) -> None:
        self._now = 0.0
        self._habit = habit
        self._rules = rules
        self._options = RunOptions(
            max_findings=habit.max_findings,
            lateness=habit.lateness,
            order=habit.order,
            tuning=replace(tuning, block=habit.block),
            clock=lambda: self._now,
            **options,
        )
        self.writers = [Writer(files, habit) for files in sources]
        joins = habit.joins is not None and len(sources) > 1
        self._joining = self.writers[-1:] if joins else []
        first = [one.source for one in self.writers[: len(self.writers) - len(self._joining)]]
        self._sources = first
        self._stored: checkpoints.Checkpoint | None = None
        self._follower = self._made(None)
        self._told = Told(None, None)  # type: ignore[arg-type]  # known at the end
        self._folder = checkpoints.Folder("state")

    def _made(self, checkpoint: checkpoints.Checkpoint | None) -> Follower:
        return Follower(
            self._sources,
            self._rules,
            KINDS,
            self._options,
            may_grow=self._habit.joins is not None,
            checkpoint=checkpoint,
        )

    def go(self, planned: Sequence[Move]) -> Told:
        """Write everything, doing what is planned on the way, and close the log."""
        for at, move in enumerate(planned):
            if at == self._habit.joins:
                self._join()
            self.writers[move.source % len(self.writers)].write(move.size)
            self._do(move.does)
        self._join()
        for writer in self.writers:
            while not writer.is_done:
                writer.write(1 << 30)
                self._do("look")
        while self._do("look") or self._follower.behind:
            pass
        self._told.verdict, notices = self._follower.close()
        self._told.notices.append(notices)
        self._told.last = self._follower.snapshot()
        self._folder.close()
        return self._told

    def _join(self) -> None:
        joining, self._joining = self._joining, []
        new = [one.source for one in joining]
        self._told.joined |= bool(new)
        self._follower.join(new)
        self._sources = [*self._sources, *new]

    def _do(self, does: str) -> bool:
        """Do it; whether anything was read by that."""
        before = self._follower.read_bytes
        if does:
            self._now += 1.0
            self._told.notices.append(self._follower.step())
            for writer in self.writers:
                writer.is_seen |= os.path.exists(writer.base)
            self._told.read.append(self._follower.read_bytes)
        match does:
            case "look":
                self._told.looks.append(self._follower.snapshot())
            case "store":
                self._store()
            case "restart":
                if self._store():
                    self._restart(at_once=True)
            case "kill":
                if self._stored:
                    self._restart(at_once=False)
        return self._follower.read_bytes != before

    def _store(self) -> bool:
        checkpoint = self._follower.checkpoint()
        if checkpoint is None:
            return False
        self._folder.save(checkpoint)
        self._stored = checkpoints.load("state")
        assert self._stored is not None
        return True

    def _restart(self, *, at_once: bool) -> None:
        before = self._follower.snapshot()
        self._follower.release()
        self._follower = self._made(self._stored)
        self._told.restarts += 1
        if not at_once:
            self._told.forgot = True
        else:
            self._told.resumed.append((before, self._follower.snapshot()))


@contextlib.contextmanager
def somewhere() -> Iterator[None]:
    """A folder of its own."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        yield


def judged_at_once(
    sources: Sequence[Files],
    rules: RuleSet,
    max_findings: int | None,
    tuning: Tuning = ONE_THREAD,
    order: AskedOrder | None = None,
) -> Verdict:
    """What batch says of the same files in the current folder; a log that is none is no example."""
    for path, data in (file for files in sources for file in files):
        Path(path).write_bytes(data)
    try:
        return batch.run(
            [Source(tuple(path for path, _ in files)) for files in sources],
            rules,
            KINDS,
            RunOptions(max_findings=max_findings, tuning=tuning, order=order),
        )
    except SourceError:
        assume(False)
        raise
    finally:
        for path, _ in (file for files in sources for file in files):
            Path(path).unlink()


class Sign(NamedTuple):
    """What tells a finding. A file may get another name while it is followed."""

    class_: str
    key: tuple[tuple[str, str | None], ...]
    evidence: tuple[tuple[str, int, str], ...]


def sign(finding: Finding) -> Sign:
    evidence = ((one.path.removesuffix(".1"), one.line, one.text) for one in finding.evidence)
    return Sign(finding.class_, tuple(finding.key.items()), tuple(evidence))


def unordered(verdict: Verdict) -> list[Outcome]:
    """Of the outcomes what no order changes: counts, of the kinds that only count."""
    return [
        replace(one, findings=(), findings_omitted=0, reason_evidence=None)
        for one in verdict.outcomes
        if not KINDS[one.rule.kind].spec.keyed
    ]
