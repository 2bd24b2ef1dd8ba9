"""The files and pipes of a run that are read to their end, as blocks of lines."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import TypeVar

from ..model.tuning import Tuning
from ..model.verdict import Input
from .lines.blocks import LF, Block, Cutter, FileRead, counted, inputs_of
from .sources.discovery import STDIN, Source
from .sources.opening import Access, Opened, open_file

Made = TypeVar("Made")

_SMALLEST_BLOCK = 512 << 10
"""Where several sources share the memory, each gets blocks of at least this."""


class FinishedSources:
    """The sources of a run as blocks, and what was read of each file."""

    def __init__(
        self,
        sources: Sequence[Source],
        stack: ExitStack,
        tuning: Tuning,
        access: Access,
        tags: frozenset[str],
    ) -> None:
        self.sources = sources
        self._tags = tags  # that rules name
        self._tuning = tuning
        self._access = access
        self._stack = stack
        self._pool = stack.enter_context(ThreadPoolExecutor(tuning.workers))
        self._kept: dict[int, str] = {}
        self.restart()

    def restart(self) -> None:
        """Forget what was counted, to read everything again."""
        paths = [path for source in self.sources for path in source.files]
        self._files = dict(enumerate(map(FileRead, paths)))
        self._read = 0  # bytes of the stored files
        self.position = 0  # of which so many are judged
        self.block = self._tuning.block
        self.ahead = self._tuning.workers + 1  # blocks of a source that are prepared or wait

    def share_memory(self) -> None:
        """All sources are read at once: each gets smaller blocks, and fewer ahead."""
        several = len(self.sources)
        self.block = min(self._tuning.block, max(_SMALLEST_BLOCK, self._tuning.block // several))
        self.ahead = max(1, self.ahead // several)

    def inputs(self) -> list[Input]:
        """Each file with the lines and bytes that were read of it."""
        files = iter(self._files.values())
        return [
            one
            for source in self.sources
            for one in inputs_of([next(files) for _ in source.files], source.files)
        ]

    def keep_pipes(self) -> None:
        """Copy what can be read only once, as all may have to be read again. Raises SourceError."""
        for number, file in self._files.items():
            if file.path != STDIN and os.path.isfile(file.path):
                continue
            copy = tempfile.NamedTemporaryFile(prefix="tracecheck-")  # noqa: SIM115 - of the stack
            self._stack.enter_context(copy)
            with open_file(file.path, self._access) as opened:
                while data := opened.read(self._tuning.block):
                    copy.write(data)
            copy.flush()
            self._kept[number] = copy.name

    def made(self, at: int, make: Callable[[Block], Made]) -> Iterator[Made]:
        """What `make` makes of each block of a source, in order. Raises SourceError.

        A few blocks are made ahead, on the threads of the pool.
        """
        ahead: deque[tuple[Future[Made], int]] = deque()

        def first() -> Made:
            future, read = ahead.popleft()
            made = future.result()
            self.position = max(self.position, read)
            return made

        try:
            for block in self._blocks(at):
                ahead.append((self._pool.submit(make, block), self._read))
                if len(ahead) > self.ahead:
                    yield first()
            while ahead:
                yield first()
        finally:
            for future, _ in ahead:
                future.cancel()

    def _blocks(self, at: int) -> Iterator[Block]:
        cutter = Cutter(self._tuning, self._tags)
        first = sum(len(source.files) for source in self.sources[:at])
        last = first + len(self.sources[at].files) - 1
        for number in range(first, last + 1):
            file = self._files[number]
            cutter.begin(number)
            with open_file(self._kept.get(number, file.path), self._access) as opened:
                before = 0
                while size := _next(opened, cutter, self.block, file):
                    self._read += opened.raw_position - before
                    before = opened.raw_position
                    yield from counted(cutter.filled(size), self._files)
            yield from counted(cutter.end(closing=number == last), self._files)


def _next(opened: Opened, cutter: Cutter, size: int, file: FileRead) -> int:
    """Hand the next bytes of a file to the cutter; how many, 0 at the end."""
    with cutter.room(size) as room:  # its buffer grows only while nobody holds it
        count = opened.readinto(room)
        if count:
            file.in_line = room[count - 1] != LF
    file.bytes += count
    return count
