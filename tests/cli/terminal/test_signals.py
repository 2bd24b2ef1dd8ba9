"""Signals ask a run to close; a second Ctrl-C ends it."""

from __future__ import annotations

import os
import select
import signal
import threading
import time
from typing import Any

import pytest

from tracecheck.cli.terminal.signals import Signals

ASKING = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.mark.parametrize("number", ASKING)
def test_a_signal_is_kept_as_a_wish(number: signal.Signals) -> None:
    with Signals() as signals:
        assert not signals.asked
        signal.raise_signal(number)
        assert signals.asked


@pytest.mark.parametrize("first", ASKING)
def test_ctrl_c_after_a_wish_ends_the_run(first: signal.Signals) -> None:
    with Signals() as signals:
        signal.raise_signal(first)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        assert signals.asked


@pytest.mark.parametrize("again", [signal.SIGTERM, signal.SIGHUP])
def test_to_be_asked_to_end_twice_is_to_be_asked_once(again: signal.Signals) -> None:
    with Signals() as signals:
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(again)
        assert signals.asked


def test_what_was_there_before_is_there_again_afterwards() -> None:
    before = [signal.getsignal(number) for number in ASKING]
    wake = signal.set_wakeup_fd(-1)
    signal.set_wakeup_fd(wake)
    descriptors = len(os.listdir("/proc/self/fd"))
    with Signals():
        assert [signal.getsignal(number) for number in ASKING] != before
    assert [signal.getsignal(number) for number in ASKING] == before
    assert signal.set_wakeup_fd(wake) == wake
    assert len(os.listdir("/proc/self/fd")) == descriptors


class Waits:
    """Stands in for select, and remembers for how long it was asked to wait."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def __call__(self, read: Any, write: Any, other: Any, seconds: float) -> Any:
        self.seconds.append(seconds)
        return select.select(read, write, other, 0)


def test_a_wait_is_as_long_as_it_was_asked_for() -> None:
    waits = Waits()
    with Signals() as signals:
        signals.wait(0.25, waits)
        signals.wait(3, waits)
    assert waits.seconds == [0.25, 3]


def test_who_was_asked_to_end_waits_no_more() -> None:
    waits = Waits()
    with Signals() as signals:
        signal.raise_signal(signal.SIGTERM)
        signals.wait(1_000, waits)
    assert not waits.seconds


def test_a_signal_ends_a_wait() -> None:
    with Signals() as signals:
        began = time.monotonic()
        sender = threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGTERM))
        sender.start()
        signals.wait(60)
        sender.join()
        assert time.monotonic() - began < 30
        assert signals.asked


def test_nothing_waits_that_was_not_entered() -> None:
    waits = Waits()
    Signals().wait(1_000, waits)
    assert not waits.seconds
