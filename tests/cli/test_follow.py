"""The command line of a run that follows: its options, what it prints, and how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any, Self, cast

import pytest
from runs.follow.followed import at, began, ended

from tracecheck import cli
from tracecheck.report import REPORTERS, Reporter

RULES = """\
version: 1
key: [id]
rules:
  - id: every-start-ends
    handoff: {from: EV where s == "1", to: EV where s == "2", within: 10s}
  - id: nothing-is-bad
    forbid: {where: EV where s == "bad"}
  - id: mostly-good
    severity: low
    rate: {of: EV where s == "2", over: EV, at_least: 1%}
"""
HOLDS = [began(0), ended(1)]
BAD = at(2, "EV|s=bad|id=x")
DEADLINE = 120
"""Seconds after which a process hangs, on a machine however busy."""

TYPES = {"finding", "outcome", "overdue", "trouble", "heartbeat", "report"}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with rules and a log that holds."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    Path("tracecheck.yaml").write_text(RULES)
    append("app.log", *HOLDS)
    return tmp_path


def append(path: str, *lines: str) -> None:
    with open(path, "a", encoding="utf-8") as file:
        file.write("".join(f"{line}\n" for line in lines))


Main = Callable[..., tuple[int, str, str]]


@pytest.fixture
def main(capfd: pytest.CaptureFixture[str]) -> Main:
    """Runs a command line in this process: its code, output and errors."""

    def run(*args: str) -> tuple[int, str, str]:
        code = cli.main(args)
        out, err = capfd.readouterr()
        return code, out, err

    return run


class Process:
    """A run as a process of its own, whose output is waited for."""

    def __init__(self, *args: str, **more: Any) -> None:
        more.setdefault("stdin", subprocess.DEVNULL)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tracecheck", *args],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **more,
        )
        self.out: list[str] = []
        self.err: list[str] = []
        self._news = threading.Condition()
        self._readers = [
            threading.Thread(target=self._read, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, stream: IO[bytes], lines: list[str]) -> None:
        for line in stream:
            with self._news:
                lines.append(line.decode().rstrip("\n"))
                self._news.notify_all()

    def wait_for(self, text: str) -> str:
        """The first line of output, or of errors, with a text in it."""

        def found() -> str | None:
            return next((line for line in [*self.out, *self.err] if text in line), None)

        with self._news:
            assert self._news.wait_for(found, DEADLINE), (self.out, self.err)
            line = found()
        assert line is not None
        return line

    def ends(self) -> int:
        code = self.process.wait(DEADLINE)
        for reader in self._readers:
            reader.join(DEADLINE)
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()
        return code

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)


@pytest.fixture
def start() -> Iterator[Callable[..., Process]]:
    """Starts runs, none of which outlives its test."""
    started: list[Process] = []

    def run(*args: str, **more: Any) -> Process:
        started.append(Process(*args, **more))
        return started[-1]

    yield run
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.ends()


Start = Callable[..., Process]


def parsed(text: str) -> list[dict[str, Any]]:
    """The JSON lines of an output."""
    lines = [json.loads(line) for line in text.splitlines()]
    assert {one["type"] for one in lines} <= TYPES
    return lines


def checked(*args: str) -> dict[str, Any]:
    """What a check says of logs."""
    cli.main(["--format", "json", "--output", "checked.json", *args])
    report: dict[str, Any] = json.loads(Path("checked.json").read_text())
    return report


# --- what is refused ------------------------------------------------------------------------

OPTIONS = [
    ("--from", "start"),
    ("--for", "1s"),
    ("--until", "fail"),
    ("--idle", "1s"),
    ("--lateness", "1s"),
    ("--state", "state"),
    ("--max-open-keys", "5"),
    ("--max-closed-keys", "5"),
    ("--exec", "true"),
    ("--webhook", "http://127.0.0.1:1/"),
    ("--metrics", "9999"),
]


@pytest.mark.parametrize(("option", "value"), OPTIONS)
def test_an_option_of_following_is_refused_without_it(main: Main, option: str, value: str) -> None:
    code, out, err = main(option, value, "app.log")
    said = f"tracecheck: {option} is for a run that follows; add --follow\n"
    assert (code, out, err) == (2, "", said)
    assert not os.path.exists("state")


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--for", "soon"),
        ("--for", "-1s"),
        ("--idle", "5"),
        ("--idle", "nan"),
        ("--lateness", ""),
        ("--lateness", "5%"),
    ],
)
def test_what_is_no_duration_is_refused(main: Main, option: str, value: str) -> None:
    code, out, err = main("--follow", option, value, "app.log")
    assert (code, out) == (2, "")
    assert err.startswith(f"tracecheck: {option} takes a duration such as 30s, 5min or 24h: ")
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--max-open-keys", "0"),
        ("--max-open-keys", "1.5"),
        ("--max-open-keys", "9" * 30),
        ("--max-closed-keys", "-1"),
        ("--max-closed-keys", ""),
        ("--max-closed-keys", "٣"),
    ],
)
def test_what_is_no_count_is_refused(main: Main, option: str, value: str) -> None:
    code, out, err = main("--follow", option, value, "app.log")
    assert (code, out) == (2, "")
    assert err == f"tracecheck: {option} takes a number from 1, not {value}\n"


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--until", "pass", "app.log"], "--until takes fail, not pass"),
        (["--state", "state", "-"], "standard input cannot be gone on with; --state is for files"),
        (["--from", "nowhere", "app.log"], "nowhere: no checkpoint; --from takes start, end, or"),
        (["app.log", "./app.log"], "are the same file; give it once"),
        (["missing/*.txt", "--format", "xml"], "--format is text or json, not xml"),
        (["--metrics", "no", "app.log"], "--metrics"),
        (["--webhook", "ftp://x/", "app.log"], "--webhook"),
        (["--output", "app.log", "app.log"], "--output app.log is a log of this run"),
        (["--timezone", "Nowhere", "app.log"], "Nowhere"),
        (["--idle", "0s", "--max-findings", "-1", "app.log"], "--max-findings"),
    ],
)
def test_what_makes_no_sense_is_refused_in_one_line(
    main: Main, args: Sequence[str], said: str
) -> None:
    code, out, err = main("--follow", *args)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_state_that_another_run_holds_is_refused(main: Main, start: Start) -> None:
    run = start("--follow", "--format", "json", "--state", "state", "app.log")
    run.wait_for('"pass"')
    code, out, err = main("--follow", "--idle", "0s", "--state", "state", "app.log")
    assert (code, out) == (2, "")
    assert "another run keeps its state there" in err
    run.send(signal.SIGTERM)
    assert run.ends() == 0
    code, out, err = main("--follow", "--idle", "0s", "--quiet", "--state", "state", "app.log")
    assert (code, err) == (0, "")


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--order", "time"], "was made with order none, and this run has time"),
        (["--timezone", "Europe/Berlin"], "was made with timezone UTC, and this run has Europe/B"),
        (["--max-findings", "3"], "was made with max-findings 20, and this run has 3"),
        (["--from", "state"], "holds a checkpoint, which that of --from would replace"),
    ],
)
def test_a_state_of_another_run_is_refused_in_one_line(
    main: Main, args: Sequence[str], said: str
) -> None:
    follow = ("--follow", "--idle", "0s", "--quiet", "--state", "state")
    assert main(*follow, "app.log")[0] == 0
    code, out, err = main(*follow, *args, "app.log")
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
    assert main(*follow, "app.log")[0] == 0


def test_a_run_that_goes_on_by_other_rules_names_them_in_one_line(main: Main) -> None:
    follow = ("--follow", "--idle", "0s", "--state", "state", "app.log")
    assert main(*follow)[2] == ""
    _, out, err = main(*follow, "--key", "other", "--format", "json")
    going_on, changed = err.splitlines()
    assert going_on == "tracecheck: going on from the checkpoint in state"
    assert re.fullmatch(
        r"tracecheck: rules changed: [a-z0-9, -]+; what .* behind the .* read", changed
    )
    report = json.loads(out.splitlines()[-1])["report"]
    assert {"lines": report["totals"]["lines"]} in [one.get("since") for one in report["rules"]]
    assert main(*follow, "--key", "third", "--quiet")[2] == ""


def test_a_damaged_state_is_refused_and_left_alone(main: Main) -> None:
    os.mkdir("state")
    Path("state/checkpoint").write_bytes(b"PK nonsense")
    code, out, err = main("--follow", "--idle", "0s", "--state", "state", "app.log")
    assert (code, out) == (2, "")
    assert "state/checkpoint: is no checkpoint, or a damaged one" in err
    assert Path("state/checkpoint").read_bytes() == b"PK nonsense"


# --- what is printed ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "code", "verdict"),
    [
        (HOLDS, 0, "pass"),
        ([*HOLDS, BAD], 1, "fail"),
        ([], 3, "inconclusive"),
        ([began(0)], 1, "fail"),
        ([*HOLDS, "EV|s=1|id=u", "EV|s=2|id=u"], 3, "inconclusive"),
    ],
)
def test_a_run_ends_with_the_exit_code_and_report_of_a_check(
    main: Main, lines: Sequence[str], code: int, verdict: str
) -> None:
    Path("app.log").write_text("".join(f"{line}\n" for line in lines))
    assert main("--follow", "--idle", "0s", "app.log")[0] == code
    found, out, err = main("--follow", "--idle", "0s", "--format", "json", "app.log")
    assert (found, err) == (code, "")
    report = parsed(out)[-1]
    assert report["type"] == "report"
    assert report["report"]["verdict"] == verdict
    assert report["report"]["exit_code"] == code
    assert report["report"] == checked("app.log")


def test_each_line_of_json_is_an_object_of_a_known_type_and_the_last_is_the_report(
    main: Main,
) -> None:
    append("app.log", BAD, began(3, "客"), at(30, "EV|s=0|id=z"), *["EV|s=bad|id=q"] * 30)
    _, out, _ = main("--follow", "--idle", "0s", "--format", "json", "app.log")
    assert out.isascii()
    lines = parsed(out)
    assert [one["type"] for one in lines].count("report") == 1
    assert lines[-1] == {"type": "report", "report": checked("app.log")}
    findings = [one for one in lines if one["type"] == "finding"]
    assert len(findings) == 21
    assert sum(one["more"] for one in findings) == 11
    assert {one["type"] for one in lines} == {"finding", "outcome", "report"}


def test_a_format_without_lines_writes_its_report_alone(
    main: Main, monkeypatch: pytest.MonkeyPatch
) -> None:
    brief = Reporter(lambda verdict, _: f"{verdict.verdict}\n")
    monkeypatch.setitem(cast("dict[str, Reporter]", REPORTERS), "brief", brief)
    append("app.log", BAD)
    assert main("--follow", "--idle", "0s", "--format", "brief", "app.log") == (1, "fail\n", "")


def test_the_text_tells_findings_and_then_reports_as_a_check_does(main: Main) -> None:
    append("app.log", BAD, began(3, "b"), at(30, "EV|s=0|id=z"))
    code, out, err = main("--follow", "--idle", "0s", "app.log")
    assert (code, err) == (1, "")
    first, second = out.splitlines()[:2]
    assert re.match(r"FAIL\b.*every-start-ends.*app\.log:4", first)
    assert re.match(r"FAIL\b.*nothing-is-bad.*app\.log:3", second)
    _, report, _ = main("app.log")
    assert out.endswith(report)


@pytest.mark.parametrize("form", ["text", "json"])
def test_an_output_holds_the_same_bytes_as_that_of_a_check(main: Main, form: str) -> None:
    append("app.log", BAD, began(3, "b"))
    args = ("--format", form, "app.log", "--output")
    assert main(*args, "checked")[0] == 1
    code, out, _ = main("--follow", "--idle", "0s", *args, "followed")
    assert code == 1
    assert Path("followed").read_bytes() == Path("checked").read_bytes()
    assert out  # what happened, all the same
    assert '"report"' not in out


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_quiet_run_says_what_a_quiet_check_says(main: Main, form: str) -> None:
    append("app.log", BAD, began(3, "b"))
    code, out, err = main("--follow", "--idle", "0s", "--quiet", "--format", form, "app.log")
    assert (code, out, err) == main("--quiet", "--format", form, "app.log")


def test_fail_on_decides_as_in_a_check(main: Main) -> None:
    Path("app.log").write_text("".join(f"{at(0, 'EV|s=7|id=z')}\n" for _ in range(3)))
    for level in ("low", "high"):
        args = ("--fail-on", level, "--quiet", "app.log")
        assert main("--follow", "--idle", "0s", *args) == main(*args)


def test_what_stands_in_the_way_is_told_on_standard_error(main: Main) -> None:
    Path("app.log").write_bytes(b"\x1f\x8b\x08\x00 damaged from here on")
    code, _, err = main("--follow", "--idle", "0s", "app.log")
    assert code == 3
    told, at_the_end = err.splitlines()
    assert told.startswith("tracecheck: app.log: gzip data is broken")
    assert at_the_end.startswith("tracecheck: not read: app.log: gzip data is broken")


@pytest.mark.parametrize("odd", ["damaged.log.gz", "missing.log"])
def test_a_pass_over_less_than_all_that_was_given_is_an_error(main: Main, odd: str) -> None:
    Path("damaged.log.gz").write_bytes(b"\x1f\x8b\x08\x00 damaged from here on")
    lines = [at(0, "EV|s=1|id=z"), at(1, "EV|s=2|id=z")]
    Path("app.log").write_text("".join(f"{line}\n" for line in lines))
    assert main("--follow", "--idle", "0s", "--quiet", "app.log")[0] == 0
    code, out, err = main("--follow", "--idle", "0s", "--quiet", "app.log", odd)
    assert (code, out.startswith("PASS")) == (2, True)
    assert f"tracecheck: not read: {odd}: " in err


# --- endings --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "more", "code"),
    [
        (signal.SIGTERM, [], 0),
        (signal.SIGTERM, [BAD], 1),
        (signal.SIGINT, [began(3, "b")], 3),
        (signal.SIGINT, [began(3, "b"), began(59, "c")], 1),
        (signal.SIGHUP, ["EV|s=1|id=u", "EV|s=2|id=u"], 3),
    ],
)
def test_a_signal_ends_a_run_with_its_report(
    start: Start, number: signal.Signals, more: Sequence[str], code: int
) -> None:
    append("app.log", *more)
    run = start("--follow", "--format", "json", "app.log")
    run.wait_for("nothing-is-bad")
    run.send(number)
    assert run.ends() == code
    assert parsed("\n".join(run.out))[-1] == {"type": "report", "report": checked("app.log")}
    assert not run.err


def test_a_run_follows_until_it_is_told_to_end(start: Start) -> None:
    run = start("--follow", "--format", "json", "app.log")
    run.wait_for("nothing-is-bad")
    append("app.log", BAD)
    assert '"app.log", "line": 3' in run.wait_for('"finding"')
    append("app.log", began(3, "b"), at(20, "EV|s=0|id=z"))
    assert "every-start-ends" in run.wait_for('"lost"')
    assert run.process.poll() is None
    run.send(signal.SIGINT)
    assert run.ends() == 1


def test_a_second_ctrl_c_ends_a_run_that_does_not_get_to_its_end(start: Start) -> None:
    append("app.log", BAD)
    run = start("--follow", "--exec", "sleep 60", "app.log")
    run.wait_for("FAIL")
    run.send(signal.SIGINT)
    deadline = time.monotonic() + 30
    while run.process.poll() is None and time.monotonic() < deadline:
        run.send(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            run.process.wait(0.1)
    assert run.ends() in {130, -signal.SIGINT}  # 130 to a shell
    assert time.monotonic() < deadline
    assert not any("Traceback" in line or "Exception" in line for line in run.err)


def test_a_run_ends_after_its_time(start: Start) -> None:
    run = start("--follow", "--quiet", "--for", "1s", "app.log")
    assert run.ends() == 0


def test_a_run_ends_when_nothing_came_for_so_long(start: Start) -> None:
    began_ = time.monotonic()
    run = start("--follow", "--quiet", "--idle", "500ms", "app.log")
    assert run.ends() == 0
    assert time.monotonic() - began_ >= 0.5


def test_a_run_until_failure_ends_at_a_failure_that_is_settled(start: Start) -> None:
    run = start("--follow", "--format", "json", "--until", "fail", "app.log")
    run.wait_for("nothing-is-bad")
    append("app.log", began(5, "b"))
    append("app.log", BAD)
    assert run.ends() == 1
    assert parsed("\n".join(run.out))[-1]["report"]["exit_code"] == 1


def test_a_run_of_standard_input_ends_with_it(start: Start) -> None:
    run = start("--follow", "--format", "json", "-", stdin=subprocess.PIPE)
    stdin = run.process.stdin
    assert stdin is not None
    stdin.write(f"{began(0)}\n{BAD}\n".encode())
    stdin.flush()
    run.wait_for('"finding"')
    assert run.process.poll() is None
    stdin.write(ended(1).encode())
    stdin.close()
    assert run.ends() == 1
    report = parsed("\n".join(run.out))[-1]["report"]
    assert report["inputs"] == [{"path": "-", "lines": 3, "bytes": report["inputs"][0]["bytes"]}]
    assert report["rules"][0]["outcome"] == "pass"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_who_goes_away_ends_the_run(form: str) -> None:
    append("app.log", BAD)
    command = f'"{sys.executable}" -m tracecheck --follow --format {form} app.log | head -1'
    append("app.log", BAD)
    shell = subprocess.Popen(["bash", "-c", command], stdout=subprocess.PIPE, text=True)
    assert shell.stdout is not None
    try:
        line = shell.stdout.readline()
        assert line
        deadline = time.monotonic() + DEADLINE
        while shell.poll() is None and time.monotonic() < deadline:
            append("app.log", BAD)  # it learns of it by what it tells next
            with contextlib.suppress(subprocess.TimeoutExpired):
                shell.wait(0.1)
        assert shell.poll() is not None
    finally:
        shell.kill()
        shell.stdout.close()
        shell.wait()


# --- what is told elsewhere -----------------------------------------------------------------


def test_a_command_gets_each_finding_once(main: Main) -> None:
    append("app.log", BAD, began(3, "b"), BAD, at(30, "EV|s=0|id=z"))
    code, _, err = main("--follow", "--idle", "0s", "--exec", "sh -c 'cat >> told'", "app.log")
    assert (code, err) == (1, "")
    told = parsed(Path("told").read_text())
    assert [(one["rule"], one["finding"]["evidence"][0]["line"]) for one in told] == [
        ("every-start-ends", 4),
        ("nothing-is-bad", 3),
        ("nothing-is-bad", 5),
    ]
    assert {one["type"] for one in told} == {"finding"}


def test_a_command_that_fails_is_told_of_and_changes_no_verdict(start: Start) -> None:
    append("app.log", BAD, began(3, "b"))
    run = start("--follow", "--format", "json", "--exec", "sh -c 'exit 7'", "app.log")
    trouble = parsed(run.wait_for('"trouble"'))[0]
    assert trouble["about"] == "--exec"
    assert "exit code 7" in trouble["message"]
    run.send(signal.SIGTERM)
    assert run.ends() == 1
    assert parsed("\n".join(run.out))[-1]["report"] == checked("app.log")


def test_a_command_that_is_not_there_is_refused_at_once(main: Main) -> None:
    code, out, err = main("--follow", "--exec", "no-such-command --now", "app.log")
    assert (code, out) == (2, "")
    assert "no-such-command" in err
    assert err.count("\n") == 1


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


def test_metrics_are_served_while_a_run_follows(start: Start) -> None:
    port, pause = free_port(), threading.Event()
    run = start("--follow", "--format", "json", "--metrics", str(port), "app.log")
    run.wait_for("nothing-is-bad")

    def served() -> str:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as page:
            text: str = page.read().decode()
            return text

    def comes_to_hold(pattern: str) -> None:
        deadline = time.monotonic() + DEADLINE
        while not re.search(pattern, served(), re.MULTILINE):
            assert time.monotonic() < deadline, served()
            pause.wait(0.05)

    comes_to_hold(r'^tracecheck_.*rule="nothing-is-bad".*$')
    append("app.log", BAD)
    comes_to_hold(r'^tracecheck_\w*violations\w*\{.*rule="nothing-is-bad".*\} 1(\.0)?$')
    run.send(signal.SIGTERM)
    assert run.ends() == 1
    with pytest.raises(OSError, match=r"refused"):
        served()


# --- killed at any time ---------------------------------------------------------------------


class Busy:
    """A log that somebody writes to all the time, many keys of which only some are complete."""

    def __init__(self, path: str, seed: int) -> None:
        self.path = path
        self._random = random.Random(seed)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._second = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(0.01):
            with open(self.path, "ab", buffering=0) as file:
                data = "".join(f"{line}\n" for line in self._some()).encode()
                cut = self._random.randrange(len(data))
                file.write(data[:cut])
                file.write(data[cut:])

    def _some(self) -> Iterator[str]:
        for _ in range(40):
            self._second += 0.01
            key = self._random.randrange(200)
            s = self._random.choice([1, 2, 2, 7, 7, 7])
            yield at(self._second, f"EV|s={s}|id={key}|text=客")


def test_a_run_that_is_killed_at_any_time_ends_as_if_it_had_never_been(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wait = random.Random(7)
    args = ["--follow", "--format", "json", "--state", "state", "app.log"]
    # A process that stores all the time, and otherwise is as any other.
    code = (
        "import sys\nfrom tracecheck import cli\nfrom tracecheck.runs.follow import session\n"
        "session._STORE = 0.01\nsys.exit(cli.main(sys.argv[1:]))\n"
    )
    command = [sys.executable, "-c", code]
    stored = 0
    with Busy("app.log", seed=3):
        for _ in range(8):
            before = _stamp("state/checkpoint")
            run = subprocess.Popen([*command, *args], stdout=subprocess.DEVNULL)
            deadline = time.monotonic() + DEADLINE
            while _stamp("state/checkpoint") == before:
                assert time.monotonic() < deadline
                with contextlib.suppress(subprocess.TimeoutExpired):
                    assert run.wait(0.01) is None
            with contextlib.suppress(subprocess.TimeoutExpired):
                run.wait(wait.uniform(0, 0.25))
            run.kill()
            run.wait()
            stored += _stamp("state/checkpoint") != before
    last = subprocess.run(
        [*command, *args, "--idle", "300ms", "--output", "followed"],
        capture_output=True,
        timeout=DEADLINE,
        check=False,
    )
    assert last.stderr == b"tracecheck: going on from the checkpoint in state\n"
    assert stored == 8
    assert cli.main(["--format", "json", "--output", "checked", "app.log"]) == last.returncode == 1
    assert Path("followed").read_bytes() == Path("checked").read_bytes()
    assert json.loads(Path("checked").read_text())["totals"]["lines"] > 1_000


def _stamp(path: str) -> tuple[int, int] | None:
    with contextlib.suppress(OSError):
        status = os.stat(path)
        return status.st_mtime_ns, status.st_ino
    return None
