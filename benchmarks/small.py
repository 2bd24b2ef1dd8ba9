"""Fail if tracecheck takes more than twice the time that it took when this was last recorded.

    python benchmarks/small.py

What a machine takes says nothing about another machine. So each command has a peer that is run in
the same rounds, and what is recorded is a ratio: of user and system time, as machines have more
cores or fewer.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from logs import Logs
from measure import BenchmarkError, Contender, Job, measure
from pairs import Ratio, cpu_seconds, pairs, ratio
from planted import check_lines, check_report

PEERS = Path(__file__).resolve().parent / "peers"
MESSAGES = 30_000
RUNS = 5
ALLOWED = 2.0
"""Multiples of what was recorded; less would fail on a bad day of the machine."""

TRACECHECK = (sys.executable, "-m", "tracecheck")


@dataclass(frozen=True)
class Recorded:
    """A command, its peer, and the ratio that was measured between them."""

    what: str
    ratio: float


CHECK = Recorded("a check of 30 000 messages, against a loop in Python over the lines", 2.5)
START = Recorded("a check of 14 lines, against an import of Polars", 2.2)


def main() -> None:
    """Measure, say what was found, and exit with 1 if something takes too long."""
    with tempfile.TemporaryDirectory(prefix="tracecheck-benchmark-") as temporary:
        workdir = Path(temporary)
        try:
            found = measured(workdir)
        except BenchmarkError as error:
            sys.exit(f"error: {error}")
    for recorded, now in found.items():
        sys.stdout.write(f"{recorded.what}: {now} times; recorded: {recorded.ratio:.2f}\n")
    slow = [one.what for one, now in found.items() if is_slow(one, now)]
    if slow:
        sys.exit(f"error: more than {ALLOWED:g} times as slow as recorded: {'; '.join(slow)}")


def measured(workdir: Path) -> dict[Recorded, Ratio]:
    """What each command costs in multiples of its peer."""
    log = Logs(workdir).log(MESSAGES)
    short = Logs(workdir).short(MESSAGES)
    check = (*TRACECHECK, "check", "--format", "json")
    verdicts = frozenset({0, 1, 3})
    jobs = [
        Job(Contender("tracecheck", check, check_report, verdicts), log),
        Job(Contender("a loop", (sys.executable, str(PEERS / "loop.py")), check_lines), log),
        Job(Contender("tracecheck, 14 lines", (*check, str(short)), exits=verdicts)),
        Job(Contender("import polars", (sys.executable, "-c", "import polars"))),
    ]
    ratios = [ratio(*pair, cpu_seconds) for pair in pairs(measure(jobs, RUNS, workdir))]
    return dict(zip((CHECK, START), ratios, strict=True))


def is_slow(recorded: Recorded, now: Ratio) -> bool:
    """Whether it takes more than twice what was recorded, by the median of the rounds."""
    return now.middle > ALLOWED * recorded.ratio


if __name__ == "__main__":
    main()
