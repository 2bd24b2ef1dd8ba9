"""The command line: what its words mean, what it prints where, and how it ends."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.console import Console

from tracecheck import cli
from tracecheck.api import rules as api_rules
from tracecheck.cli.check import read_max_findings, read_variables
from tracecheck.cli.routing import routed
from tracecheck.cli.terminal.progress import Bar
from tracecheck.cli.terminal.streams import in_color
from tracecheck.errors import UsageError
from tracecheck.report import REPORTERS
from tracecheck.rules import shipped as api_shipped
from tracecheck.runs import batch

RULES = """\
version: 1
name: small
rules:
  - id: nothing-is-bad
    title: Nothing is bad
    why: Bad is bad.
    remedy: Make it good.
    forbid: {where: EVENT where state == "bad"}
  - id: every-start-ends
    severity: low
    handoff: {from: EVENT where state == "start", to: EVENT where state == "end"}
    key: [id]
"""
HOLDS = "EVENT|state=start|id=1\nEVENT|state=end|id=1\n"
LOST = "EVENT|state=start|id=1\n"
BAD = HOLDS + "EVENT|state=bad|id=1\n"
EMPTY = "nothing to see here\n"


TIMEOUT = 120
"""Seconds after which a process hangs, on a machine however busy."""


class Ended(SimpleNamespace):
    """How a run ended: `code`, `out`, `err`."""

    code: int
    out: str
    err: str


Tracecheck = Callable[..., Ended]


@pytest.fixture
def tracecheck(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Tracecheck:
    """Runs a command line in a directory with logs and a `tracecheck.yaml`."""
    monkeypatch.chdir(tmp_path)
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    Path("tracecheck.yaml").write_text(RULES)
    logs = {"holds": HOLDS, "lost": LOST, "bad": BAD, "empty": EMPTY}
    for name, text in logs.items():
        Path(f"{name}.log").write_text(text)

    def run(*args: str, stdin: bytes | None = None) -> Ended:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = cli.main(args)
        captured = capsys.readouterr()
        return Ended(code=code, out=captured.out, err=captured.err)

    return run


def process(
    *args: str, cwd: Path, env: dict[str, str] | None = None, **more: Any
) -> subprocess.CompletedProcess[bytes]:
    """A run as a process of its own."""
    more.setdefault("stdin", subprocess.DEVNULL)
    return subprocess.run(
        [sys.executable, "-m", "tracecheck", *args],
        cwd=cwd,
        env={**os.environ, **(env or {})},
        capture_output=True,
        check=False,
        timeout=TIMEOUT,
        **more,
    )


# --- exit codes -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "code"),
    [
        (["holds.log"], 0),
        (["bad.log"], 1),
        (["lost.log"], 1),
        (["empty.log"], 3),
        (["--fail-on", "high", "lost.log"], 0),
        (["--fail-on", "critical", "bad.log"], 3),
        ([], 2),
        (["missing.log"], 2),
        ([""], 2),
        (["holds.log", "./holds.log"], 2),
        (["--nonsense", "holds.log"], 2),
        (["--rules"], 2),
        (["--rules", "missing.yaml", "holds.log"], 2),
        (["--rules", "goliv", "holds.log"], 2),
        (["--rules", "holds.log", "holds.log"], 2),
        (["--set", "nonsense", "holds.log"], 2),
        (["--set", "unknown=1", "holds.log"], 2),
        (["--key", "a,,b", "holds.log"], 2),
        (["--format", "xml", "holds.log"], 2),
        (["--fail-on", "severe", "holds.log"], 2),
        (["--max-findings", "many", "holds.log"], 2),
        (["--timezone", "Mars/Olympus", "holds.log"], 2),
        (["--output", "holds.log", "holds.log"], 2),
        (["--quiet=yes", "holds.log"], 2),
        (["rules"], 2),
        (["rules", "nonsense"], 2),
        (["rules", "lint"], 2),
        (["rules", "show", "unknown"], 2),
        (["--help"], 0),
        (["--version"], 0),
        (["rules", "--help"], 0),
    ],
)
def test_the_exit_code_says_how_it_ended(
    tracecheck: Tracecheck, args: Sequence[str], code: int
) -> None:
    assert tracecheck(*args).code == code


@pytest.mark.parametrize(
    "args", [[], ["missing.log"], ["--nonsense"], ["rules"], ["--format", "xml", "holds.log"]]
)
def test_an_error_is_one_line_on_standard_error(
    tracecheck: Tracecheck, args: Sequence[str]
) -> None:
    ended = tracecheck(*args)
    assert ended.out == ""
    assert ended.err.startswith("tracecheck: ")
    assert ended.err.count("\n") == 1


def test_without_a_path_it_shows_how_to_name_one(tracecheck: Tracecheck) -> None:
    assert "tracecheck app.log" in tracecheck().err


def test_without_a_path_but_with_a_pipe_it_shows_how_to_read_that(tmp_path: Path) -> None:
    piped = process(cwd=tmp_path, stdin=None, input=b"EVENT|a=1\n")
    assert piped.returncode == 2
    assert b"tracecheck -\n" in piped.stderr
    assert b"tracecheck -\n" not in process(cwd=tmp_path).stderr


def test_every_complaint_about_a_rule_file_is_told_with_its_excerpt(
    tracecheck: Tracecheck,
) -> None:
    Path("bad.yaml").write_text("version: 1\nrules:\n  - id: A\n    forbid: {wher: x}\n")
    ended = tracecheck("--rules", "bad.yaml", "holds.log")
    told = [line for line in ended.err.splitlines() if "bad.yaml:" in line]
    assert (ended.code, ended.out) == (2, "")
    assert len(told) == 3
    assert all(line.startswith("tracecheck: bad.yaml:") for line in told)
    assert "^" in ended.err


def test_a_mistyped_command_is_suggested(tracecheck: Tracecheck) -> None:
    assert "tracecheck rules" in tracecheck("rule", "list").err
    assert "Did you mean 'list'" in tracecheck("rules", "lst").err


@pytest.mark.parametrize("error", [RuntimeError("a\nb"), MemoryError(), BaseException("panic")])
def test_what_is_not_the_inputs_fault_is_an_internal_error(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(batch, "run", broken)
    ended = tracecheck("holds.log")
    assert (ended.code, ended.out) == (4, "")
    assert ended.err.startswith("tracecheck: internal error: ")
    assert ended.err.endswith(": please report it; --debug shows the traceback\n")
    assert ended.err.count("\n") == 1
    assert "Traceback" in tracecheck("--debug", "holds.log").err
    assert "Traceback" in tracecheck("check", "holds.log", "--debug").err


def test_debug_changes_nothing_about_an_error_of_the_input(tracecheck: Tracecheck) -> None:
    assert tracecheck("--debug", "missing.log").err == tracecheck("missing.log").err


def test_an_interrupt_ends_quietly(tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(batch, "run", interrupted)
    assert tracecheck("holds.log") == Ended(code=130, out="", err="")


def test_an_interrupt_ends_even_the_wait_for_a_silent_pipe(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with subprocess.Popen(
        [sys.executable, "-m", "tracecheck", "pipe"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        # Who starts the tests in the background has them ignore the signal.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as running:
        try:
            with open(tmp_path / "pipe", "wb"):  # goes on once the pipe is read
                for _ in range(3):  # impatience changes nothing
                    running.send_signal(signal.SIGINT)
                out, err = running.communicate(timeout=TIMEOUT)
        finally:
            running.kill()
    assert (running.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("args", [["--help"], ["bad.log"], ["rules", "schema"]])
def test_a_reader_that_goes_away_is_no_error(tracecheck: Tracecheck, args: Sequence[str]) -> None:
    code = tracecheck(*args).code
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as gone:
        ended = subprocess.run(
            [sys.executable, "-m", "tracecheck", *args],
            stdout=gone,
            stderr=subprocess.PIPE,
            check=False,
            timeout=TIMEOUT,
        )
    assert (ended.returncode, ended.stderr) == (code, b"")


# --- what the first word means ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "means"),
    [
        ([], ["check"]),
        (["app.log"], ["check", "app.log"]),
        (["check", "app.log"], ["check", "app.log"]),
        (["check", "check"], ["check", "check"]),
        (["./check"], ["check", "./check"]),
        (["./rules"], ["check", "./rules"]),
        (["app.log", "rules"], ["check", "app.log", "rules"]),
        (["--format", "json", "rules"], ["check", "--format", "json", "rules"]),
        (["-"], ["check", "-"]),
        (["--", "rules"], ["check", "--", "rules"]),
        (["--help"], ["check", "--help"]),
        (["--version"], ["check", "--version"]),
        (["rules", "list"], ["rules", "list"]),
        (["--debug", "rules", "list"], ["--debug", "rules", "list"]),
        (["--debug", "app.log"], ["check", "--debug", "app.log"]),
        (["--debug"], ["check", "--debug"]),
        (["--show-completion", "bash"], ["--show-completion", "bash"]),
        (["--install-completion"], ["--install-completion"]),
    ],
)
def test_no_command_means_check(args: list[str], means: list[str]) -> None:
    assert routed(args, ("check", "rules")) == means


def test_a_file_named_like_a_command_can_be_checked(tracecheck: Tracecheck) -> None:
    Path("check").write_text(BAD)
    Path("rules").write_text(BAD)
    assert tracecheck("./check").code == 1
    assert tracecheck("check", "check").code == 1
    assert tracecheck("check", "rules").code == 1
    assert tracecheck("--", "rules").code == 1


def test_help_shows_every_option_the_exit_codes_and_examples(tracecheck: Tracecheck) -> None:
    text = tracecheck("--help").out
    assert f"--format {'|'.join(REPORTERS)} " in text
    assert text == tracecheck("check", "-h").out
    for option in (
        "--rules", "--set", "--key", "--format", "--output", "--fail-on", "--max-findings",
        "--timezone", "--no-inflate-limit", "--quiet", "--no-color", "--debug", "--version",
    ):  # fmt: skip
        assert f" {option}" in text
    for heading in ("Exit codes:", "Examples:"):
        assert heading in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_first_word_is_completed_to_commands_and_options(tmp_path: Path) -> None:
    def completed(line: str) -> list[str]:
        env = {
            "_TRACECHECK_COMPLETE": "complete_bash",
            "COMP_WORDS": line,
            "COMP_CWORD": str(len(line.split(" ")) - 1),
        }
        return process(cwd=tmp_path, env=env).stdout.decode().split()

    assert completed("tracecheck ru") == ["rules"]
    assert completed("tracecheck --form") == ["--format"]
    assert completed("tracecheck rules l") == ["list", "lint"]
    assert completed("tracecheck app.log --form") == ["--format"]


HEAVY = {"polars", "lark", "yaml", "orjson", "pydantic"}
REPORTS = {"rich", "backports.zstd"}


def loads_none_of(modules: set[str], args: list[str], code: int, folder: Path) -> None:
    script = (
        "import sys\nfrom tracecheck.cli import main\n"
        f"assert main({args!r}) == {code}\n"
        f"heavy = {modules!r} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    (folder / "app.log").write_text(HOLDS)
    (folder / "empty").mkdir()
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, capture_output=True)


@pytest.mark.parametrize("args", [["--help"], ["--version"], ["rules", "--help"]])
def test_help_loads_no_heavy_library(tmp_path: Path, args: list[str]) -> None:
    loads_none_of(HEAVY | REPORTS, args, 0, tmp_path)


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["--nosuch"],
        ["--set", "x", "app.log"],
        ["--idle", "5s", "app.log"],
        ["rules", "nosuch"],
        ["nosuch.log"],
        ["nosuch/*.log"],
        ["empty"],
        ["app.log", "app.log"],
    ],
)
def test_a_usage_error_and_a_log_that_is_not_there_load_no_heavy_library(
    tmp_path: Path, args: list[str]
) -> None:
    loads_none_of(HEAVY | REPORTS, args, 2, tmp_path)


@pytest.mark.parametrize("option", ["--format", "--max-findings", "--fail-on", "--order"])
@pytest.mark.parametrize("follow", [[], ["--follow"]], ids=["check", "follow"])
def test_a_value_that_an_option_cannot_have_is_told_before_the_engine_is_loaded(
    tmp_path: Path, option: str, follow: list[str]
) -> None:
    loads_none_of(HEAVY, [option, "nosuch", "app.log", *follow], 2, tmp_path)


def test_a_check_does_not_load_what_only_typer_would_need(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(HOLDS)
    script = (
        "import sys\nfrom tracecheck.cli import main\n"
        "assert main(['--max-findings', '3', 'app.log']) == 3\n"
        "assert main(['rules', 'list', '--rules', 'golive']) == 0\n"
        "assert 'pydantic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, check=True, capture_output=True)


# --- which rules, with which values -----------------------------------------------------------


def test_the_rule_file_of_the_directory_comes_before_the_shipped_one(
    tracecheck: Tracecheck,
) -> None:
    assert "nothing-is-bad" in tracecheck("holds.log").out
    Path("tracecheck.yaml").unlink()
    assert "every-plan-is-delivered" in tracecheck("holds.log").out


def test_a_rule_file_of_the_directory_that_cannot_be_read_is_never_passed_over(
    tracecheck: Tracecheck,
) -> None:
    Path("tracecheck.yaml").unlink()
    Path("tracecheck.yaml").symlink_to("gone.yaml")
    assert tracecheck("holds.log").code == 2


def test_a_shipped_rule_file_is_taken_by_its_name(tracecheck: Tracecheck) -> None:
    Path("golive").write_text(RULES)
    assert "every-plan-is-delivered" in tracecheck("--rules", "golive", "holds.log").out
    assert "nothing-is-bad" in tracecheck("--rules", "./golive", "holds.log").out


def test_a_rule_file_that_is_not_there_is_told_with_the_name_of_a_shipped_one(
    tracecheck: Tracecheck,
) -> None:
    ending = tracecheck("--rules", "nofile.yaml", "holds.log")
    assert ending.code == 2
    assert f"a shipped file such as {api_shipped.DEFAULT_RULES}" in ending.err


def test_several_rule_files_judge_together(tracecheck: Tracecheck) -> None:
    out = tracecheck("-r", "tracecheck.yaml", "-r", "golive", "holds.log").out
    assert "nothing-is-bad" in out
    assert "every-plan-is-delivered" in out


def test_set_overrides_a_variable(tracecheck: Tracecheck) -> None:
    Path("vars.yaml").write_text(
        "version: 1\nvars: {state: bad}\n"
        "rules: [{id: none, forbid: {where: 'EVENT where state == \"${state}\"'}}]\n"
    )
    assert tracecheck("-r", "vars.yaml", "holds.log").code == 0
    assert tracecheck("-r", "vars.yaml", "--set", "state=end", "holds.log").code == 1


def test_key_overrides_the_default_key(tracecheck: Tracecheck) -> None:
    Path("key.yaml").write_text(RULES.replace("    key: [id]\n", ""))
    Path("two.log").write_text("EVENT|state=start|id=1|n=1\nEVENT|state=end|id=1|n=2\n")
    assert tracecheck("-r", "key.yaml", "two.log").code == 3
    assert tracecheck("-r", "key.yaml", "--key", "id", "two.log").code == 0
    assert tracecheck("-r", "key.yaml", "--key", "id,n", "two.log").code == 1
    assert tracecheck("-r", "key.yaml", "--key", "none", "two.log").code == 0


def test_the_values_of_set_are_all_after_the_first_equals_sign() -> None:
    assert read_variables(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    for wrong in (["a"], ["=a"], ["a=1", "a=2"]):
        with pytest.raises(UsageError):
            read_variables(wrong)


def test_max_findings_is_a_number_or_all() -> None:
    assert (read_max_findings("0"), read_max_findings("20"), read_max_findings("all")) == (
        0,
        20,
        None,
    )
    for wrong in ("-1", "", "1.5", "All", "²", "9" * 40):
        with pytest.raises(UsageError):
            read_max_findings(wrong)


def test_max_findings_limits_what_is_shown_and_not_what_is_counted(
    tracecheck: Tracecheck,
) -> None:
    Path("many.log").write_text(HOLDS + "EVENT|state=bad|id=1\n" * 30)

    def shown(*args: str) -> tuple[int, int, int]:
        report = json.loads(tracecheck("--format", "json", *args, "many.log").out)
        rule = report["rules"][0]
        return rule["violations"], len(rule["findings"]), rule["findings_omitted"]

    assert shown() == (30, 20, 10)
    assert shown("--max-findings", "0") == (30, 0, 30)
    assert shown("--max-findings", "2") == (30, 2, 28)
    assert shown("--max-findings", "all") == (30, 30, 0)


def test_times_without_a_zone_are_in_the_one_that_is_named(tracecheck: Tracecheck) -> None:
    Path("late.yaml").write_text(
        "version: 1\nkey: [id]\nrules: [{id: in-time, handoff: {from: AA, to: BB, within: 1h}}]\n"
    )
    Path("late.log").write_text("2025-07-01 12:00:00 AA|id=1\n2025-07-01T10:30:00Z BB|id=1\n")
    assert tracecheck("-r", "late.yaml", "--timezone", "Europe/Berlin", "late.log").code == 0
    assert "Europe/Berlin" in tracecheck("--timezone", "berlin", "late.log").err


# --- the report -------------------------------------------------------------------------------


def test_quiet_says_the_verdict_in_one_line(tracecheck: Tracecheck) -> None:
    ended = tracecheck("-q", "bad.log")
    assert (ended.code, ended.err) == (1, "")
    assert ended.out.startswith("FAIL")
    assert ended.out.count("\n") == 1


def test_the_json_report_is_the_same_bytes_in_every_run_on_any_number_of_cores(
    tmp_path: Path,
) -> None:
    lines = [f"EVENT|state={('start', 'end', 'bad')[n % 3]}|id={n % 41}\n" for n in range(3000)]
    (tmp_path / "app.log").write_text("".join(lines))
    (tmp_path / "tracecheck.yaml").write_text(RULES)
    reports = {
        process("--format", "json", "app.log", cwd=tmp_path, env=env).stdout
        for env in (
            {"POLARS_MAX_THREADS": "1", "PYTHONHASHSEED": "1", "COLUMNS": "40"},
            {"POLARS_MAX_THREADS": "2", "PYTHONHASHSEED": "2", "FORCE_COLOR": "1"},
            {"POLARS_MAX_THREADS": "2", "PYTHONHASHSEED": "3"},
        )
    }
    assert len(reports) == 1
    assert json.loads(reports.pop())["verdict"] == "fail"


def test_standard_input_is_read_as_a_dash(tracecheck: Tracecheck) -> None:
    ended = tracecheck("--format", "json", "-", stdin=BAD.encode())
    report = json.loads(ended.out)
    assert ended.code == report["exit_code"] == 1
    assert [one["path"] for one in report["inputs"]] == ["-"]


def test_a_report_is_written_to_a_file_whole(tracecheck: Tracecheck) -> None:
    printed = tracecheck("--format", "json", "bad.log").out
    ended = tracecheck("--format", "json", "-o", "report.json", "bad.log")
    assert (ended.code, ended.out) == (1, "")
    assert Path("report.json").read_text() == printed
    assert tracecheck("--format", "json", "-o", "-", "bad.log").out == printed


def test_an_error_leaves_the_output_file_as_it_was(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("report.txt").write_text("before")
    assert tracecheck("-o", "report.txt", "missing.log").code == 2
    Path("broken.log.gz").write_bytes(b"\x1f\x8b\x08 broken")
    assert tracecheck("-o", "report.txt", "broken.log.gz").code == 2
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full")))
    assert tracecheck("-o", "report.txt", "holds.log").code == 2
    assert Path("report.txt").read_text() == "before"
    assert not [name for name in os.listdir() if name.endswith(".tmp")]


@pytest.mark.parametrize("target", ["holds.log", "link", "tracecheck.yaml", "other.yaml"])
def test_the_output_is_never_a_file_that_is_read(tracecheck: Tracecheck, target: str) -> None:
    Path("link").symlink_to("holds.log")
    Path("other.yaml").write_text(RULES)
    Path("tracecheck.yaml").write_text("version: 1\ninclude: [other.yaml]\n")
    before = Path(target).read_text()
    ended = tracecheck("-o", target, "holds.log")
    assert ended.code == 2
    assert "name another file" in ended.err
    assert Path(target).read_text() == before


def test_the_output_is_never_the_file_behind_standard_input(tmp_path: Path) -> None:
    log = tmp_path / "app.log"
    log.write_text(HOLDS)
    with log.open("rb") as stdin:
        ended = process("-", "-o", "app.log", cwd=tmp_path, stdin=stdin)
    assert ended.returncode == 2
    assert log.read_text() == HOLDS


@pytest.mark.parametrize("target", ["gone/report.txt", ".", "holds.log/report.txt"])
def test_an_output_that_cannot_be_written_is_refused_before_the_work(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch, target: str
) -> None:
    monkeypatch.setattr(batch, "run", lambda *_, **__: pytest.fail("it went to work"))
    ended = tracecheck("-o", target, "holds.log")
    assert ended.code == 2
    assert "cannot write" in ended.err


@pytest.mark.parametrize(
    "name", [b"\x1b[2J.log", b"a\n::error::b.log", b"\xff\xfe.log", b"\xe2\x80\xae.log"]
)
def test_a_hostile_file_name_is_shown_and_never_obeyed(tracecheck: Tracecheck, name: bytes) -> None:
    path = os.fsdecode(name)
    missing = tracecheck("--", path)
    Path(path).write_text(BAD)
    judged = tracecheck("--", path)
    report = tracecheck("--format", "json", "--", path)
    assert (missing.code, judged.code, report.code) == (2, 1, 1)
    assert missing.err.count("\n") == 1
    for text in (missing.err, judged.out, report.out):
        assert not any(c in text for c in ("\x1b", "\u202e", "\udcff"))
        assert not any(line.lstrip().startswith("::") for line in text.split("\n"))
    assert json.loads(report.out)["inputs"][0]["path"] == path


def test_a_pipe_gets_80_columns_unless_told_otherwise(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    def widest() -> int:
        return max(map(len, tracecheck("bad.log").out.splitlines()))

    assert widest() <= 80
    monkeypatch.setenv("COLUMNS", "50")
    assert widest() <= 50


@pytest.mark.parametrize(
    ("environ", "allowed", "terminal", "color"),
    [
        ({}, True, True, True),
        ({}, True, False, False),
        ({}, False, True, False),
        ({"NO_COLOR": "1"}, True, True, False),
        ({"NO_COLOR": ""}, True, True, True),
        ({"TERM": "dumb"}, True, True, False),
        ({"FORCE_COLOR": "1"}, True, False, True),
        ({"FORCE_COLOR": "0"}, True, True, False),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, True, False),
        ({"FORCE_COLOR": "1"}, False, True, False),
    ],
)
def test_colour_is_for_terminals_and_for_those_who_ask(
    environ: dict[str, str], allowed: bool, terminal: bool, color: bool
) -> None:
    assert in_color(environ, allowed=allowed, terminal=terminal) is color


def test_a_report_in_a_file_has_no_colour(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b" in tracecheck("bad.log").out
    assert "\x1b" not in tracecheck("--no-color", "bad.log").out
    tracecheck("-o", "report.txt", "bad.log")
    assert "\x1b" not in Path("report.txt").read_text()


# --- at a terminal ----------------------------------------------------------------------------


def at_a_terminal(*args: str, cwd: Path, typed: bytes = b"") -> tuple[int, bytes, bytes]:
    """A run whose standard input and standard error are a terminal: code, output, what it shows."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "tracecheck", *args],
        cwd=cwd,
        env={**os.environ, "TERM": "xterm"},
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=theirs,
    ) as running:
        os.write(ours, typed)
        try:
            out, _ = running.communicate(timeout=TIMEOUT)
        finally:
            running.kill()
    os.close(theirs)
    shown = b""
    with contextlib.suppress(OSError):  # the terminal has no other end any more
        while data := os.read(ours, 4096):
            shown += data
    os.close(ours)
    return running.returncode, out, shown


