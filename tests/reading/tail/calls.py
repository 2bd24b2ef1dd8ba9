"""What happens between two calls that a tail makes of the operating system."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

_NAMES = ("open", "stat", "fstat", "lstat", "listdir", "scandir", "pread", "read", "lseek")


class Calls:
    """Does something before one of the next calls."""

    def __init__(self) -> None:
        self._left = 0
        self._then: Callable[[], None] | None = None

    def before(self, calls: int, then: Callable[[], None]) -> None:
        """Do it before the next call but so many."""
        self._left, self._then = calls, then

    def calm(self) -> None:
        """Do nothing any more."""
        self._then = None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Be asked before each call, in here."""
        with mock.patch.multiple(os, **{name: self._asking(getattr(os, name)) for name in _NAMES}):
            yield

    def _asking(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **how: Any) -> Any:
            if self._then:
                self._left -= 1
                if self._left < 0:
                    then, self._then = self._then, None
                    then()
            return real(*args, **how)

        return call
