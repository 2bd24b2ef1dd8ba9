"""The law of tailing as a test: nothing that is there is lost, and nothing read twice."""

from __future__ import annotations

import pytest
from hypothesis import settings

from reading.tail.law import run

SEED = 1
SCRIPTS = 2_000 * settings().max_examples // 30


@pytest.mark.deep
def test_what_is_there_is_read_once_however_a_log_is_rotated(
    capsys: pytest.CaptureFixture[str],
) -> None:
    report = run(SEED, SCRIPTS)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.divergences
    assert report.count == SCRIPTS


def test_a_seed_makes_the_same_scripts_again() -> None:
    assert str(run(7, 62)) == str(run(7, 62))