def test_a_terminal_is_told_which_rules_were_taken(tmp_path: Path) -> None:
    (tmp_path / "app.log").write_text(HOLDS)
    assert b"the shipped golive" in at_a_terminal("app.log", cwd=tmp_path)[2]
    (tmp_path / "tracecheck.yaml").write_text(RULES)
    assert b"tracecheck.yaml of this directory" in at_a_terminal("app.log", cwd=tmp_path)[2]
    assert at_a_terminal("-q", "app.log", cwd=tmp_path)[2] == b""
    assert at_a_terminal("-r", "tracecheck.yaml", "app.log", cwd=tmp_path)[2] == b""


def test_a_terminal_is_told_that_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "tracecheck.yaml").write_text(RULES)
    code, out, shown = at_a_terminal("-", cwd=tmp_path, typed=BAD.encode() + b"\x04")
    assert b"until Ctrl-D" in shown
    assert (code, out[:4]) == (1, b"FAIL")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def bar(total: int | None, *, shown: bool = True) -> tuple[Bar, Clock, io.StringIO]:
    clock, screen = Clock(), io.StringIO()
    console = Console(file=screen, force_terminal=True, width=80)
    return Bar(total, shown=shown, console=console, clock=clock), clock, screen


def test_short_work_shows_no_progress_bar() -> None:
    progress, clock, screen = bar(100)
    with progress:
        progress(10, 1)
        clock.now = 0.9
        progress(100, 9)
    assert screen.getvalue() == ""


