"""Logs that a test writes while they are followed, and a clock that it moves."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from rules.rule_texts import load_text

from tracecheck.kinds import KINDS
from tracecheck.model.live import Notice, Snapshot, Violation
from tracecheck.model.rules import RuleSet
from tracecheck.model.verdict import Outcome, Verdict
from tracecheck.reading.sources.discovery import Source
from tracecheck.report import REPORTERS, Style
from tracecheck.runs import batch
from tracecheck.runs.follow.checkpoints import Checkpoint
from tracecheck.runs.follow.follower import Follower
from tracecheck.runs.follow.session import FollowSession
from tracecheck.runs.options import RunOptions

SPECS = {name: kind.spec for name, kind in KINDS.items()}

HANDED = "handoff: {from: EV where s == 1, to: EV where s == 2"
"""What a rule of handoffs begins with; what follows closes the brace."""

START, END = "EV|s=1|id={}", "EV|s=2|id={}"

N = TypeVar("N", bound=Notice)

_ZERO = datetime(2025, 6, 1, tzinfo=UTC)
SECOND = 10**9


def ruled(*bodies: str, key: str = "[id]") -> RuleSet:
    """Rules of these kinds, called `r0`, `r1`…; each is written in one line or several."""
    rules = "".join(f"  - id: r{at}\n    {body}\n" for at, body in enumerate(bodies))
    return load_text(f"version: 1\nkey: {key}\nrules:\n{rules}", SPECS)


def at(second: float, text: str, *values: object) -> str:
    """A line that was written then; a text may have values."""
    moment = _ZERO + timedelta(seconds=second)
    return f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z {text.format(*values)}"


def began(second: float, key: object = "a") -> str:
    """A line that begins a handoff then."""
    return at(second, START, key)


def ended(second: float, key: object = "a") -> str:
    """A line that ends it."""
    return at(second, END, key)


def when(second: float) -> int:
    """That moment in nanoseconds since the epoch."""
    return int((_ZERO + timedelta(seconds=second)).timestamp() * SECOND)


class Clock:
    """A clock that stands still unless it is moved."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += seconds


class Log:
    """A log that is written line by line."""

    def __init__(self, path: Path | str) -> None:
        self.path = str(path)
        Path(path).touch()

    def write(self, *lines: str) -> None:
        with open(self.path, "a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))

    def rotate(self) -> None:
        """Rename it, and begin it anew."""
        os.rename(self.path, f"{self.path}.1")
        Path(self.path).touch()


class Followed:
    """A follower of some logs, and all that it told."""

    def __init__(
        self,
        rules: RuleSet,
        *logs: Log,
        clock: Clock | None = None,
        checkpoint: Checkpoint | None = None,
        may_grow: bool = False,
        from_end: bool = False,
        **options: Any,
    ) -> None:
        self.rules = rules
        self.logs = list(logs)
        self.clock = clock or Clock()
        self.options = RunOptions(clock=self.clock, **options)
        self.notices: list[Notice] = []
        self.follower = Follower(
            [Source((log.path,)) for log in logs],
            rules,
            KINDS,
            self.options,
            may_grow=may_grow,
            from_end=from_end,
            checkpoint=checkpoint,
        )

    def step(self) -> list[Notice]:
        """Read all that is there; what was told."""
        told = self.follower.step()
        while self.follower.behind:
            told += self.follower.step()
        self.notices += told
        return told

    def after(self, *lines: str, log: int = 0) -> list[Notice]:
        """What is told once these lines were written."""
        self.logs[log].write(*lines)
        return self.step()

    def join(self, log: Log) -> None:
        self.logs.append(log)
        self.follower.join([Source((log.path,))])

    def again(self, rules: RuleSet | None = None, **options: Any) -> Followed:
        """Another follower, perhaps by other rules, that goes on where this one is thrown away."""
        checkpoint = self.follower.checkpoint()
        assert checkpoint is not None
        document = json.loads(json.dumps(checkpoint.document))
        self.follower.release()
        return Followed(
            rules or self.rules,
            *self.logs,
            clock=self.clock,
            checkpoint=Checkpoint(document, checkpoint.tables),
            **options,
        )

    @property
    def snapshot(self) -> Snapshot:
        return self.follower.snapshot()

    def outcome(self, number: int = 0) -> Outcome:
        return self.snapshot.verdict.outcomes[number]

    def called(self, number: int = 0) -> tuple[str, str | None]:
        """The outcome of a rule so far, and its reason."""
        outcome = self.outcome(number)
        return outcome.outcome, outcome.reason

    def close(self) -> Verdict:
        verdict, told = self.follower.close()
        self.notices += told
        return verdict

    def closed_as_batch(self) -> Verdict:
        """The final verdict, which is that of a check of the same files."""
        verdict = self.close()
        paths = (log.path for log in self.logs)
        batch = judged(self.rules, *paths, order=self.options.order)
        assert as_json(verdict) == as_json(batch)
        return verdict


class Running:
    """A run that follows paths, with a clock that is moved, and all that it told."""

    def __init__(
        self, rules: RuleSet, *paths: str, clock: Clock | None = None, **more: Any
    ) -> None:
        self.clock = clock or Clock()
        self.notices: list[Notice] = []
        options = RunOptions(clock=self.clock, **more.pop("options", {}))
        self.run = FollowSession(paths, rules, KINDS, options, **more)

    def step(self, passed: float = 0.0) -> list[Notice]:
        """What is told after so many seconds of the machine."""
        self.clock.pass_(passed)
        told = self.run.step()
        while self.run.behind:
            told += self.run.step()
        self.notices += told
        return told

    def close(self) -> Verdict:
        verdict, told = self.run.close()
        self.notices += told
        return verdict


def judged(rules: RuleSet, *paths: str, **options: Any) -> Verdict:
    """What a check says of files, each a source."""
    return batch.run(
        [Source((path,)) for path in paths],
        rules,
        KINDS,
        RunOptions(**options),
    )


def as_json(verdict: Verdict) -> str:
    """The report, whose bytes are compared."""
    return REPORTERS["json"].render(verdict, Style())


def told_of(notices: Sequence[Notice], what: type[N]) -> list[N]:
    """The notices of one type."""
    return [one for one in notices if isinstance(one, what)]


def found(notices: Sequence[Notice]) -> list[tuple[str, ...]]:
    """The class, and the lines of the evidence by file name, of each finding that was told."""
    return [
        (
            one.finding.class_,
            *(f"{os.path.basename(e.path)}:{e.line}" for e in one.finding.evidence),
        )
        for one in told_of(notices, Violation)
    ]
