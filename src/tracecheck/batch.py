"""A check of whole logs: sources read block by block, prepared in parallel, folded in order.

Batch is a fold whose end is known. One source is read in line order. Several are interleaved
by time if every event has one; the first event without a time sends the run back to the
start, to let the sources follow each other as given.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from typing import BinaryIO, Protocol, TypeVar

from .folding import Fold
from .interleave import Interleaver, Untimed
from .kind import Kind
from .layouts import LayoutBook
from .lines.cutting import Block, Cutter, lines_of_files
from .lines.inflating import DEFAULT_LIMIT, InflateLimit
from .lines.opening import Opened, open_file
from .lines.sources import STDIN, Source
from .model import Input, RuleSet, Severity, Verdict
from .plan import Plan, Prepared, make_plan

BLOCK = 16 << 20
"""Bytes read at a time; a few blocks are in memory at once, whatever the size of the log."""

_SMALLEST_BLOCK = 512 << 10
"""Where several sources share the memory, each gets blocks of at least this."""

_MOST_WORKERS = 8
"""Blocks prepared at once; each takes memory, and the fold is one thread after all."""

Made = TypeVar("Made")


class Progress(Protocol):
    """Told how far the run is: bytes of the stored files read, and events found."""

    def __call__(self, position: int, events: int) -> None:
        """Take note; must be quick."""


@dataclass(frozen=True, slots=True)
class Options:
    """How to run a check; what it means is in the rules.

    `most` findings are shown a rule, None for all. `zone` is that of times without one.
    `limit` guards against decompression bombs, None lifts it. `workers` and `block` change
    the speed and nothing else.
    """

    most: int | None = 20
    fail_on: Severity = "low"
    zone: str = "UTC"
    limit: InflateLimit | None = DEFAULT_LIMIT
    stdin: BinaryIO | None = None
    progress: Progress = lambda _position, _events: None
    workers: int = field(default_factory=lambda: min(_MOST_WORKERS, _cores()))
    block: int = BLOCK


def _cores() -> int:
    """Processors this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run(
    sources: Sequence[Source], rules: RuleSet, kinds: Mapping[str, Kind], options: Options
) -> Verdict:
    """Judge whole logs. Raises SourceError where a source cannot be read."""
    paths = dict(enumerate(path for source in sources for path in source.files))
    make = partial(make_plan, rules, kinds, paths, most=options.most, zone=options.zone)
    untimed = None
    with ExitStack() as stack:
        log = _Log(sources, options, stack)
        if len(sources) > 1:
            log.keep_pipes()
            # All are read at once.
            log.block = min(options.block, max(_SMALLEST_BLOCK, options.block // len(sources)))
            log.ahead = max(1, log.ahead // len(sources))
            plan = make(timed=True)
            try:
                return _judged(plan, _interleaved(plan, log), log, options)
            except Untimed as found:
                untimed = plan.untimed(found.place, found.text)
                log.restart()
        plan = make()
        verdict = _judged(plan, _one_after_another(plan, log), log, options)
        return replace(verdict, untimed=untimed)


def _one_after_another(plan: Plan, log: _Log) -> Iterator[Prepared]:
    book = LayoutBook()
    for at in range(len(log.sources)):
        yield from log.made(at, lambda block: plan.prepare(plan.reading(plan.read(block, book))))


def _interleaved(plan: Plan, log: _Log) -> Iterator[Prepared]:
    book = LayoutBook()
    stretches = [
        log.made(at, lambda block: plan.read(block, book)) for at in range(len(log.sources))
    ]
    return (plan.prepare(plan.reading(one)) for one in Interleaver(stretches, plan.needs))


def _judged(plan: Plan, parts: Iterable[Prepared], log: _Log, options: Options) -> Verdict:
    """Fold what was prepared, in order, and close the log."""
    fold = Fold(plan)
    events = 0
    for part in parts:
        fold.add(part)
        events += part.totals.events
        options.progress(log.position, events)
    whole = fold.whole()
    judged = plan.judge(whole, closed=True)
    return plan.verdict(whole, judged, log.inputs(), options.fail_on)


class _Log:
    """The sources of a run as blocks, and what was read of each file."""

    def __init__(self, sources: Sequence[Source], options: Options, stack: ExitStack) -> None:
        self.sources = sources
        self._options = options
        self._stack = stack
        self._pool = stack.enter_context(ThreadPoolExecutor(options.workers))
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
        self.block = self._options.block
        self.ahead = self._options.workers + 1  # blocks of a source that are prepared or wait

    def inputs(self) -> list[Input]:
        """Each file with the lines and bytes that were read of it."""
        paths = [path for source in self.sources for path in source.files]
        return [
            Input(path, lines, read)
            for path, lines, read in zip(paths, self._lines, self._bytes, strict=True)
        ]

    def keep_pipes(self) -> None:
        """Copy what can be read only once, as the run may have to start over."""
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
                    while data := opened.read(self._options.block):
                        copy.write(data)
                self._kept[file] = kept

    def made(self, at: int, make: Callable[[Block], Made]) -> Iterator[Made]:
        """What `make` makes of each block of a source, in order, a few blocks ahead."""
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
        cutter = Cutter()
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
        return open_file(path, stdin=self._options.stdin, limit=self._options.limit)