@pytest.mark.parametrize("total", [100_000_000, None])
def test_long_work_shows_bytes_and_events_and_leaves_nothing(total: int | None) -> None:
    progress, clock, screen = bar(total)
    with progress:
        clock.now = 2
        progress(25_000_000, 1234)
        clock.now = 3
        progress(50_000_000, 5678)
    text = screen.getvalue()
    for part in ("25.0", "1,234 events", "5,678 events"):
        assert part in text
    assert text.rstrip("\r").endswith("\x1b[2K")  # the line is erased
    assert "\x1b[?25h" in text  # and the cursor is back


def test_an_error_takes_the_progress_bar_away() -> None:
    progress, clock, screen = bar(100)

    def work() -> None:
        with progress:
            clock.now = 2
            progress(25, 1)
            raise UsageError("stop")

    with pytest.raises(UsageError):
        work()
    assert screen.getvalue().rstrip("\r").endswith("\x1b[2K")


def test_a_progress_bar_that_nobody_sees_is_not_drawn() -> None:
    progress, clock, screen = bar(100, shown=False)
    with progress:
        clock.now = 2
        progress(25, 1)
    assert screen.getvalue() == ""


# --- rules ------------------------------------------------------------------------------------


def test_rules_list_shows_the_rules_that_a_check_would_take(tracecheck: Tracecheck) -> None:
    out = tracecheck("rules", "list").out
    assert out.startswith("small\n")
    assert "nothing-is-bad    forbid   high  Nothing is bad\n" in out
    assert "every-plan-is-delivered" in tracecheck("rules", "list", "--rules", "golive").out
    assert "every-plan-is-delivered" in tracecheck("--debug", "rules", "list", "-r", "golive").out


