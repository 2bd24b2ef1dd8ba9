"""A thread beside the reader that delivers texts, in order, and never makes the reader wait."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Sequence

from ..text.safe import one_line

WAITING = 1000
"""Texts that may wait; a receiver that is slower than the log must not fill the memory."""


class Worker(ABC):
    """Takes texts at once, and delivers them in a daemon thread of its own.

    Each text ends as one of three: `delivered`, one of the `failures`, or `dropped`, because too
    many were waiting or the end came first. `last_failure` is what went wrong last: what, where
    and how to mend it, in one safe line. `about` says where, as the user wrote it.

    A subclass sets its own attributes first: the thread starts here.
    """

    def __init__(self, about: str, *, at_once: int = 1, limit: int = WAITING) -> None:
        self.delivered = 0
        self.failures = 0
        self.dropped = 0
        self.last_failure: str | None = None
        self._about = about
        self._at_once = at_once
        self._limit = limit
        self._queue: deque[str] = deque()
        self._underway = 0
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._given_up = threading.Event()
        self._thread = threading.Thread(target=self._work, name=about, daemon=True)
        self._thread.start()

    def notify(self, text: str) -> None:
        """Hand over one text, and return at once; it is dropped if too many are waiting."""
        with self._changed:
            if self._closing.is_set():
                self._drop(1, "it is closed", "nothing can be told after the end")
            elif len(self._queue) >= self._limit:
                waiting = f"{self._limit:,} findings are waiting"
                self._drop(1, waiting, "find out why what receives them is slow")
            else:
                self._queue.append(text)
                self._changed.notify_all()

    def close(self, timeout: float) -> None:
        """Deliver what is waiting for at most `timeout` seconds; the rest is dropped."""
        with self._changed:
            self._closing.set()
            self._changed.notify_all()
        if not self._given_up.is_set():
            self._thread.join(max(0.0, timeout))
        with self._changed:
            self._given_up.set()
            lost = len(self._queue) + self._underway
            self._queue.clear()
            self._underway = 0
            if lost:
                self._drop(lost, "the end came first", "find out why what receives them is slow")

    @abstractmethod
    def _deliver(self, texts: Sequence[str]) -> str | None:
        """Deliver up to `at_once` texts; a failure is answered in words, without where."""

    def _pace(self) -> None:  # noqa: B027 - few have to wait
        """Wait until the next delivery may begin; what arrives meanwhile is part of it."""

    def _drop(self, count: int, why: str, mend: str) -> None:
        self.dropped += count
        what = "a finding was" if count == 1 else f"{count:,} findings were"
        self.last_failure = one_line(f"{self._about}: {what} not told, as {why}; {mend}")

    def _work(self) -> None:
        while self._something_waits():
            self._pace()
            texts = self._take()
            if texts:
                self._settle(len(texts), self._outcome(texts))

    def _something_waits(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._queue or self._closing.is_set())
            return bool(self._queue)

    def _take(self) -> list[str]:
        with self._changed:
            self._underway = min(len(self._queue), self._at_once)
            return [self._queue.popleft() for _ in range(self._underway)]

    def _outcome(self, texts: Sequence[str]) -> str | None:
        try:
            return self._deliver(texts)
        except Exception as error:  # noqa: BLE001 - a thread that dies of a bug would be silent
            # Its name alone: the message of an error may hold a secret.
            return f"a bug in tracecheck ({type(error).__name__}); please report it"

    def _settle(self, count: int, failure: str | None) -> None:
        with self._changed:
            if self._given_up.is_set():  # these texts are counted as dropped
                return
            self._underway = 0
            if failure is None:
                self.delivered += count
            else:
                self.failures += count
                self.last_failure = one_line(f"{self._about}: {failure}")
