"""The README is true: each command in it runs and ends as it says, each output is what is shown."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")

LEFT_OUT = (
    ".git",
    ".venv",
    ".*_cache",
    ".hypothesis",
    "__pycache__",
    "*.egg-info",
    "build",
    "dist",
)
"""What a clean checkout does not hold."""


@dataclass(frozen=True, slots=True)
class Command:
    """A line of a `sh` block, and how it ends: 0, or what `# exit code N` beside it says."""

    line: str
    exit_code: int

    @property
    def sets_up(self) -> bool:
        return "-m venv" in self.line

    def __str__(self) -> str:
        return self.line


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)


def commands() -> list[Command]:
    found = []
    for line in "".join(blocks("sh")).splitlines():
        command, _, code = line.partition("# exit code ")
        found.append(Command(command.strip(), int(code or 0)))
    return found


SET_UP, SET_UP_FOR_TESTS = [command for command in commands() if command.sets_up]
USES = [command for command in commands() if not command.sets_up]


def run(command: Command, folder: Path, **extra: str) -> str:
    """What a command prints in a folder, once it has ended as it should."""
    done = subprocess.run(
        ["sh", "-c", command.line],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8", **extra},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == command.exit_code, done.stdout
    return done.stdout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory) -> Path:
    """A clean copy of this checkout."""
    folder = tmp_path_factory.mktemp("readme") / "tracecheck"
    shutil.copytree(ROOT, folder, ignore=shutil.ignore_patterns(*LEFT_OUT))
    return folder


@pytest.fixture(scope="module")
def workplace(checkout) -> Path:
    """The copy, with the files that the README says to write, and `tracecheck` as a command."""
    for block in blocks("yaml"):
        named = re.match(r"# (\S+\.yaml)\n", block)
        if named:
            (checkout / named[1]).write_text(block, encoding="utf-8")
    bin_folder = checkout.parent / "bin"
    bin_folder.mkdir()
    start = bin_folder / "tracecheck"
    start.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m tracecheck "$@"\n')
    start.chmod(0o755)
    return checkout


@pytest.mark.parametrize("command", USES, ids=str)
def test_a_command_ends_as_the_readme_says(command, workplace):
    path = f"{workplace.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    run(command, workplace, PATH=path, PYTHONPATH=str(ROOT / "src"))


def test_python_code_runs(workplace):
    (code,) = blocks("python")
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=workplace,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        check=True,
    )


@pytest.mark.index
def test_one_line_sets_up_and_judges_a_sample_as_shown(checkout):
    printed = run(SET_UP, checkout)
    shown = blocks("text")
    assert shown
    for block in shown:
        assert block in printed, printed


@pytest.mark.index
def test_one_line_sets_up_and_runs_the_tests(checkout):
    # The line is run as it stands, in a checkout whose tests are cut down to two small files:
    # the others are running around this one already.
    printed = run(
        SET_UP_FOR_TESTS,
        checkout,
        PYTEST_ADDOPTS="tests/test_architecture.py tests/test_project.py",
    )
    assert re.search(r"\d+ passed", printed), printed
