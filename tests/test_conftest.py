"""Everybody draws the same examples: what a test tries hangs on its name and on nothing else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

LAWS = """
import json
from hypothesis import given, settings, strategies as st
import product
{imports}

drawn = {{}}

@settings(max_examples=10)
@given(st.integers(), st.text(), {log}, {rules})
def test_one(number, text, log, rules):
    {body}
    drawn.setdefault("one", []).append(repr((number, text, log, rules)))

def test_law_within_a_test():
    @settings(max_examples=10)
    @given(st.integers())
    def law(number):
        drawn.setdefault("within", []).append(repr(number))

    law()

@settings(max_examples=10)
@given(st.integers())
def test_other(number):
    drawn.setdefault("other", []).append(repr(number))

def test_told():
    print("DRAWN", json.dumps(drawn))
"""

OWN = {
    "imports": "from laws import logs, rulefiles",
    "log": "logs.logs()",
    "rules": "rulefiles.rule_files()",
}
"""The strategies of the laws, which take a while to import."""

NONE = {"imports": "", "log": "st.none()", "rules": "st.none()"}

Drawn = dict[str, list[str]]


def drawn(
    folder: Path,
    *options: str,
    name: str = "test_a.py",
    body: str = "pass",
    limit: int = 1_000_003,
    strategies: Mapping[str, str] = NONE,
) -> Drawn:
    """The examples of laws in a checkout, whose product has constants of its own."""
    # Not below a folder `tests`: what Hypothesis finds there, it passes over.
    checkout = folder / f"checkout{len(list(folder.iterdir()))}"
    checkout.mkdir()
    shutil.copy(TESTS / "conftest.py", checkout)
    (checkout / "product.py").write_text(f"LIMIT = {limit}\nNAME = 'name {limit}'\n")
    (checkout / name).write_text(LAWS.format(body=body, **strategies))
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-s", "-p", "no:cacheprovider", *options],
        cwd=checkout,
        env={
            **os.environ,
            "PYTHONPATH": f"{checkout}:{TESTS}",
            "PYTHONHASHSEED": str(limit),
            "PYTEST_ADDOPTS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    (line,) = [line for line in done.stdout.splitlines() if "DRAWN " in line]
    found: Drawn = json.loads(line.partition("DRAWN ")[2])
    assert {name: len(tried) for name, tried in found.items()} == dict.fromkeys(found, 10)
    return found


@pytest.mark.guard
def test_examples_hang_on_the_name_of_a_test_only(tmp_path: Path) -> None:
    usual = drawn(tmp_path, strategies=OWN)
    assert usual["other"] != usual["within"]
    edited = "assert [number] == [number]"
    assert usual == drawn(tmp_path, name="test_b.py", body=edited, limit=2_000_003, strategies=OWN)


@pytest.mark.guard
def test_a_seed_of_the_command_line_is_the_seed_of_all(tmp_path: Path) -> None:
    first, second = (drawn(tmp_path, f"--hypothesis-seed={seed}") for seed in (1, 2))
    assert first["other"] == first["within"]
    assert all(first[name] != second[name] for name in first)


@pytest.mark.guard
def test_each_night_draws_other_examples(tmp_path: Path) -> None:
    first, second = (drawn(tmp_path, "--hypothesis-profile=nightly") for _ in range(2))
    assert all(first[name] != second[name] for name in first)
