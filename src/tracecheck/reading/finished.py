"""The files and pipes of a run that are read to their end, as blocks of lines."""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from typing import BinaryIO, TypeVar

from ..model.tuning import Tuning
from ..model.verdict import Input
from .lines.blocks import Block, Cutter, lines_of_files
from .sources.decompression import InflateLimit
from .sources.discovery import STDIN, Source
from .sources.opening import Opened, open_file

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
        *,
        inflate_limit: InflateLimit | None,
        stdin: BinaryIO | None,
    ) -> None:
        self.sources = sources
        self._tuning = tuning
        self._inflate_limit = inflate_limit
        self._stdin = stdin
        self._stack = stack
        self._pool = stack.enter_context(ThreadPoolExecutor(tuning.workers))
        self._kept: dict[int, str] = {}
        self._first_file = [
            sum(len(source.files) for source in sources[:at]) for at in range(len(sources))
        ]
        self.restart()

    def restart(self) -> None:
        """Forget what was counted, to read everything again."""
        files = sum(len(source.files) for source in self.sources)
        self._lines = [0] * files
        self._bytes = [0] * files
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
        paths = [path for source in self.sources for path in source.files]
        return [
            Input(path, lines, read)
            for path, lines, read in zip(paths, self._lines, self._bytes, strict=True)
        ]

    def keep_pipes(self) -> None:
        """Copy what can be read only once, as all may have to be read again. Raises SourceError."""
        folder: str | None = None
        for at, source in enumerate(self.sources):
            for offset, path in enumerate(source.files):
                if path != STDIN and os.path.isfile(path):
                    continue
                folder = folder or self._stack.enter_context(
                    tempfile.TemporaryDirectory(prefix="tracecheck-")
                )
                file = self._first_file[at] + offset
                kept = os.path.join(folder, str(file))
                with self._open(path) as opened, open(kept, "wb") as copy:
                    while data := opened.read(self._tuning.block):
                        copy.write(data)
                self._kept[file] = kept

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
        cutter = Cutter(self._tuning)
        files = self.sources[at].files
        for offset, path in enumerate(files):
            file = self._first_file[at] + offset
            cutter.begin(file)
            with self._open(self._kept.get(file, path)) as opened:
                before = 0
                while size := opened.readinto(cutter.room(self.block)):
                    self._bytes[file] += size
                    self._read += opened.raw_position - before
                    before = opened.raw_position
                    yield from map(self._counted, cutter.filled(size))
            yield from map(self._counted, cutter.end(closing=offset == len(files) - 1))

    def _counted(self, block: Block) -> Block:
        for file, lines in lines_of_files(block):
            self._lines[file] += lines
        return block

    def _open(self, path: str) -> Opened:
        return open_file(path, stdin=self._stdin, inflate_limit=self._inflate_limit)
