"""The benchmarks compare what they say they compare. What they measure is for a quiet machine."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BENCHMARKS = ROOT / "benchmarks"
MAIN = "import sys\nprint({says!r})\nsys.exit({code})\n"

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def module(monkeypatch):
    monkeypatch.syspath_prepend(BENCHMARKS)
    return importlib.import_module


@pytest.fixture
def repository(tmp_path) -> Path:
    """A tool in two versions: one is committed, one lies there."""
    root = tmp_path / "repository"
    package = root / "src" / "tracecheck"
    package.mkdir(parents=True)
    (root / "rules").mkdir()
    (root / "rules" / "golive.yaml").touch()
    (package / "__init__.py").touch()
    (package / "__main__.py").write_text(MAIN.format(says="committed", code=0))
    for command in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "one"]):
        names = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
        subprocess.run(["git", "-C", str(root), *names, *command], check=True)
    (package / "__main__.py").write_text(MAIN.format(says="as it lies there", code=0))
    return root


def measured(module, name, *cpu_seconds):
    measure = module("measure")
    job = measure.Job(measure.Contender(name, ("true",)))
    return measure.Measured(job, [measure.Sample(2 * one, one, 1_000) for one in cpu_seconds])


def test_a_ratio_is_that_of_each_round_and_its_spread(module):
    pairs = module("pairs")
    one, other = measured(module, "one", 1.0, 4.0, 9.0), measured(module, "other", 1.0, 2.0, 3.0)
    assert str(pairs.ratio(one, other, pairs.cpu_seconds)) == "2.00 (1.00 to 3.00)"


def test_the_small_one_fails_on_more_than_twice_the_time(module):
    small, ratio = module("small"), module("pairs").Ratio
    recorded = small.Recorded("a check", 3.0)
    assert not small.is_slow(recorded, ratio(6.0, 1.0, 9.0))
    assert small.is_slow(recorded, ratio(6.1, 1.0, 9.0))


def test_rounds_go_to_and_fro(module, tmp_path):
    measure = module("measure")
    said = tmp_path / "said.txt"
    script = "import sys; open(sys.argv[1], 'a').write(sys.argv[2])"
    jobs = [
        measure.Job(measure.Contender(name, (sys.executable, "-c", script, str(said), name)))
        for name in "ab"
    ]
    taken = measure.measure(jobs, 2, tmp_path)
    assert said.read_text() == "baabba"
    assert [len(one.samples) for one in taken] == [2, 2]


@needs_git
def test_a_commit_is_measured_against_the_checkout_as_it_lies_there(module, repository, tmp_path):
    against = module("against")
    both = against.Against("HEAD", tmp_path, tmp_path, root=repository)
    told = [
        subprocess.run(
            [sys.executable, "-m", "tracecheck"],
            env={"PYTHONPATH": str(source / "src")},
            cwd=tmp_path,
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for source in both.sources.values()
    ]
    assert told == ["committed", "as it lies there"]
    table = both.commands({"nothing": against.Command(())}, 2).splitlines()
    assert table[0].startswith(f"|  | {both.name} s | this checkout s | ratio |")
    assert [line.split(" | ")[0] for line in table[2:]] == ["| nothing"]


@needs_git
def test_a_source_that_ends_otherwise_is_not_measured(module, repository, tmp_path):
    (repository / "src/tracecheck/__main__.py").write_text(MAIN.format(says="broken", code=2))
    against = module("against")
    both = against.Against("HEAD", tmp_path, tmp_path, root=repository)
    with pytest.raises(module("measure").BenchmarkError, match="this checkout ended with exit"):
        both.commands({"nothing": against.Command(())}, 1)


@needs_git
def test_a_commit_that_is_not_there_is_told(module, repository, tmp_path):
    with pytest.raises(module("measure").BenchmarkError, match="git rev-parse"):
        module("against").Against("nosuch", tmp_path, tmp_path, root=repository)


def test_peers_that_check_nothing_are_held_to_the_number_of_lines(module, tmp_path):
    check_lines = module("planted").check_lines
    log = tmp_path / "app.log"
    log.write_text("x AA|a=1|b=2\nno tag\n\nAA|a=1|\n")
    for peer in ("loop.py", "tokeniser.py"):
        done = subprocess.run(
            [sys.executable, str(BENCHMARKS / "peers" / peer), str(log)],
            check=True,
            capture_output=True,
            text=True,
        )
        assert check_lines(done.stdout, {"lines": 4}) == []
        assert check_lines(done.stdout, {"lines": 5})
