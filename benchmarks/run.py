"""Measure tracecheck beside its peers on generated logs, and print the tables as Markdown.

    python benchmarks/run.py                         # all sections, 700 000 messages
    python benchmarks/run.py --only peers            # without tracecheck
    python benchmarks/run.py --messages 70000 --only comparison startup

Every run is checked: a contender that does not give the planted numbers ends the benchmark with
an error, because the time of a wrong answer means nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import json
import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import tables
from measure import BenchmarkError, Contender, Job, Log, measure, say
from planted import check_literal, check_peer, check_report

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
SECTIONS = ("comparison", "forms", "growth", "startup")
TRACECHECK = "tracecheck"
SHORT_LINES = 14  # of the log for the cold start
SHORT_RUNS = 10  # short commands are noisy, and cost nothing to repeat
LITERAL = "OUTBOX_GUARD|level=CRITICAL|type=handoff_violation"


def tracecheck_command(given: str | None) -> tuple[str, ...] | None:
    """Return the command of tracecheck: the given one, that on the path, or the module."""
    if given is not None:
        return tuple(shlex.split(given)) or None
    found = shutil.which("tracecheck")
    if found is not None:
        return (found,)
    if importlib.util.find_spec("tracecheck") is not None:
        return (sys.executable, "-m", "tracecheck")
    return None


def tracecheck(command: tuple[str, ...] | None, name: str = TRACECHECK) -> Contender:
    """Return tracecheck with its shipped rules and the JSON report.

    The planted violations make it exit with 1; with other rates it may be 0 or 3.
    """
    full = None if command is None else (*command, "check", "--format", "json")
    return Contender(name, full, check_report, frozenset({0, 1, 3}))


def peers() -> list[Contender]:
    """Return the peers, those that are not installed too."""
    mawk, ripgrep = shutil.which("mawk"), shutil.which("rg")
    has_duckdb = importlib.util.find_spec("duckdb") is not None
    duckdb = (sys.executable, str(PEERS / "duckdb_checks.py"))
    rg_command = (ripgrep, "--no-config", "--count", "--fixed-strings", LITERAL)
    bytewise = {"LC_ALL": "C"}
    return [
        *(
            Contender(
                f"DuckDB, four checks, {form}",
                (*duckdb, f"{form}.sql") if has_duckdb else None,
                check_peer,
            )
            for form in ("general", "tuned")
        ),
        *(
            Contender(
                f"mawk, four checks, {form}",
                (mawk, "-f", str(PEERS / f"{form}.awk")) if mawk else None,
                check_peer,
                environment=bytewise,
            )
            for form in ("general", "tuned")
        ),
        Contender(
            "ripgrep, one literal (a floor)",
            tuple(filter(None, rg_command)) if ripgrep else None,
            check_literal,
            # It ends with 1 where no line has the literal.
            frozenset({0, 1}),
            bytewise,
        ),
    ]


class Benchmark:
    """The sections of the benchmark; each returns its part of the Markdown."""

    def __init__(self, options: argparse.Namespace, workdir: Path) -> None:
        """Measure with the command line's options, and keep the logs in `workdir`."""
        self.options = options
        self.workdir = workdir
        self.command = tracecheck_command(options.tracecheck)

    def peers(self) -> str:
        """Measure the peers alone."""
        log = self.log(self.options.messages)
        measured = measure([Job(peer, log) for peer in peers()], self.options.runs, self.workdir)
        return f"### Peers\n\n{size_of(log)}\n\n{tables.comparison(measured, TRACECHECK)}"

    def comparison(self) -> str:
        """Measure tracecheck and its peers on one plain log."""
        log = self.log(self.options.messages)
        contenders = [tracecheck(self.command), *peers()]
        measured = measure([Job(one, log) for one in contenders], self.options.runs, self.workdir)
        return f"### Comparison\n\n{size_of(log)}\n\n{tables.comparison(measured, TRACECHECK)}"

    def forms(self) -> str:
        """Measure tracecheck on the same turns as plain lines and in a JSON envelope."""
        messages = self.options.messages
        jobs = [
            Job(tracecheck(self.command, "plain"), self.log(messages)),
            Job(tracecheck(self.command, "JSON"), self.log(messages, "json")),
        ]
        measured = measure(jobs, self.options.runs, self.workdir)
        sizes = "\n\n".join(size_of(job.log) for job in jobs if job.log is not None)
        return f"### Plain and JSON form\n\n{sizes}\n\n{tables.comparison(measured, 'plain')}"

    def growth(self) -> str:
        """Measure time and memory on a tenth of the log, the log and, if asked, ten times it."""
        messages = self.options.messages
        sizes = [messages // 10, messages, *([messages * 10] if self.options.ten_times else [])]
        contenders = [tracecheck(self.command), peers()[0]]
        jobs = [Job(one, self.log(size)) for one in contenders for size in sizes]
        measured = measure(jobs, self.options.runs, self.workdir)
        return f"### Growth\n\n{tables.growth(measured)}"

    def startup(self) -> str:
        """Measure short commands: a small log, the help, and a bare interpreter beside them."""
        small = self.workdir / "short.log"
        with self.log(self.options.messages).path.open("rb") as whole:
            small.write_bytes(b"".join(itertools.islice(whole, SHORT_LINES)))
        command = self.command
        cold = None if command is None else (*command, "check", "--format", "json", str(small))
        help_command = None if command is None else (*command, "--help")
        contenders = [
            Contender(f"tracecheck, {SHORT_LINES} lines", cold, exits=frozenset({0, 1, 3})),
            Contender("tracecheck --help", help_command),
            Contender("a Python that does nothing", (sys.executable, "-c", "pass")),
        ]
        measured = measure([Job(one) for one in contenders], SHORT_RUNS, self.workdir)
        return f"### Start-up\n\n{tables.startup(measured)}"

    def log(self, messages: int, form: str = "plain") -> Log:
        """Return the log of so many messages; it is generated if it is not there yet."""
        path = self.workdir / f"golive-{messages}-{self.options.seed}-{form}.log"
        truth = path.with_suffix(".truth.json")
        if not is_newer(truth, [HERE / name for name in GENERATOR]):
            say(f"generating {path.name}")
            command = [sys.executable, str(HERE / "generate.py"), "--format", form]
            command += ["--messages", str(messages), "--seed", str(self.options.seed)]
            # In a process of its own: the memory of this one is the floor of what it measures.
            command += ["--output", str(path), "--truth", str(truth)]
            subprocess.run(command, check=True)  # noqa: S603 - our own script
        return Log(path, json.loads(truth.read_text(encoding="utf-8"))["counts"])


GENERATOR = ("generate.py", "plan.py", "records.py", "turns.py")
"""What makes the log; the truth is made with it."""


def is_newer(file: Path, sources: list[Path]) -> bool:
    """Say whether a file is there and younger than all that it is made from."""
    if not file.exists():
        return False
    made = file.stat().st_mtime
    return all(source.stat().st_mtime < made for source in sources)


def size_of(log: Log) -> str:
    """Return one sentence about the size of a log."""
    counts = log.counts
    megabytes = counts["bytes"] / tables.MEGA
    messages, lines = tables.spaced(counts["messages"]), tables.spaced(counts["lines"])
    return f"`{log.path.name}`: {messages} messages, {lines} lines, {megabytes:.1f} MB."


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=700_000, help="turns of the log")
    parser.add_argument("--runs", type=int, default=3, help="measured runs (default 3)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--workdir",
        type=Path,
        help="keep the logs here (default: a temporary place)",
    )
    parser.add_argument(
        "--tracecheck",
        metavar="COMMAND",
        help="how tracecheck is called ('' for not at all)",
    )
    parser.add_argument("--ten-times", action="store_true", help="growth: also ten times the log")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=("peers", *SECTIONS),
        default=SECTIONS,
        metavar="SECTION",
        help=f"peers (without tracecheck), {', '.join(SECTIONS)} (default: all but peers)",
    )
    options = parser.parse_args()
    if options.runs < 1 or options.messages < 1:
        parser.error("--runs and --messages must be at least 1")
    return options


def show(markdown: str) -> None:
    """Print one finished part of the result."""
    sys.stdout.write(f"{markdown}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the sections that are asked for, and print the tables."""
    options = arguments()
    with tempfile.TemporaryDirectory(prefix="tracecheck-benchmark-") as temporary:
        workdir = (options.workdir or Path(temporary)).resolve()
        workdir.mkdir(parents=True, exist_ok=True)
        benchmark = Benchmark(options, workdir)
        python, cores = platform.python_version(), os.cpu_count()
        show(f"Median of {options.runs} runs after a warm-up; {cores} cores, Python {python}.")
        try:
            for section in options.only:
                show(f"\n{getattr(benchmark, section)()}")
        except BenchmarkError as error:
            sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
