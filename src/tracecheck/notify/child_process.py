"""A child process that gets bytes and whose output is read, in limited time and memory."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

_KEPT = 4096
"""Bytes of each output that are kept; the rest is read and thrown away, so nothing blocks."""

_CHUNK = 1 << 16
_LOOK = 0.1
"""Seconds between two looks at the clock, and at a child whose pipes others hold open."""

_LAST_WAIT = 5.0
"""Seconds that a killed child is waited for: one that hangs in the kernel may never end."""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended: its exit code, negative for a signal, or None if its time was over.

    `message` is the first line that it wrote to standard error, else to standard output.
    """

    code: int | None
    message: str


class Child:
    """A process in a session of its own, so that its whole family can be killed.

    Starting it raises OSError.
    """

    def __init__(self, arguments: Sequence[str], program: str) -> None:
        # The arguments are a list, and no shell reads them.
        self._process = subprocess.Popen(  # noqa: S603
            arguments,
            executable=program,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        self._outputs = {"out": bytearray(), "err": bytearray()}

    def run(self, data: bytes, until: float, clock: Callable[[], float]) -> Ended:
        """Write the data and read the outputs until it ends; killed at `until` by the clock."""
        try:
            in_time = self._serve(data, until, clock)
        finally:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LAST_WAIT)
            for pipe in self._pipes:
                pipe.close()
        return Ended(self._process.returncode if in_time else None, self._message())

    def kill(self) -> None:
        """Kill it with its whole process group, unless it has ended. From any thread."""
        if self._process.poll() is None:
            # It has ended just now, or it runs as another user.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)

    @property
    def _pipes(self) -> tuple[IO[bytes], IO[bytes], IO[bytes]]:
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        return process.stdin, process.stdout, process.stderr

    def _serve(self, data: bytes, until: float, clock: Callable[[], float]) -> bool:
        """Write to it and read from it; return whether it ended in time.

        Its end counts, not that of its pipes: what it left in the background may hold them.
        """
        rest = memoryview(data)
        with selectors.DefaultSelector() as selector:
            for pipe, name in zip(self._pipes, ("in", "out", "err"), strict=True):
                os.set_blocking(pipe.fileno(), False)
                event = selectors.EVENT_WRITE if name == "in" else selectors.EVENT_READ
                selector.register(pipe.fileno(), event, name)
            while clock() < until:
                over = self._process.poll() is not None
                for key in self._ready(selector, 0.0 if over else _LOOK):
                    if key.data == "in":
                        rest = self._feed(selector, rest)
                    else:
                        self._read(selector, key.fd, key.data)
                if over:
                    return True
        return self._process.poll() is not None

    def _ready(
        self, selector: selectors.BaseSelector, seconds: float
    ) -> list[selectors.SelectorKey]:
        if selector.get_map():
            return [key for key, _ in selector.select(seconds)]
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return []

    def _feed(self, selector: selectors.BaseSelector, rest: memoryview) -> memoryview:
        """Write what the pipe takes, and give back the rest; a child need not read it."""
        pipe = self._pipes[0]
        try:
            rest = rest[os.write(pipe.fileno(), rest) :]
        except BrokenPipeError:
            rest = rest[:0]
        if not rest:
            selector.unregister(pipe.fileno())
            pipe.close()
        return rest

    def _read(self, selector: selectors.BaseSelector, pipe: int, name: str) -> None:
        chunk = os.read(pipe, _CHUNK)
        if not chunk:
            selector.unregister(pipe)
        kept = self._outputs[name]
        kept += chunk[: _KEPT - len(kept)]

    def _message(self) -> str:
        kept = self._outputs["err"].strip() or self._outputs["out"].strip()
        return kept.partition(b"\n")[0].strip().decode("utf-8", "replace")
