"""The stress run as a test: killed, stopped and started again, it says what a check says."""

from __future__ import annotations

import sys

import pytest
from hypothesis import settings

from faults.stress import run

SEED = 1
RUNS = min(60, settings().max_examples // 15)


@pytest.mark.deep
def test_the_report_is_that_of_a_check_whatever_happened_meanwhile(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = run(SEED, RUNS)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.divergences
    assert len(report.runs) == RUNS
    assert all(one.rotations and one.lines and one.kills + one.ends for one in report.runs)


# And it can fail: this is a defect that it must find.

_SKIPPING = """
import sys

from tracecheck.__main__ import main
from tracecheck.reading.tail.tail import Tail

read = Tail.read

def skipping(self, size):
    for piece in read(self, size):
        yield piece[1:] if isinstance(piece, bytes) and len(piece) % 7 == 2 else piece

Tail.read = skipping
sys.exit(main())
"""


@pytest.mark.guard
def test_bytes_that_are_skipped_are_found() -> None:
    command = (sys.executable, "-c", _SKIPPING)
    [one] = run(SEED, 1, "rename", seconds=4, command=command).runs
    assert "another" in one.divergence or "lines, not" in one.divergence
