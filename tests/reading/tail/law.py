"""The law of tailing: what was written and is there is read, in order, and once.

    python -m reading.tail.law --seed 7 --scripts 2000

from `tests/`. A script writes a log and rotates it in small steps; between them, and between any
two calls that the tail makes of the operating system, other steps happen. The tail looks now and
then, its state is stored, it is killed and goes on from there. All follows from the seed.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from unittest import mock

from reading.tail.calls import Calls
from reading.tail.schemes import SCHEMES
from reading.tail.script import Script
from tracecheck.reading.tail import succession


@dataclass(frozen=True)
class Divergence:
    """What went wrong in a script."""

    seed: int
    script: int
    scheme: str
    text: str
    start: str
    sort: str
    what: str
    story: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"seed {self.seed}, script {self.script} ({self.scheme}; {self.text}; {self.start}): "
            f"{self.sort}: {self.what}"
        )


@dataclass
class Report:
    """What came of many scripts."""

    seed: int
    scripts: Counter[str] = field(default_factory=Counter)
    steps: int = 0
    divergences: list[Divergence] = field(default_factory=list)

    @property
    def count(self) -> int:
        return self.scripts.total()

    def __str__(self) -> str:
        wrong: dict[str, Counter[str]] = {name: Counter() for name in self.scripts}
        for one in self.divergences:
            wrong[one.scheme][one.sort] += 1
        shortest = sorted(self.divergences, key=lambda one: len(one.story))
        by = Counter(f"{one.text}; {one.start}: {one.sort}" for one in self.divergences)
        lines = [
            f"{name}: {count}" + "".join(f", {n} {sort}" for sort, n in sorted(wrong[name].items()))
            for name, count in self.scripts.items()
        ]
        ends = (
            f"seed {self.seed}, {self.steps} steps: {self.count} scripts, "
            f"{len(self.divergences)} divergences"
        )
        lines += [f"{name}: {count}" for name, count in sorted(by.items())]
        return "\n".join([*lines, *map(str, shortest[:20]), ends])


def run(seed: int, scripts: int, scheme: str = "", only: int | None = None) -> Report:
    """Play so many scripts, of one scheme or of all in turn, or only one of them."""
    report = Report(seed)
    names = [scheme] if scheme else list(SCHEMES)
    calls = Calls()
    folder = tempfile.mkdtemp(prefix="tracecheck-law-")
    try:
        # Whether a directory changed is asked of its files: its time is that of the machine.
        with calls.watched(), mock.patch.object(succession, "_COARSE", 1 << 62):
            for number in range(scripts) if only is None else (only,):
                name = names[number % len(names)]
                report.scripts[name] += 1
                _play(report, number, name, tempfile.mkdtemp(dir=folder), calls)
    finally:
        shutil.rmtree(folder)
    return report


def _play(report: Report, number: int, scheme: str, folder: str, calls: Calls) -> None:
    script = Script(scheme, Random(f"{report.seed}:{number}"), folder, calls)
    try:
        script.play()
        sort, what = script.divergence()
    except Exception as error:  # noqa: BLE001 - whatever it is, the tail must not
        sort, what = "error", f"{type(error).__name__}: {error}"
    finally:
        script.close()
        shutil.rmtree(folder)
    report.steps += len(script.story)
    if sort:
        what, kind = what.replace(folder + os.sep, ""), (scheme, script.text, script.start)
        found = Divergence(report.seed, number, *kind, sort, what, tuple(script.story))
        report.divergences.append(found)


def main() -> int:
    """Run it from the command line; 1 if there were divergences."""
    parser = argparse.ArgumentParser(prog="python -m reading.tail.law")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scripts", type=int, default=2000)
    parser.add_argument("--scheme", choices=SCHEMES, default="")
    parser.add_argument("--only", type=int, help="play this script alone, and tell its story")
    chosen = parser.parse_args()
    report = run(chosen.seed, chosen.scripts, chosen.scheme, chosen.only)
    if chosen.only is not None:
        sys.stdout.writelines(f"{' '.join(one.story)}\n" for one in report.divergences)
    sys.stdout.write(f"{report}\n")
    return 1 if report.divergences else 0


if __name__ == "__main__":
    sys.exit(main())
