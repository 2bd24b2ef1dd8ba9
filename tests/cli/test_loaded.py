"""The garbage collector waits until all is loaded, and no longer."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

LOG = "EVENT|state=start|id=1\n"


def told(script: str, folder: Path) -> str:
    (folder / "app.log").write_text(LOG)
    done = subprocess.run(
        [sys.executable, "-c", f"import gc, sys\n{script}"],
        cwd=folder,
        check=True,
        capture_output=True,
        text=True,
        timeout=120,
    )
    return done.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    "args",
    [
        ["app.log"],
        ["app.log", "--follow", "--for", "0s"],
        ["rules", "list"],
        ["rules", "show", "handoff"],
        ["rules", "lint", "golive"],
        ["rules", "test", "golive"],
    ],
)
def test_whatever_works_on_collects_what_is_let_go_of(tmp_path, args):
    script = (
        f"sys.argv[1:] = {args!r}\n"
        "from tracecheck.__main__ import main\n"
        "main()\n"
        "print(gc.isenabled(), gc.get_freeze_count() > 0)\n"
    )
    assert told(script, tmp_path) == "True True"


def test_the_collector_of_whoever_calls_the_command_line_is_left_alone(tmp_path):
    script = (
        "from tracecheck.cli import main\n"
        "main(['app.log'])\n"
        "print(gc.isenabled(), gc.get_freeze_count())\n"
    )
    assert told(script, tmp_path) == "True 0"
