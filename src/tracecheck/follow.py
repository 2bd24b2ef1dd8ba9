"""A check of growing logs: what is there is read, judged and told, again and again.

Follow is the fold of batch, whose end is not known yet: the same states, merged as they come. One
source is read in line order. Several are interleaved by time, if the first events of all have
one; else each is a lane of its own, and the lanes follow each other once the log is closed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import BinaryIO, TypeVar

from .events import Stretch
from .inflow import Begun, Inflow
from .interleave import Arrivals, furthest_behind, joined, with_file_moved
from .kind import Bounds, Kind, Reading
from .lanes import Lane, side_by_side
from .layouts import LayoutBook
from .lines.cutting import Block
from .lines.inflating import DEFAULT_LIMIT, InflateLimit
from .lines.sources import Source
from .live import Notice, Snapshot, Trouble
from .model import RuleSet, Severity, Verdict
from .news import News
from .plan import Prepared, make_plan
from .windows import Windows

BLOCK = 4 << 20
"""Bytes that are cut at a time: less than in batch, as memory is to stay small for days."""

_BLOCKS = 4
"""Blocks that are read in one step, at most, of a source that is behind."""

_TOLD = 20
"""Findings of a rule that are told of one step, at the least; more are counted."""

SECOND = 10**9

BOUNDS = Bounds(open_keys=100_000, closed_keys=100_000)
"""What a rule keeps in memory, if nothing else is asked for."""

_NEVER = -(1 << 63)

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Options:
    """How to follow; what a run means is in the rules.

    `most` findings are kept a rule, None for all. `lateness` (ns) is how long events wait for
    other sources. `clock` is the time of the machine, in seconds: it decides when to wait no
    longer, and never a verdict.
    """

    most: int | None = 20
    fail_on: Severity = "low"
    zone: str = "UTC"
    limit: InflateLimit | None = DEFAULT_LIMIT
    stdin: BinaryIO | None = None
    lateness: int = 5 * SECOND
    bounds: Bounds = BOUNDS
    from_end: bool = False
    block: int = BLOCK
    workers: int = 2
    clock: Callable[[], float] = time.monotonic


class Follower:
    """Follows logs, step by step. Close it for the verdict."""

    def __init__(
        self,
        sources: Sequence[Source],
        rules: RuleSet,
        kinds: Mapping[str, Kind],
        options: Options,
        *,
        may_grow: bool = False,
    ) -> None:
        """`may_grow` tells that more sources may join. Raises SourceError for what is no log."""
        self._options = options
        self._inflow = Inflow(options.block, options.limit, options.stdin)
        told = None if options.most is None else max(options.most, _TOLD)
        self._plan = make_plan(
            rules, kinds, (), most=told, bounds=options.bounds, zone=options.zone, timed=True
        )
        final = self._plan.keeping(options.most)
        self._keep = [rule.kind.kept(rule.context) for rule in final.rules]
        self._book = LayoutBook()
        self._pool = ThreadPoolExecutor(options.workers)
        self._lanes = {0: Lane(self._plan, anchored=True)}
        self._arrivals: Arrivals | None = None
        self._undecided: list[tuple[int, Stretch]] | None = []
        self._untimed = 0  # events without a time while there was one source
        self._marks: deque[tuple[float, int]] = deque()
        self._windows = Windows(self._plan)
        self._news = News(self._plan, options.clock)
        self._troubles: dict[str, str] = {}
        for source in sources:
            self._inflow.add(source, from_end=options.from_end)
        if len(sources) == 1 and not may_grow:
            self._undecided = None

    # --- one step ---------------------------------------------------------------------------

    def step(self) -> list[Notice]:
        """Read what is there, to a limit, and judge it; what there is to tell. Never waits."""
        notices: list[Notice] = []
        waiting: list[tuple[int, Block]] = []
        for number, size in self._turns():
            for item in self._inflow.read(number, size):
                if isinstance(item, Begun):
                    # Blocks that were cut before know their files by the old numbers.
                    notices += self._take(waiting)
                    waiting = []
                    self._insert_file(item.file)
                else:
                    waiting.append((number, item))
        notices += self._take(waiting)
        return [*notices, *self._news.silence(), *self._new_troubles()]

    def join(self, sources: Iterable[Source]) -> None:
        """Follow more sources, from their first line, behind those that are there."""
        for source in sources:
            number = self._inflow.add(source, from_end=False)
            self._admit(number)

    @property
    def behind(self) -> bool:
        """Whether there was more to read than one step takes."""
        return any(self._inflow.behind(number) for number in range(len(self._inflow)))

    @property
    def ended(self) -> bool:
        """Whether nothing more can come of any source."""
        return not any(self._inflow.live(number) for number in range(len(self._inflow)))

    @property
    def failed(self) -> bool:
        """Whether a rule that counts has failed, for good."""
        return self._news.failed(self._options.fail_on)

    @property
    def read_bytes(self) -> int:
        """Bytes that were read so far."""
        return self._inflow.read_bytes

    def snapshot(self) -> Snapshot:
        """How the run stands."""
        whole = side_by_side(self._plan, self._ordered())
        now = self._news.log_time
        return Snapshot(
            verdict=self._verdict(whole, self._inflow.paths(), closed=False),
            log_time=now,
            lag=self._inflow.lag,
            lines_per_second=self._news.speed(whole.totals.lines),
            windows=self._windows.last(now),
            volume=self._windows.volume(now),
            overdue=self._news.overdue,
            late_arrivals=whole.late_arrivals,
            recent=self._news.recent,
            troubles=tuple(Trouble(about, said) for about, said in self._troubles.items()),
        )

    def close(self) -> Verdict:
        """Close the log where it is: everything settles."""
        rest = [
            (number, block)
            for number in range(len(self._inflow))
            for block in self._inflow.end(number)
        ]
        self._take(rest)
        if self._undecided is not None:
            self._decide()
        if self._arrivals is not None:
            self._leave(self._arrivals, [], None, 0)
        lanes = self._ordered()
        whole = lanes[0].whole
        if len(lanes) > 1:
            whole = self._plan.keeping(self._options.most).merge([one.whole for one in lanes])
        verdict = self._verdict(whole, self._inflow.paths_now(), closed=True)
        self.release()
        return verdict

    def release(self) -> None:
        """Let go of files and threads."""
        self._inflow.close()
        self._pool.shutdown(cancel_futures=True)

    # --- what was read ----------------------------------------------------------------------

    def _turns(self) -> list[tuple[int, int]]:
        """Which sources are read, and how much of each: of those behind the furthest only."""
        numbers = range(len(self._inflow))
        behind = [number for number in numbers if self._inflow.behind(number)]
        turns = [(number, self._options.block) for number in numbers if number not in behind]
        if behind:
            first = behind[0]
            if self._arrivals is not None:
                first, _ = furthest_behind(self._arrivals, behind)
            elif self._undecided is not None:
                begun = {number for number, _ in self._undecided}
                first = next((number for number in behind if number not in begun), behind[0])
            turns.append((first, _BLOCKS * self._options.block))
        return turns

    def _take(self, blocks: Sequence[tuple[int, Block]]) -> list[Notice]:
        """Read blocks of lines, and judge them in their order."""
        read = self._mapped(lambda one: self._plan.read(one[1], self._book), blocks)
        stretches = [(number, one) for (number, _), one in zip(blocks, read, strict=True)]
        if self._undecided is None:
            return self._judge(stretches)
        eventless = [stretch for _, stretch in stretches if not stretch.events.height]
        notices = self._advance(0, eventless) if eventless else []
        self._undecided += [one for one in stretches if one[1].events.height]
        return notices + (self._decide() if self._may_decide(self._undecided) else [])

    def _judge(self, stretches: Sequence[tuple[int, Stretch]]) -> list[Notice]:
        if self._arrivals is not None:
            return self._by_time(self._arrivals, stretches)
        notices: list[Notice] = []
        for number in dict.fromkeys(number for number, _ in stretches):
            own = [stretch for at, stretch in stretches if at == number]
            notices += self._advance(number, own)
        return notices

    def _by_time(
        self, arrivals: Arrivals, stretches: Sequence[tuple[int, Stretch]]
    ) -> list[Notice]:
        late = sum(arrivals.take(number, stretch.events) for number, stretch in stretches)
        if len(self._inflow) == 1:
            self._untimed, late = self._untimed + late, 0
        elif self._untimed:
            self._untimed, late = 0, self._untimed + late
        now = self._options.clock()
        if stretches and arrivals.latest is not None:
            self._marks.append((now, arrivals.latest))
        until = self._until(arrivals, now)
        if until is None and not stretches:
            return []
        return self._leave(arrivals, [stretch for _, stretch in stretches], until, late)

    def _leave(
        self, arrivals: Arrivals, read: Sequence[Stretch], until: int | None, late: int
    ) -> list[Notice]:
        """Judge lines that were read, and the events whose turn has come."""
        events = arrivals.leave(until)
        if not read and not events.height:
            return []
        return self._advance(0, [joined(self._plan.needs, read, events, late)])

    def _until(self, arrivals: Arrivals, now: float) -> int:
        """Before which time no source can bring an event any more, or is waited for no longer."""
        numbers = range(len(self._inflow))
        live = [number for number in numbers if self._inflow.live(number)]
        behind = [number for number in live if self._inflow.behind(number)]
        waited: list[int] = []
        while self._marks and (now - self._marks[0][0]) * SECOND >= self._options.lateness:
            waited.append(self._marks.popleft()[1] + 1)
        latest = arrivals.latest
        if latest is not None:
            waited.append(latest - self._options.lateness)
            if len(live) < 2:
                waited.append(latest + 1)
        if live:
            _, reached = furthest_behind(arrivals, live)
            waited += [] if reached is None else [reached]
        until = max(waited, default=_NEVER)
        if behind and len(live) > 1:
            _, reached = furthest_behind(arrivals, behind)
            until = min(until, _NEVER if reached is None else reached)
        return until

    def _advance(self, number: int, stretches: Sequence[Stretch]) -> list[Notice]:
        """Judge stretches that follow each other in a lane."""
        prepared = self._mapped(self._prepared, stretches)
        for reading, _ in prepared:
            self._count(reading)
        parts = [part for _, part in prepared]
        fresh = self._lanes[number].advance(self._plan, parts, self._news.log_time, self._keep)
        whole = side_by_side(self._plan, self._ordered())
        return self._news.told(self._plan, self._plan.judge(whole, closed=False), fresh)

    def _prepared(self, stretch: Stretch) -> tuple[Reading, Prepared]:
        reading = self._plan.reading(stretch)
        return reading, self._plan.prepare(reading)

    def _mapped(self, make: Callable[[Given], Made], each: Sequence[Given]) -> list[Made]:
        """What is made of each, on several threads where that is worth it."""
        return list((self._pool.map if len(each) > 1 else map)(make, each))

    def _count(self, reading: Reading) -> None:
        events = reading.events
        if events.height:
            self._windows.count(reading)
            last = events["@when"].max() != events["@when"].min()
            at = events["@when" if last else "@place"].arg_max()
            self._news.reached(events["@time"][at or 0])
            self._windows.forget(self._news.log_time)

    # --- which order ------------------------------------------------------------------------

    def _may_decide(self, held: Sequence[tuple[int, Stretch]]) -> bool:
        """Whether each source has shown events, or has none to show yet."""
        shown = {number for number, stretch in held if stretch.events.height}
        unread = (n for n in range(len(self._inflow)) if n not in shown and self._inflow.behind(n))
        return bool(shown) and next(unread, None) is None

    def _decide(self) -> list[Notice]:
        """By time if all events so far have one; else source after source."""
        held, self._undecided = self._undecided or [], None
        if not any(stretch.events["@time"].has_nulls() for _, stretch in held):
            self._arrivals = Arrivals(self._plan.needs)
        for number in range(len(self._inflow)):
            self._admit(number)
        return self._judge(held)

    def _admit(self, number: int) -> None:
        if self._arrivals is not None:
            self._arrivals.add(number)
        elif self._undecided is None and number:
            self._lanes[number] = Lane(self._plan, anchored=False)

    def _ordered(self) -> list[Lane]:
        return [self._lanes[number] for number in sorted(self._lanes)]

    def _insert_file(self, file: int) -> None:
        paths = self._inflow.paths()
        self._plan = self._plan.of_files(paths)
        if file == len(paths) - 1:
            return
        for lane in self._lanes.values():
            lane.insert_file(file)
        if self._arrivals is not None:
            self._arrivals.insert_file(file)
        if self._undecided is not None:
            self._undecided = [(n, with_file_moved(one, file)) for n, one in self._undecided]

    # --- what is said -----------------------------------------------------------------------

    def _new_troubles(self) -> list[Notice]:
        now = self._inflow.troubles()
        before, self._troubles = self._troubles, now
        gone = [
            Trouble(about, said, over=True) for about, said in before.items() if about not in now
        ]
        new = [Trouble(about, said) for about, said in now.items() if before.get(about) != said]
        return [*gone, *new]

    def _verdict(self, whole: Prepared, paths: Sequence[str], *, closed: bool) -> Verdict:
        plan = self._plan.of_files(paths).keeping(self._options.most)
        judged = plan.judge(whole, closed=closed)
        return plan.verdict(whole, judged, self._inflow.inputs(paths), self._options.fail_on)
