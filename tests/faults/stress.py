"""The stress run: real processes, one that writes and rotates a log and one that follows it.

    python -m faults.stress --seed 7 --runs 20

from `tests/`. The follower is stopped, killed, ended and started again on its state, while the log
is rotated; in the end its report must be that of a check of the folder, to the byte. The seed says
what is done, not when: the processes run as they run, and a run is never the same again.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from reading.tail.schemes import SCHEMES

from faults.writer import RULES

TRACECHECK = (sys.executable, "-m", "tracecheck")
CHECKED = tuple(name for name, one in SCHEMES.items() if not (one.loses or one.keeps))
"""The schemes that lose nothing, so that a check of the folder says what was to be read."""

_LONG = 60.0
"""Seconds after which a process is never going to end."""

_TESTS = Path(__file__).parents[1]


@dataclass
class Run:
    """What was done in a run, and what came of it."""

    number: int
    scheme: str
    given: str = ""
    rotations: int = 0
    lines: int = 0
    kills: int = 0
    ends: int = 0
    stops: int = 0
    divergence: str = ""

    def __str__(self) -> str:
        return (
            f"run {self.number} ({self.scheme}; {self.given}): {self.rotations} rotations, "
            f"{self.lines} lines, {self.kills} kills, {self.ends} ends, {self.stops} stops"
            f"{': ' * bool(self.divergence)}{self.divergence}"
        )


@dataclass
class Report:
    """What came of the runs."""

    seed: int
    runs: list[Run] = field(default_factory=list)

    @property
    def divergences(self) -> list[Run]:
        return [run for run in self.runs if run.divergence]

    def __str__(self) -> str:
        ends = f"seed {self.seed}: {len(self.runs)} runs, {len(self.divergences)} divergences"
        return "\n".join([*map(str, self.runs), ends])


class DivergenceError(Exception):
    """The follower did what it must not."""


class _Follower:
    """The process that follows, and what starts it."""

    def __init__(self, folder: str, given: str, command: Sequence[str]) -> None:
        self._folder = folder
        self._command = [*command, "-r", "rules.yaml", "--format", "json", "-q"]
        self._follow = ["--follow", given, "--state", "state", "-o", "followed.json"]
        self._process: subprocess.Popen[bytes] | None = None
        self._errors = os.path.join(folder, "errors")

    @property
    def has_stored(self) -> bool:
        return os.path.exists(os.path.join(self._folder, "state", "checkpoint"))

    def start(self, *how: str) -> None:
        with open(self._errors, "wb") as errors:
            self._process = subprocess.Popen(
                [*self._command, *self._follow, *how], cwd=self._folder, stderr=errors
            )

    def signal(self, number: int) -> None:
        assert self._process is not None
        if self._process.poll() is not None:
            raise DivergenceError(f"ended by itself: {self._process.returncode}: {self._said()}")
        self._process.send_signal(number)

    def wait(self) -> int:
        """Its exit code, once it has ended."""
        assert self._process is not None
        try:
            code = self._process.wait(_LONG)
        except subprocess.TimeoutExpired:
            raise DivergenceError("does not end") from None
        if code == 4 or "Traceback" in self._said():
            raise DivergenceError(f"internal error: {self._said()}")
        return code

    def check(self, folder: str) -> int:
        """A check of all that is there."""
        asked = [*self._command, folder, "-o", "checked.json"]
        return subprocess.run(asked, cwd=self._folder, check=False, timeout=_LONG).returncode

    def difference(self) -> str:
        """How the report differs from that of the check."""
        paths = [Path(self._folder, name) for name in ("followed.json", "checked.json")]
        if not paths[0].exists():
            return f"no report: {self._said()}"
        followed, checked = [path.read_bytes() for path in paths]
        if followed == checked:
            return ""
        got, wanted = json.loads(followed), json.loads(checked)
        return f"{_unlike(got, wanted)} {self._said()}".strip()

    def end(self) -> None:
        """Leave no process behind."""
        if self._process and self._process.poll() is None:
            self._process.kill()
            self._process.wait()

    def _said(self) -> str:
        return " ".join(Path(self._errors).read_text("utf-8", "replace").split())[-300:]


def _unlike(got: dict[str, Any], wanted: dict[str, Any]) -> str:
    """The first part of the report that is another, shortly."""
    files = [{one["path"]: one["lines"] for one in each["inputs"]} for each in (got, wanted)]
    paths = [[one["path"] for one in each["inputs"]] for each in (got, wanted)]
    if paths[0] != paths[1] or files[0] != files[1]:
        missing = [path for path in paths[1] if path not in files[0]]
        more = [path for path in paths[0] if path not in files[1] or paths[0].count(path) > 1]
        both = (path for path in files[0] if path in files[1])
        other = [path for path in both if files[0][path] != files[1][path]]
        lines = got["totals"]["lines"], wanted["totals"]["lines"]
        return f"{lines[0]} lines, not {lines[1]}: without {missing}, more {more}, other {other}"
    part = next(name for name in wanted if got.get(name) != wanted[name])
    return f"another {part}"


def play(run: Run, rng: Random, seconds: float, command: Sequence[str] = TRACECHECK) -> None:
    """Do one run."""
    with tempfile.TemporaryDirectory(prefix="tracecheck-stress-") as folder:
        logs = os.path.join(folder, "logs")
        os.mkdir(logs)
        Path(folder, "rules.yaml").write_text(RULES)
        base = SCHEMES[run.scheme].base
        run.given = rng.choice((f"logs/{base}", "logs", f"logs/{base[:1]}*log*"))
        rotator = (sys.executable, "-m", "faults.rotator")
        asked = [*rotator, logs, run.scheme, str(rng.random()), str(seconds)]
        follower = _Follower(folder, run.given, command)
        pipe = subprocess.PIPE
        with subprocess.Popen(asked, cwd=_TESTS, stdin=pipe, stdout=pipe) as writer:
            try:
                _torment(run, rng, follower, writer)
                _compare(run, follower)
            except DivergenceError as error:
                run.divergence = str(error)
            finally:
                follower.end()
                writer.kill()


def _torment(run: Run, rng: Random, follower: _Follower, writer: subprocess.Popen[bytes]) -> None:
    """Stop, kill and start the follower again and again, as long as the log is written."""
    assert writer.stdin is not None
    assert writer.stdout is not None
    writer.stdout.readline()
    follower.start()
    _wait_for(lambda: follower.has_stored)
    with contextlib.suppress(BrokenPipeError):
        writer.stdin.write(b"go\n")
        writer.stdin.flush()
    while writer.poll() is None:
        time.sleep(rng.choice((0.1, 0.5, 1, 2)))
        match rng.choice(("kill", "kill", "end", "stop", "stutter", "stutter")):
            case "kill":
                run.kills += 1
                follower.signal(signal.SIGKILL)
                follower.wait()
            case "end":
                run.ends += 1
                follower.signal(signal.SIGTERM)
                follower.wait()
            case "stop":
                run.stops += 1
                _stop(follower, rng.choice((0.1, 0.5, 1.5)))
                continue
            case _:  # much happens between any two calls that it makes
                for _ in range(rng.randrange(10, 30)):
                    run.stops += 1
                    _stop(follower, rng.uniform(0.01, 0.1))
                    time.sleep(rng.uniform(0.0005, 0.01))
                if rng.random() < 0.5:
                    continue
                run.kills += 1
                follower.signal(signal.SIGKILL)
                follower.wait()
        time.sleep(rng.choice((0, 0, 0.3, 1)))
        follower.start()
    told = json.loads(writer.stdout.readline())
    run.rotations, run.lines = told["rotations"], told["lines"]
    follower.signal(rng.choice((signal.SIGKILL, signal.SIGTERM)))
    follower.wait()


def _stop(follower: _Follower, seconds: float) -> None:
    follower.signal(signal.SIGSTOP)
    time.sleep(seconds)
    follower.signal(signal.SIGCONT)


def _compare(run: Run, follower: _Follower) -> None:
    """Follow once more, until nothing comes, and hold the report against a check."""
    follower.start("--idle", "1s")
    code = follower.wait()
    wanted = follower.check("logs")
    run.divergence = follower.difference()
    if not run.divergence and code != wanted:
        run.divergence = f"exit code {code}, not {wanted}"


def _wait_for(happens: Callable[[], bool]) -> None:
    end = time.monotonic() + _LONG
    while not happens():
        if time.monotonic() > end:
            raise DivergenceError("stores nothing")
        time.sleep(0.02)


def run(
    seed: int,
    runs: int,
    scheme: str = "",
    *,
    seconds: float = 8,
    command: Sequence[str] = TRACECHECK,
    tell: Callable[[Run], object] = lambda _: None,
) -> Report:
    """So many runs, of one scheme or of all in turn."""
    report = Report(seed)
    names = [scheme] if scheme else Random(seed).sample(CHECKED, len(CHECKED))
    for number in range(runs):
        one = Run(number, names[number % len(names)])
        play(one, Random(f"{seed}:{number}"), seconds, command)
        report.runs.append(one)
        tell(one)
    return report


def main() -> int:
    """Run it from the command line; 1 if there were divergences."""
    parser = argparse.ArgumentParser(prog="python -m faults.stress")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--scheme", choices=CHECKED, default="")
    parser.add_argument("--seconds", type=float, default=8, help="for which a log is written")
    chosen = parser.parse_args()

    def tell(one: Run) -> None:
        sys.stdout.write(f"{one}\n")
        sys.stdout.flush()

    report = run(chosen.seed, chosen.runs, chosen.scheme, seconds=chosen.seconds, tell=tell)
    sys.stdout.write(f"{str(report).splitlines()[-1]}\n")
    return 1 if report.divergences else 0


if __name__ == "__main__":
    sys.exit(main())
