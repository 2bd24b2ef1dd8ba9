"""Measure tracecheck beside its peers on generated logs, and print the tables as Markdown.

    python benchmarks/run.py                         # all sections, 700 000 messages
    python benchmarks/run.py --only peers            # without tracecheck
    python benchmarks/run.py --messages 70000 --only comparison startup
    python benchmarks/run.py --against HEAD~1        # this checkout and another commit, in turn

Every run is checked: a contender that does not give the planted numbers ends the benchmark with
an error, because the time of a wrong answer means nothing.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

import tables
from against import CHECK, Against, Command
from logs import SHORT_LINES, Logs
from measure import BenchmarkError, Contender, Job, Log, measure
from planted import check_lines, check_literal, check_peer, check_report

HERE = Path(__file__).resolve().parent
PEERS = HERE / "peers"
SECTIONS = ("comparison", "forms", "growth", "startup")
COMPARED = frozenset({"comparison", "forms", "startup"})
TRACECHECK = "tracecheck"
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
    has_duckdb, has_polars = (
        importlib.util.find_spec(name) is not None for name in ("duckdb", "polars")
    )
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
            "Polars cutting at pipes (a floor)",
            (sys.executable, str(PEERS / "tokeniser.py")) if has_polars else None,
            check_lines,
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
        self.logs = Logs(workdir, options.seed)
        self.command = tracecheck_command(options.tracecheck)

    def peers(self) -> str:
        """Measure the peers alone."""
        log = self.logs.log(self.options.messages)
        measured = measure([Job(peer, log) for peer in peers()], self.options.runs, self.workdir)
        return f"### Peers\n\n{size_of(log)}\n\n{tables.comparison(measured, TRACECHECK)}"

    def comparison(self) -> str:
        """Measure tracecheck and its peers on one plain log."""
        log = self.logs.log(self.options.messages)
        contenders = [tracecheck(self.command), *peers()]
        measured = measure([Job(one, log) for one in contenders], self.options.runs, self.workdir)
        return f"### Comparison\n\n{size_of(log)}\n\n{tables.comparison(measured, TRACECHECK)}"

    def forms(self) -> str:
        """Measure tracecheck on the same turns as plain lines and in a JSON envelope."""
        messages = self.options.messages
        jobs = [
            Job(tracecheck(self.command, "plain"), self.logs.log(messages)),
            Job(tracecheck(self.command, "JSON"), self.logs.log(messages, "json")),
        ]
        measured = measure(jobs, self.options.runs, self.workdir)
        sizes = "\n\n".join(size_of(job.log) for job in jobs if job.log is not None)
        return f"### Plain and JSON form\n\n{sizes}\n\n{tables.comparison(measured, 'plain')}"

    def growth(self) -> str:
        """Measure time and memory on a tenth of the log, the log and, if asked, ten times it."""
        messages = self.options.messages
        sizes = [messages // 10, messages, *([messages * 10] if self.options.ten_times else [])]
        contenders = [tracecheck(self.command), peers()[0]]
        jobs = [Job(one, self.logs.log(size)) for one in contenders for size in sizes]
        measured = measure(jobs, self.options.runs, self.workdir)
        return f"### Growth\n\n{tables.growth(measured)}"

    def startup(self) -> str:
        """Measure short commands: a small log, the help, and a bare interpreter beside them."""
        small = self.logs.short(self.options.messages)
        command = self.command
        cold = None if command is None else (*command, "check", "--format", "json", str(small))
        help_command = None if command is None else (*command, "--help")
        missing = None if command is None else (*command, f"{small}.nosuch")
        contenders = [
            Contender(f"tracecheck, {SHORT_LINES} lines", cold, exits=frozenset({0, 1, 3})),
            Contender("tracecheck --help", help_command),
            Contender("tracecheck, a file that is not there", missing, exits=frozenset({2})),
            Contender("a Python that does nothing", (sys.executable, "-c", "pass")),
        ]
        measured = measure([Job(one) for one in contenders], SHORT_RUNS, self.workdir)
        return f"### Start-up\n\n{tables.startup(measured)}"

    def against(self) -> str:
        """Measure this checkout and another commit in turn, on what the sections are about."""
        with tempfile.TemporaryDirectory(prefix="tracecheck-sources-") as copies:
            both = Against(self.options.against, Path(copies), self.workdir)
            parts = [f"### This checkout against {both.name}"]
            for form in self._forms():
                log = self.logs.log(self.options.messages, form)
                parts += [size_of(log), both.logs({form: log}, self.options.runs)]
            if "startup" in self.options.only:
                parts.append(both.commands(self._short_commands(), 2 * SHORT_RUNS))
        return "\n\n".join(parts)

    def _forms(self) -> list[str]:
        forms = {"comparison": "plain", "forms": "json"}
        return [form for section, form in forms.items() if section in self.options.only]

    def _short_commands(self) -> dict[str, Command]:
        small = str(self.logs.short(self.options.messages))
        return {
            f"{SHORT_LINES} lines": Command((*CHECK.arguments, small)),
            "--help": Command(("--help",), frozenset({0})),
            "a file that is not there": Command((f"{small}.nosuch",), frozenset({2})),
        }


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
    parser.add_argument("--runs", type=int, default=5, help="measured runs (default 5)")
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
    parser.add_argument(
        "--against",
        metavar="REV",
        help="measure this checkout and another commit in turn; by a Python with its dependencies",
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
    if options.against and not COMPARED.intersection(options.only):
        parser.error(f"--against is about {', '.join(sorted(COMPARED))}")
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
            for section in ("against",) if options.against else options.only:
                show(f"\n{getattr(benchmark, section)()}")
        except BenchmarkError as error:
            sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