@pytest.mark.parametrize("width", [40, 60, 100, 150])
def test_rules_list_is_no_wider_than_asked(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    out = tracecheck("rules", "list", "-r", "golive").out
    assert max(map(len, out.splitlines())) <= width


def test_rules_show_explains_a_rule(tracecheck: Tracecheck) -> None:
    out = tracecheck("rules", "show", "every-plan-is-delivered", "--rules", "golive").out
    for part in (
        "(critical handoff, ", "Why it matters: ", "What to do: ", "from: planned\n",
        'planned = OUTBOX_TRACE where phase == "planner" and count >= 1', "expect: to.count >= 1",
        "key: conv, idem", "This log holds:", "This log breaks, with lost 1",
    ):  # fmt: skip
        assert part in out


WRITTEN = """\
vars: {least: 2}
events:
  new: 'EVENT where (state  ==  "new" or id in [1, 2])'
  big: new where size >= ${least}MB
rules:
  - id: handed-over
    handoff:
      from: big
      to: |
        EVENT where not (a is void)
          and b like "${least}*"
      expect: not (to.size   < from.size)
      within: 0.5h
  - id: in-steps
    sequence: {steps: [new, EVENT where size == 1, big where id == 1]}
"""


def test_rules_show_shows_what_was_written_with_variables_put_in(tracecheck: Tracecheck) -> None:
    Path("written.yaml").write_text(WRITTEN)
    out = tracecheck("rules", "show", "handed-over", "--rules", "written.yaml").out
    for part in (
        "    from: big\n",
        '    to: EVENT where not (a is void) and b like "2*"\n',
        "    expect: not (to.size   < from.size)\n",
        "    within: 30min\n",
        "    big = new where size >= 2MB\n",
        '    new = EVENT where (state  ==  "new" or id in [1, 2])\n',
    ):
        assert part in out
    out = tracecheck("rules", "show", "in-steps", "--rules", "written.yaml").out
    assert "    steps: new -> EVENT where size == 1 -> big where id == 1\n" in out
    assert [line[4:9] for line in out.splitlines() if " = " in line] == ["new =", "big ="]


def test_rules_show_can_show_every_shipped_rule(tracecheck: Tracecheck) -> None:
    for name in api_shipped.shipped_names():
        for rule in api_rules.load_rules(name).rules:
            assert tracecheck("rules", "show", rule.id, "--rules", name).code == 0


def test_an_unknown_rule_gets_the_nearest_id(tracecheck: Tracecheck) -> None:
    assert "did you mean nothing-is-bad?" in tracecheck("rules", "show", "nothing-bad").err
    assert "tracecheck rules list" in tracecheck("rules", "show", "x").err


def test_rules_lint_counts_rules_or_tells_every_complaint(tracecheck: Tracecheck) -> None:
    Path("bad.yaml").write_text("version: 1\nrules:\n  - id: A\n    forbid: {wher: x}\n")
    good = tracecheck("rules", "lint", "tracecheck.yaml", "golive")
    assert (good.code, good.err) == (0, "")
    assert good.out.splitlines()[0] == "tracecheck.yaml: 2 rules, no complaints"
    bad = tracecheck("rules", "lint", "bad.yaml", "missing.yaml", "tracecheck.yaml")
    assert bad.code == 2
    assert bad.out.count("bad.yaml:") == 3
    assert "missing.yaml" in bad.err
    assert "tracecheck.yaml: 2 rules, no complaints" in bad.out


def test_rules_lint_warns_of_what_is_doubtful_and_does_not_fail(tracecheck: Tracecheck) -> None:
    rule = "rules:\n  - id: a\n    key: [id]\n    require: {where: AA where b == word}\n"
    Path("doubtful.yaml").write_text(rule)
    ended = tracecheck("rules", "lint", "doubtful.yaml")
    assert (ended.code, ended.err) == (0, "")
    [key, word, last] = ended.out.splitlines()
    assert key.startswith("doubtful.yaml:2: [a] warning: `key` is ignored: a require joins no")
    assert word.startswith("doubtful.yaml:2: [a] warning: `word` right of an operator is a field")
    assert last == "doubtful.yaml: 1 rule, no complaints, 2 warnings"


EXAMPLES = """\
    examples:
      - holds: |
          EVENT|state=good|id=1
      - breaks: |
          EVENT|state=bad|id=1
          EVENT|state=bad|id=2
        with: {forbidden: COUNT}
"""


def with_examples(count: int) -> str:
    first, second = RULES.split("  - id: every-start-ends")
    return f"{first}{EXAMPLES.replace('COUNT', str(count))}  - id: every-start-ends{second}"


def test_rules_test_runs_the_examples(tracecheck: Tracecheck) -> None:
    Path("good.yaml").write_text(with_examples(2))
    Path("bad.yaml").write_text(with_examples(1))
    good = tracecheck("rules", "test", "good.yaml")
    assert (good.code, good.out) == (0, "good.yaml: 2 examples, all as they promise\n")
    bad = tracecheck("rules", "test", "bad.yaml")
    assert bad.code == 1
    assert bad.out.splitlines() == [
        "bad.yaml:12: nothing-is-bad",
        "  expected  fail with forbidden 1",
        "  got       fail with forbidden 2",
        "bad.yaml: 1 of 2 examples broken",
    ]


def test_a_rule_file_without_examples_is_not_tested(tracecheck: Tracecheck) -> None:
    Path("good.yaml").write_text(with_examples(2))
    Path("bad.yaml").write_text(with_examples(1))
    none = tracecheck("rules", "test", "tracecheck.yaml")
    assert (none.code, none.out) == (
        3,
        "tracecheck.yaml: no examples, so nothing was tested\n",
    )
    assert tracecheck("rules", "test", "good.yaml", "tracecheck.yaml").code == 3
    assert tracecheck("rules", "test", "tracecheck.yaml", "bad.yaml", "good.yaml").code == 1


def test_the_shipped_rules_keep_what_their_examples_promise(tracecheck: Tracecheck) -> None:
    for name in api_shipped.shipped_names():
        ended = tracecheck("rules", "test", name)
        assert (ended.code, ended.err) == (0, ""), ended.out


def test_a_shipped_rule_must_explain_and_show_itself(
    tracecheck: Tracecheck, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "bare.yaml").write_text(with_examples(2))
    monkeypatch.setattr(api_shipped, "_shipped_folder", lambda: tmp_path / "shipped")
    ended = tracecheck("rules", "test", "bare")
    assert ended.code == 1
    wanting = [line for line in ended.out.splitlines() if "every-start-ends" in line]
    assert [line.rpartition(" needs ")[2] for line in wanting] == [
        "a title",
        "a why",
        "a remedy",
        "an example that holds",
        "an example that breaks",
    ]
    assert "nothing-is-bad" not in ended.out


def test_rules_schema_is_the_json_schema(tracecheck: Tracecheck) -> None:
    out = tracecheck("rules", "schema").out
    assert json.loads(out)["$schema"].startswith("https://json-schema.org/")


def test_a_file_whose_name_is_no_utf8_can_be_asked_for(tracecheck: Tracecheck) -> None:
    """A condition sees each odd byte of the name as `?`; the report writes it safely."""
    rules = "rules: [{id: never, forbid: {where: '* where @source like \"s?1.log\"'}}]"
    Path("source.yaml").write_text(rules)
    try:
        Path(os.fsdecode(b"s\xff1.log")).write_text("AA|a=1\n")
    except OSError:
        pytest.skip("this file system takes only names that are UTF-8")
    ended = tracecheck(os.fsdecode(b"s\xff1.log"), "--rules", "source.yaml")
    assert ended.code == 1
    assert "1 found, limit 0" in ended.out


def test_of_very_many_complaints_the_first_are_shown(tracecheck: Tracecheck) -> None:
    Path("app.log").write_text(HOLDS)
    Path("many.yaml").write_text("rules:\n" + "  - x\n" * 1_234)
    ran = tracecheck("--rules", "many.yaml", "app.log")
    said = ran.err.splitlines()
    assert ran.code == 2
    assert sum("many.yaml:" in line for line in said) == 100
    assert said[-1] == "tracecheck: and 1,134 more complaints"
