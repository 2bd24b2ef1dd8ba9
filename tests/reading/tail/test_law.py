"""The law of tailing as a test: nothing that is there is lost, and nothing read twice."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings

from reading.tail import script
from reading.tail.calls import Calls
from reading.tail.law import run
from tracecheck.reading.tail.pieces import Begin, Piece
from tracecheck.reading.tail.tail import Tail

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
    first, second = (run(7, 20, "hour") for _ in range(2))
    assert str(first) == str(second)
    assert first.steps > 20 * 10


def test_something_happens_between_two_calls() -> None:
    calls = Calls()
    happened: list[str] = []
    with calls.watched():
        calls.before(1, lambda: happened.append("meanwhile"))
        os.stat(os.curdir)
        assert not happened
        os.path.exists(os.curdir)
        os.stat(os.curdir)
    assert happened == ["meanwhile"]


# And it can fail: each of these is a defect that it must find.


class _Skipping(Tail):
    def read(self, size: int) -> Iterator[Piece]:
        begins = False
        for piece in super().read(size):
            if not (begins and isinstance(piece, bytes) and len(piece) % 5 == 0):
                yield piece
            begins = isinstance(piece, Begin)


class _Late(Tail):
    """Its state is the one before."""

    _before: dict[str, Any] | None = None

    def state(self) -> dict[str, Any]:
        now = super().state()
        before, self._before = self._before or now, now
        return before


class _Misnaming(Tail):
    def names(self) -> tuple[str, ...]:
        return super().names()[::-1]


class _Alarming(Tail):
    @property
    def unread(self) -> list[str]:
        return [*super().unread, "nothing"]


class _Mute(Tail):
    @property
    def unread(self) -> list[str]:
        return []


DEFECTS = {
    "missing, silent": (_Skipping, "rename"),
    "doubled, silent": (_Late, "gzip"),
    "called otherwise": (_Misnaming, "day"),
    "false alarm": (_Alarming, "hour"),
    "not told": (_Mute, "rename, kept"),
}


@pytest.mark.guard
@pytest.mark.parametrize("sort", DEFECTS)
def test_a_defect_is_found(sort: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tail, scheme = DEFECTS[sort]
    monkeypatch.setattr(script, "Tail", tail)
    assert sort in {one.sort for one in run(SEED, 100, scheme).divergences}
