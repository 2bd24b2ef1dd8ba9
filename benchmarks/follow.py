"""Measure tracecheck while logs grow, and print one Markdown table for each section.

    python benchmarks/follow.py                        # all sections; the soak takes minutes
    python benchmarks/follow.py --only soak --lines 1000000
    python benchmarks/follow.py --only latency --seconds 40

The target stands beside what was measured. Every run is checked: one that loses a line, tells a
planted violation not at all, or gives a wrong number ends the benchmark with an error.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import emitter
import resident
import tables
from logs import GENERATOR, is_newer
from measure import MAXRSS_UNIT, BenchmarkError, Contender, Job, Log, Measured, measure, say
from planted import check_report, differ
from run import tracecheck_command

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

HERE = Path(__file__).resolve().parent

SECTIONS = ("catching-up", "latency", "checkpoint", "soak")
VERDICTS = frozenset({0, 1, 3})
MILLI = 1000
MEGA = tables.MEGA

WARM_UP = 10.0  # seconds of the steady log that are not measured
FEWEST = 300  # violations that make percentiles

ROTATED_AT = 16 * MEGA  # bytes of one file of the soak
AHEAD = 64 * MEGA  # bytes that may wait for the follower
SOAK_IDLE = 15  # seconds of silence that end the soak
STUCK = 60.0  # seconds without a byte being read that mean that none will be
SOAK_RULES = """\
version: 1
name: soak
about: Handoffs that all settle, in time or by it.
key: [conv, idem]
void: ["", unknown, "None"]
events:
  planned: OUTBOX_TRACE where phase == "planner" and count >= 1
  delivered: OUTBOX_TRACE where phase == "delivery"
  resolved: INSTANCE_TRACE where source in ["meta", "channel", "state"]
  sent: DELIVERY_TRACE where action == "send"
  result: DELIVERY_TRACE where action == "result"
rules:
  - id: arrives
    severity: high
    handoff: {from: planned, to: delivered, expect: to.count >= from.count, within: 5s}
  - id: ids-survive
    severity: high
    consistent: {from: planned, to: delivered, fields: [state_id, outbox_id]}
  - id: goes-all-the-way
    severity: high
    sequence: {steps: [planned, delivered, resolved, sent, result], within: 10s}
  - id: no-default-instance
    severity: high
    forbid: {where: '* where instance == "default" or instance like "thread_*"'}
  - id: succeeds
    severity: high
    rate: {of: DELIVERY_TRACE where status == "success", over: result, at_least: 90%}
