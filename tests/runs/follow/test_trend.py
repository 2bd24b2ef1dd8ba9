"""What happened in the last minutes of log time, for the eye."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from runs.follow.followed import Followed, Log, at, ruled, when
from tracecheck.model.live import Window

RULES = ruled(
    "rate: {of: EV where s == 2, over: EV where s != 3, at_least: 50%}",
    'forbid: {where: EV where s == "bad"}',
)

Follows = Callable[..., Followed]


@pytest.fixture
def run(tmp_path: Path) -> Followed:
    return Followed(RULES, Log(tmp_path / "a.log"))


def event(second: float, s: int = 1) -> str:
    return at(second, f"EV|s={s}")


def counts(run: Followed) -> list[tuple[int, int]]:
    return [(one.minutes, one.events) for one in run.snapshot.windows]


def test_there_is_no_window_before_the_log_has_a_time(run: Followed) -> None:
    run.after("EV|s=1", "a plain line")
    snapshot = run.snapshot
    assert (snapshot.windows, snapshot.volume, snapshot.log_time) == ((), (), None)


def test_events_are_counted_by_their_own_time(run: Followed) -> None:
    run.after(*[event(second) for second in range(0, 1_200, 10)])
    assert run.snapshot.log_time == when(1_190)
    assert counts(run) == [(1, 6), (5, 30), (15, 90)]
    assert run.snapshot.volume == (6,) * 15


def test_a_time_of_the_machine_that_passes_moves_no_window(run: Followed) -> None:
    run.after(event(0), event(1))
    run.clock.pass_(10_000)
    run.step()
    assert counts(run) == [(1, 2), (5, 2), (15, 2)]


def test_windows_move_with_the_time_of_the_log(run: Followed) -> None:
    run.after(event(0))
    run.after(event(59))
    assert counts(run) == [(1, 2), (5, 2), (15, 2)]
    run.after(event(70))
    assert counts(run) == [(1, 2), (5, 3), (15, 3)]
    run.after(event(16 * 60))
    assert counts(run) == [(1, 1), (5, 1), (15, 2)]
    assert run.snapshot.volume[-1] == 1


def test_a_rate_is_measured_in_each_window(run: Followed) -> None:
    run.after(event(0, 2), event(1, 1), event(2, 3))
    run.after(event(100, 1), event(101, 2), event(102, 2))
    assert run.snapshot.windows == (
        Window(1, 3, {"r0": (2, 3)}),
        Window(5, 6, {"r0": (3, 5)}),
        Window(15, 6, {"r0": (3, 5)}),
    )


def test_events_without_a_time_are_in_no_window(run: Followed) -> None:
    run.after(event(0), "EV|s=1", "EV|s=2")
    assert counts(run) == [(1, 1), (5, 1), (15, 1)]


def test_a_time_far_off_takes_the_windows_along_and_they_come_back(run: Followed) -> None:
    run.after(event(0))
    run.after(event(10**8))
    assert counts(run) == [(1, 1), (5, 1), (15, 1)]
    run.after(event(1))
    assert counts(run)[0] == (1, 2)


def test_a_time_before_1970_is_a_time(run: Followed) -> None:
    run.after("1969-12-31T23:59:58Z EV|s=1", "1969-12-31T23:59:59Z EV|s=2")
    assert counts(run) == [(1, 2), (5, 2), (15, 2)]


def test_little_is_remembered_of_a_long_log(run: Followed) -> None:
    for hour in range(30):
        run.after(*[event(3_600 * hour + second) for second in range(0, 3_600, 60)])
    checkpoint = run.follower.checkpoint()
    if checkpoint is None:
        pytest.fail("nothing is undecided")
    assert len(checkpoint.document["windows"]) < 2_000
    assert counts(run) == [(1, 1), (5, 5), (15, 15)]


def test_windows_go_on_after_a_restart(run: Followed) -> None:
    run.after(event(0, 2), event(1))
    again = run.again()
    assert again.snapshot.windows == run.snapshot.windows
    again.after(event(30, 2))
    assert again.snapshot.windows[0] == Window(1, 3, {"r0": (2, 3)})