"""

# --- tables ---------------------------------------------------------------------------------

Row = tuple[str, str, str, bool | None]
"""What was measured, its figure, its target, and whether that is reached."""


def targets(rows: Iterable[Row]) -> str:
    """Return the table of figures and their targets."""
    marks = {True: "yes", False: "**no**", None: ""}
    heads = ("", "measured", "target", "reached")
    return tables.table(heads, [(*row[:3], marks[row[3]]) for row in rows])


def milliseconds(seconds: float) -> str:
    """Write a time that is short."""
    return f"{seconds * MILLI:,.0f} ms".replace(",", " ")


def megabytes(number: float) -> str:
    """Write an amount of memory."""
    return f"{tables.spaced(number / MEGA)} MB"


def percentile(numbers: Sequence[float], share: float) -> float:
    """Return the smallest number that is not exceeded by this share of all."""
    ordered = sorted(numbers)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]


# --- catching up ----------------------------------------------------------------------------


def catching_up(options: argparse.Namespace, workdir: Path) -> str:
    """Compare following a log that is there with checking it, turn by turn."""
    log = existing_log(options, workdir)
    report = ("--format", "json")
    following = (*options.command, "--follow", "--idle", f"{options.idle}s", "-q", *report)
    jobs = [
        Job(Contender("check", (*options.command, *report), check_report, VERDICTS), log),
        Job(Contender("follow", following, check_report, VERDICTS), log),
    ]
    check, follow = measure(jobs, options.runs, workdir)
    pairs = zip(check.samples, follow.samples, strict=True)
    ratios = [(after.seconds - options.idle) / before.seconds for before, after in pairs]
    rows: list[Row] = [
        ("check: seconds, median (least)", spread(check, 0.0), "", None),
        ("follow, without the idle seconds at its end", spread(follow, options.idle), "", None),
        (
            "follow to check, of each turn: median (least, most)",
            f"{median(ratios):.2f} ({min(ratios):.2f}, {max(ratios):.2f})",
            "≤ 1.3",
            median(ratios) <= 1.3,
        ),
        ("check: user + sys s", f"{check.cpu_seconds:.2f}", "", None),
        ("follow: user + sys s", f"{follow.cpu_seconds:.2f}", "", None),
        ("check: peak memory", megabytes(check.peak_bytes), "", None),
        ("follow: peak memory", megabytes(follow.peak_bytes), "", None),
    ]
    lines, runs = tables.spaced(log.counts["lines"]), options.runs
    about = f"{lines} lines; {runs} turns after a warm-up."
    return f"### Catching up\n\n{about}\n\n{targets(rows)}"


def spread(measured: Measured, less: float) -> str:
    """Return the median and the least of the seconds of some runs."""
    least = min(sample.seconds for sample in measured.samples) - less
    return f"{measured.seconds - less:.2f} ({least:.2f})"


def existing_log(options: argparse.Namespace, workdir: Path) -> Log:
    """Return the log of `run.py`, generated if it is not there."""
    path = workdir / f"golive-{options.messages}-1-plain.log"
    truth = path.with_suffix(".truth.json")
    if not is_newer(truth, [HERE / name for name in GENERATOR]):
        say(f"generating {path.name}")
        command = [sys.executable, str(HERE / "generate.py"), "--messages", str(options.messages)]
        command += ["--output", str(path), "--truth", str(truth)]
        subprocess.run(command, check=True)  # noqa: S603 - our own script
    return Log(path, json.loads(truth.read_text(encoding="utf-8"))["counts"])


# --- latency and load -----------------------------------------------------------------------


class Reader(threading.Thread):
    """Reads the lines of a follower, and when those came that tell a planted violation."""

    def __init__(self, descriptor: int) -> None:
        """Begin to read."""
        super().__init__()
        self.arrived: dict[str, float] = {}
        self.report: dict[str, Any] | None = None
        self._descriptor = descriptor
        self.start()

    def run(self) -> None:
        """Read until nobody writes any more."""
        carry = b""
        while data := os.read(self._descriptor, 1 << 20):
            now = time.monotonic()
            *lines, carry = (carry + data).split(b"\n")
            for line in lines:
                self._take(json.loads(line), now)

    def _take(self, told: dict[str, Any], now: float) -> None:
        if told["type"] == "finding":
            conv = told["finding"]["key"].get("conv") or ""
            text = told["finding"]["evidence"][0]["text"]
            if emitter.PLANTED in conv + text:
                start = (conv + text).index(emitter.PLANTED)
                conv = (conv + text)[start : start + len(emitter.PLANTED) + 6]
                self.arrived.setdefault(conv, now)
        elif told["type"] == "report":
            self.report = told["report"]


@dataclass(frozen=True)
class Steady:
    """What following a steady log took: delays, and processor seconds a second."""

    name: str
    delays: list[float]
    load: float
    waited: float
    rate: float
    peak: int


def latency(options: argparse.Namespace, workdir: Path) -> str:
    """Follow a service that writes steadily, without and with checkpoints."""
    folder = fresh(workdir / "latency")
    state = ("--state", str(folder / "state"))
    found = [
        follow_steadily(options, folder, "follow", ()),
        follow_steadily(options, folder, "follow --state", state),
    ]
    rows: list[Row] = []
    for one in found:
        ordered = one.delays
        high = percentile(ordered, 0.99)
        rows += [
            (f"{one.name}: p50", milliseconds(percentile(ordered, 0.5)), "", None),
            (f"{one.name}: p99", milliseconds(high), "≤ 250 ms", high <= 0.25),
            (f"{one.name}: most", milliseconds(max(ordered)), "", None),
            (f"{one.name}: cores", f"{one.load:.2f}", "≤ 0.2", one.load <= 0.2),
            # Where this is much, others had the cores, and the delays are theirs.
            (f"{one.name}: s a second without a free core", f"{one.waited:.2f}", "", None),
            (f"{one.name}: peak memory", megabytes(one.peak), "", None),
        ]
    shutil.rmtree(folder)
    number = min(len(one.delays) for one in found)
    rates = " and ".join(tables.spaced(one.rate) for one in found)
    about = (
        f"{rates} lines a second for {options.seconds:.0f} s after {WARM_UP:.0f} s, one write every"
        f" {emitter.TICK * MILLI:.0f} ms; at least {number} violations. The delay is from the write"
        " of the line to the arrival of its finding."
    )
    return f"### Latency and load\n\n{about}\n\n{targets(rows)}"


def follow_steadily(
    options: argparse.Namespace, folder: Path, name: str, more: Sequence[str]
) -> Steady:
    """Follow one steady log, and see when what is planted is told."""
    say(f"{name}: {WARM_UP + options.seconds:.0f} s")
    log, complained = folder / "steady.log", folder / "complained.txt"
    log.write_bytes(b"")
    command = [*options.command, "--follow", "--format", "json", *more, str(log)]
    writing = [sys.executable, str(HERE / "emitter.py"), "--path", str(log)]
    writing += ["--rate", str(options.rate), "--seconds", str(WARM_UP + options.seconds)]
    with (
        complained.open("wb") as errors,
        subprocess.Popen(  # noqa: S603 - the command is the caller's
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, cwd=folder
        ) as process,
        subprocess.Popen(writing, stdout=subprocess.PIPE) as writer,  # noqa: S603 - our own
    ):
        if process.stdout is None or writer.stdout is None:
            raise AssertionError
        reader = Reader(process.stdout.fileno())
        time.sleep(WARM_UP)
        since, before = time.monotonic(), resident.processor_seconds(process.pid)
        waiting = resident.waited_seconds(process.pid)
        time.sleep(options.seconds - 1)
        until, after = time.monotonic(), resident.processor_seconds(process.pid)
        waiting = (resident.waited_seconds(process.pid) - waiting) / (until - since)
        emitted = json.loads(writer.stdout.read())
        time.sleep(2)
        _, peak = resident.memory(process.pid) or (0, 0)
        process.send_signal(signal.SIGTERM)
        reader.join()
        code = process.wait()
    if code not in VERDICTS or reader.report is None:
        raise BenchmarkError(
            f"{name} ended with exit code {code}:\n{complained.read_text()[-2000:]}"
        )
    lost = emitted["planted"].keys() - reader.arrived.keys()
    complaints = differ("lines", reader.report["totals"]["lines"], emitted["lines"])
    complaints += differ("planted violations that were not told", len(lost), 0)
    refuse(name, complaints)
    delays = [reader.arrived[conv] - at for conv, at in emitted["planted"].items() if at >= since]
    if len(delays) < FEWEST:
        say(f"only {len(delays)} violations: --seconds is short")
    say(f"the longest gap between two writes was {emitted['gap'] * MILLI:.0f} ms")
    rate = emitted["lines"] / emitted["seconds"]
    return Steady(name, delays, (after - before) / (until - since), waiting, rate, peak)


# --- checkpoints ----------------------------------------------------------------------------


def checkpoint(options: argparse.Namespace, workdir: Path) -> str:
    """Measure checkpoints of many open keys, inside a Python that has tracecheck."""
    folder = fresh(workdir / "checkpoint")
    command = [options.python, str(HERE / "checkpoint.py"), "--keys", str(options.keys)]
    command += ["--runs", str(options.checkpoints), "--folder", str(folder)]
    say(f"{options.checkpoints} checkpoints of {options.keys} open keys")
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE)  # noqa: S603 - our own
    if done.returncode:
        raise BenchmarkError(f"checkpoint.py ended with exit code {done.returncode}")
    found = json.loads(done.stdout)
    shutil.rmtree(folder)
    refuse("checkpoint.py", differ("open keys", max(found["open"]) >= options.keys, planted=True))
    slow, step = median(found["stored"]), median(found["alone"])
    rows: list[Row] = [
        ("checkpoint taken and stored: median", milliseconds(slow), "< 150 ms", slow < 0.15),
        (
            "… most",
            milliseconds(max(found["stored"])),
            "< 150 ms",
            max(found["stored"]) < 0.15,
        ),
        ("of it taken, while nothing is read: most", milliseconds(max(found["taken"])), "", None),
        ("stored beside the reading: median", milliseconds(median(found["beside"])), "", None),
        ("a step without one: median", milliseconds(step), "< 30 ms", step < 0.03),
        ("a step without one: most", milliseconds(max(found["alone"])), "", None),
        ("a step beside one: median", milliseconds(median(found["during"])), "", None),
        ("a step beside one: most", milliseconds(max(found["during"])), "", None),
        ("its file", megabytes(found["bytes"]), "", None),
    ]
    keys = tables.spaced(options.keys)
    about = f"{keys} open keys, and as many closed; {options.checkpoints} checkpoints of each sort."
    return f"### Checkpoints\n\n{about}\n\n{targets(rows)}"


# --- soak -----------------------------------------------------------------------------------


@dataclass
class Rotating:
    """A log that is rotated by renaming, and keeps the files that are not read yet."""

    path: Path
    files: deque[tuple[int, int]] = field(default_factory=deque)  # inode and bytes, oldest first
    rotations: int = 0

    def __post_init__(self) -> None:
        """Begin with an empty file."""
        self._begin()

    def write(self, data: bytes) -> None:
        """Write whole lines, and rotate where the file is large enough."""
        self._file.write(data)
        inode, size = self.files.pop()
        self.files.append((inode, size + len(data)))
        if size + len(data) >= ROTATED_AT:
            self._file.close()
            for number in range(len(self.files) - 1, 0, -1):
                self._named(number).rename(self._named(number + 1))
            self.path.rename(self._named(1))
            self.rotations += 1
            self._begin()

    def forget_read(self, opened: set[int]) -> bool:
        """Remove the files before the one that the follower has open; say whether it has one."""
        if not any(inode in opened for inode, _ in self.files):
            return False
        while self.files[0][0] not in opened:
            self._named(len(self.files) - 1).unlink()
            self.files.popleft()
        return True

    @property
    def waiting(self) -> int:
        """The bytes that may not be read yet."""
        return sum(size for _, size in self.files)

    def close(self) -> None:
        """Close the file that grows."""
        self._file.close()

    def _begin(self) -> None:
        self._file = self.path.open("wb", buffering=0)
        self.files.append((os.fstat(self._file.fileno()).st_ino, 0))

    def _named(self, number: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{number}")


@dataclass
class Soak:
    """A follower and the log that is written for it, as fast as it reads."""

    process: subprocess.Popen[bytes]
    log: Rotating
    written: Counter[str] = field(default_factory=Counter)
    samples: list[tuple[int, int]] = field(default_factory=list)  # lines read, bytes resident
    peak: int = 0
    begun: bool = False

    def __post_init__(self) -> None:
        """Take the time."""
        self.sampled = self.moved = time.monotonic()

    def emit(self, lines: int, every: float, until: float) -> None:
        """Write so many lines, or `until` a moment; see the memory `every` so many seconds."""
        stream = emitter.Stream(seed=1)
        ends: deque[tuple[int, int]] = deque()  # bytes and lines after each chunk
        size = number = 0
        while self.written["lines"] < lines and time.monotonic() < until:
            chunk = stream.chunk(number)
            # What is rotated before the follower has begun is no business of it.
            most = AHEAD - len(chunk.data) if self.begun else ROTATED_AT // 2
            while self.log.waiting > most:
                time.sleep(0.005)
                self.look(ends, every)
                most = AHEAD - len(chunk.data) if self.begun else most
            self.log.write(chunk.data)
            self.written += chunk.counts
            size, number = size + len(chunk.data), number + 1
            ends.append((size, self.written["lines"]))
            self.look(ends, every)
        self.written["bytes"] = size
        self.log.close()

    def look(self, ends: deque[tuple[int, int]], every: float) -> None:
        """See what the follower has read, and now and then what memory it has."""
        now, waiting = time.monotonic(), len(self.log.files)
        self.begun |= self.log.forget_read(resident.open_inodes(self.process.pid))
        if len(self.log.files) < waiting:
            self.moved = now
        if self.process.poll() is not None or now - self.moved > STUCK:
            raise BenchmarkError("the follower has ended, or reads no more")
        if now - self.sampled >= every:
            self.sampled = now
            self.sample(ends)

    def sample(self, ends: deque[tuple[int, int]]) -> None:
        """Note the memory, and how many lines are read for sure."""
        found = resident.memory(self.process.pid)
        if found is None or not ends:
            return
        read = ends[-1][0] - self.log.waiting
        while len(ends) > 1 and ends[1][0] <= read:
            ends.popleft()
        self.samples.append((ends[0][1] if ends[0][0] <= read else 0, found[0]))
        self.peak = max(self.peak, found[1])
        say(f"{self.samples[-1][0]:>12,} lines read, {found[0] / MEGA:.0f} MB")


def soak(options: argparse.Namespace, workdir: Path) -> str:
    """Follow a very long log through many rotations, and watch the memory."""
    folder = fresh(workdir / "soak")
    rules, path = folder / "soak.yaml", folder / "app.log"
    printed, complained = folder / "printed.txt", folder / "complained.txt"
    rules.write_text(SOAK_RULES, encoding="utf-8")
    log = Rotating(path)
    command = [*options.command, "--follow", "--idle", f"{SOAK_IDLE}s", "-q", "--format", "json"]
    command += ["--rules", str(rules), str(path)]
    with printed.open("wb") as output, complained.open("wb") as errors:
        began = time.monotonic()
        process = subprocess.Popen(  # noqa: S603 - the command is the caller's
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors, cwd=folder
        )
        run = Soak(process, log)
        try:
            run.emit(options.lines, options.sample_every, began + options.minutes * 60)
            seconds = time.monotonic() - began
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
        finally:
            if process.returncode is None:
                process.kill()
                process.wait()
    run.peak = max(run.peak, usage.ru_maxrss * MAXRSS_UNIT)
    if process.returncode not in VERDICTS:
        tail = complained.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise BenchmarkError(f"it ended with exit code {process.returncode}:\n{tail}")
    refuse("the soak", soak_complaints(json.loads(printed.read_bytes()), run.written))
    shutil.rmtree(folder)
    rows, about = soak_rows(run), run.written
    handoffs, lines = tables.spaced(about["planned"]), tables.spaced(about["lines"])
    said = (
        f"{lines} lines, {handoffs} handoffs, {megabytes(about['bytes'])} through {log.rotations}"
        f" rotations; {tables.spaced(about['lines'] / seconds)} lines a second,"
        f" {len(run.samples)} samples of the memory."
    )
    return f"### Soak\n\n{said}\n\n{targets(rows)}"


def soak_complaints(report: dict[str, Any], written: Counter[str]) -> list[str]:
    """Compare the report of the soak with what was written."""
    outcomes = {outcome["id"]: outcome for outcome in report["rules"]}
    return [
        *differ("lines", report["totals"]["lines"], written["lines"]),
        *differ("handoffs", outcomes["arrives"]["subjects"], written["planned"]),
        *differ("pairs", outcomes["ids-survive"]["subjects"], written["delivered"]),
        *differ("orphans", outcomes["arrives"]["classes"]["orphan"], 0),
    ]


def soak_rows(run: Soak) -> list[Row]:
    """Return the figures of the soak: the peak, and what grows behind the first tenth."""
    tenth = run.written["lines"] / 10
    behind = [(lines / MEGA, size / MEGA) for lines, size in run.samples if lines >= tenth]
    peak = ("peak memory", megabytes(run.peak), "≤ 300 MB", run.peak <= 300 * MEGA)
    if len(behind) < 3:
        return [peak, ("too few samples to tell growth", "", "", None)]
    share = max(1, len(behind) // 9)
    early, late = (median(size for _, size in part) for part in (behind[:share], behind[-share:]))
    grows = resident.slope(behind)
    all_of_it = grows * (behind[-1][0] - behind[0][0])
    return [
        peak,
        ("memory in the second tenth, median", f"{early:.0f} MB", "", None),
        ("memory in the last tenth, median", f"{late:.0f} MB", "", None),
        ("largest behind the first tenth", f"{max(s for _, s in behind):.0f} MB", "", None),
        (
            "growth behind the first tenth, MB a million lines",
            f"{grows:+.2f} ({all_of_it:+.0f} MB in all)",
            "none",
            all_of_it <= max(5.0, 0.03 * early),
        ),
    ]


# --- all of them ----------------------------------------------------------------------------


def refuse(name: str, complaints: Sequence[str]) -> None:
    """End the benchmark where the numbers are wrong."""
    if complaints:
        listed = "\n  ".join(complaints)
        raise BenchmarkError(f"{name} is wrong:\n  {listed}")


def fresh(folder: Path) -> Path:
    """Return the folder, empty."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    number = parser.add_argument
    number("--runs", type=int, default=3, help="turns of catching up (default 3)")
    number("--messages", type=int, default=700_000, help="turns of the log that is caught up with")
    number(
        "--idle", type=int, default=1, help="seconds of silence that end catching up (default 1)"
    )
    number("--seconds", type=float, default=40.0, help="how long latency is measured (default 40)")
    number("--rate", type=int, default=20_000, help="lines a second (default 20000)")
    number("--keys", type=int, default=100_000, help="open keys of a checkpoint")
    number("--checkpoints", type=int, default=10, help="how many are measured (default 10)")
    number("--lines", type=int, default=20_000_000, help="lines of the soak (default 20 million)")
    number("--minutes", type=float, default=60.0, help="the soak writes no longer (default 60)")
    number("--sample-every", type=float, default=1.0, help="seconds between looks at the memory")
    number("--workdir", type=Path, help="keep the log here (default: a temporary place)")
    number("--tracecheck", metavar="COMMAND", help="how tracecheck is called")
    number("--python", help="a Python that has tracecheck (default: the one beside the command)")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=SECTIONS,
        default=SECTIONS,
        metavar="SECTION",
        help=f"{', '.join(SECTIONS)} (default: all)",
    )
    options = parser.parse_args()
    options.command = tracecheck_command(options.tracecheck)
    if options.command is None:
        parser.error("tracecheck is not installed; --tracecheck says how it is called")
    beside = Path(options.command[0]).with_name("python")
    options.python = options.python or (str(beside) if beside.exists() else sys.executable)
    return options


def show(markdown: str) -> None:
    """Print one finished part of the result."""
    sys.stdout.write(f"{markdown}\n")
    sys.stdout.flush()


def main() -> None:
    """Run the sections that are asked for, and print the tables."""
    options = arguments()
    sections = {
        "catching-up": catching_up,
        "latency": latency,
        "checkpoint": checkpoint,
        "soak": soak,
    }
    with tempfile.TemporaryDirectory(prefix="tracecheck-benchmark-") as temporary:
        workdir = (options.workdir or Path(temporary)).resolve()
        workdir.mkdir(parents=True, exist_ok=True)
        load = os.getloadavg()[0]
        python, cores = platform.python_version(), os.cpu_count()
        show(f"{cores} cores, of which {load:.1f} were busy at the start; Python {python}.")
        try:
            for section in options.only:
                show(f"\n{sections[section](options, workdir)}")
        except BenchmarkError as error:
            sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
