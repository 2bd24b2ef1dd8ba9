"""A check of growing logs: what is there is read, judged and told, again and again.

Follow is the fold of batch, whose end is not known yet: the same states, merged as they come, and
judged as what they are so far. Closing the log settles the rest.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import BinaryIO, TypeVar

import polars as pl

from ...engine.findings import none_found
from ...engine.kind import Bounds, Kind
from ...engine.plan import Plan, make_plan
from ...engine.projection import Reading
from ...engine.state import Prepared
from ...events.formats import TraceLines
from ...events.table import Stretch
from ...model.live import Found, Notice, Snapshot, Trouble
from ...model.rules import RuleSet, Severity
from ...model.verdict import Verdict
from ...reading.growing import Inflow
from ...reading.lines.blocks import Block
from ...reading.sources.decompression import DEFAULT_LIMIT, InflateLimit
from ...reading.sources.discovery import Source
from .changes import News
from .checkpoints import Checkpoint
from .fingerprint import hold_to, mark
from .partition import Fresh, Lane, side_by_side
from .sequencer import Lineup, Turn
from .trend import Windows

BLOCK = 4 << 20
"""Bytes that are cut at a time: less than in batch, as memory is to stay small for days."""

_BLOCKS = 4
"""Blocks that are read in one step, at most, of a source that is behind."""

_TOLD = 20
"""Findings of a rule that are told of one step, at the least; more are counted."""

BOUNDS = Bounds(open_keys=100_000, closed_keys=100_000)
"""What a rule keeps in memory, if nothing else is asked for."""

LATENESS = 5 * 10**9
"""Nanoseconds that events wait for other sources, if nothing else is asked for."""

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Options:
    """How to follow; what a run means is in the rules.

    `most` findings are kept a rule, None for all. `lateness` (ns) is how long events wait for
    other sources. `clock` is the time of the machine, in seconds: it decides when to wait no
    longer, and never a verdict. `block` and `workers` change the speed and nothing else.
    """

    most: int | None = 20
    fail_on: Severity = "low"
    zone: str = "UTC"
    limit: InflateLimit | None = DEFAULT_LIMIT
    stdin: BinaryIO | None = None
    lateness: int = LATENESS
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
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """`may_grow` tells that more sources may join; a `checkpoint` is where to go on.

        Raises SourceError for what is no log, and UsageError for a checkpoint of other rules.
        """
        self._options = options
        self._mark = mark(rules, options.zone, options.most)
        self._inflow = Inflow(options.block, options.limit, options.stdin)
        told = None if options.most is None else max(options.most, _TOLD)
        self._plan = make_plan(
            rules, kinds, {}, most=told, bounds=options.bounds, zone=options.zone, timed=True
        )
        self._final = self._plan.keeping(options.most)
        # As many as are told; but a report's evidence is as much as it asks for.
        self._keep = [
            last.kind.kept((last if last.kind.gathers else rule).context)
            for rule, last in zip(self._plan.rules, self._final.rules, strict=True)
        ]
        self._events = TraceLines()
        beginning = self._plan.beginning()
        self._lanes = {0: Lane(beginning)}
        self._windows = Windows(self._plan)
        judged = self._plan.judge(beginning, closed=False)
        self._news = News(self._plan, judged, options.clock)
        self._troubles: dict[str, str] = {}
        self._pool = ThreadPoolExecutor(options.workers)
        if checkpoint is not None:
            self._resume_inflow(checkpoint)
        before = len(self._inflow)
        for source in sources[before:]:
            self._inflow.add(source, from_end=options.from_end)
        self._lineup = Lineup(
            self._inflow, self._plan.needs, options.lateness, options.clock, may_grow=may_grow
        )
        if checkpoint is not None:
            self._resume(checkpoint)
            for number in range(before, len(self._inflow)):
                self._lineup.admit(number)

    # --- one step ---------------------------------------------------------------------------

    def step(self) -> list[Notice]:
        """Read what is there, to a limit, and judge it; what there is to tell. Never waits."""
        waiting = [
            (number, self._reading(block))
            for number, size in self._turns()
            for block in self._inflow.read(number, size)
        ]
        if len(self._inflow.paths()) != len(self._plan.vocabulary.paths):
            self._plan = self._plan.of_files(self._inflow.paths())
        # All together: what each source has to show is known before turns are decided.
        notices = self._judge(self._lineup.take(_read(waiting)))
        return [*notices, *self._news.silence(self._plan), *self._new_troubles()]

    def join(self, sources: Iterable[Source]) -> None:
        """Follow more sources, from their first line, behind those that are there."""
        for source in sources:
            self._lineup.admit(self._inflow.add(source, from_end=False, joins=True))

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
    def unread(self) -> list[str]:
        """What could not be read of the logs, in a line each."""
        return self._inflow.unread()

    @property
    def read_bytes(self) -> int:
        """Bytes that were read so far."""
        return self._inflow.read_bytes

    def snapshot(self) -> Snapshot:
        """How the run stands."""
        whole = side_by_side(self._final, self._ordered())
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

    # --- the end ----------------------------------------------------------------------------

    def close(self) -> tuple[Verdict, list[Notice]]:
        """Close the log where it is: everything settles. The verdict, and what there is to tell."""
        numbers = range(len(self._inflow))
        rest = [
            (number, self._reading(block))
            for number in numbers
            for block in self._inflow.end(number)
        ]
        notices = self._judge(self._lineup.take(_read(rest)))
        notices += self._judge(self._lineup.finish())
        lanes = self._ordered()
        whole = self._joined(self._final, [lane.whole for lane in lanes])
        untold = self._joined(self._plan, [lane.untold for lane in lanes])
        fresh = self._plan.judge(untold, closed=True)
        last = self._news.told(
            self._plan,
            self._plan.judge(whole, closed=True),
            [Fresh(judged.findings, none_found()) for judged in fresh],
        )
        notices += [replace(one, at_end=True) if isinstance(one, Found) else one for one in last]
        verdict = self._verdict(whole, self._inflow.paths_now(), closed=True)
        if self._lineup.first_untimed is not None and len(self._inflow) > 1:
            plan = self._plan.of_files(self._inflow.paths_now())
            verdict = replace(verdict, untimed=plan.untimed(*self._lineup.first_untimed))
        self.release()
        return verdict, notices

    @staticmethod
    def _joined(plan: Plan, wholes: Sequence[Prepared]) -> Prepared:
        return wholes[0] if len(wholes) == 1 else plan.merge(wholes)

    def release(self) -> None:
        """Let go of files and threads."""
        self._inflow.close()
        self._pool.shutdown(cancel_futures=True)

    def checkpoint(self) -> Checkpoint | None:
        """All that is known, to go on with after a restart; None while it cannot be told yet."""
        if not self._lineup.is_decided:
            return None
        lineup, tables = self._lineup.state()
        tables = {f"lineup.{name}": table for name, table in tables.items()}
        lanes = {}
        for number, lane in self._lanes.items():
            lanes[str(number)], own = lane.state()
            tables |= {f"lane.{number}.{name}": table for name, table in own.items()}
        document = {
            "mark": self._mark,
            "inflow": self._inflow.state(),
            "lineup": lineup,
            "lanes": lanes,
            "windows": self._windows.state(),
            "news": self._news.state(),
        }
        return Checkpoint(document, tables)

    def _resume_inflow(self, checkpoint: Checkpoint) -> None:
        hold_to(self._mark, checkpoint.document.get("mark"))
        self._inflow.resume(checkpoint.document["inflow"])
        self._plan = self._plan.of_files(self._inflow.paths())

    def _resume(self, checkpoint: Checkpoint) -> None:
        document = checkpoint.document
        self._lineup.resume(document["lineup"], _named(checkpoint, "lineup."))
        self._lanes = {
            int(number): Lane.resumed(self._plan, own, _named(checkpoint, f"lane.{number}."))
            for number, own in document["lanes"].items()
        }
        self._windows.resume(document["windows"])
        whole = side_by_side(self._plan, self._ordered())
        judged = self._plan.judge(whole, closed=False)
        self._news.resume(document["news"], self._plan, judged)

    # --- what was read ----------------------------------------------------------------------

    def _turns(self) -> list[tuple[int, int]]:
        """Which sources are read, and how much of each: of those behind one only."""
        numbers = range(len(self._inflow))
        behind = [number for number in numbers if self._inflow.behind(number)]
        turns = [(number, self._options.block) for number in numbers if number not in behind]
        if behind:
            turns.append((self._lineup.next(behind), _BLOCKS * self._options.block))
        return turns

    def _reading(self, block: Block) -> Future[Stretch]:
        """A block, which is read while the next one is cut."""
        return self._pool.submit(self._plan.read, block, self._events)

    def _judge(self, turns: Sequence[Turn]) -> list[Notice]:
        notices: list[Notice] = []
        for number, stretches in turns:
            prepared = self._mapped(self._prepared, stretches)
            until = None
            for reading, _ in prepared:
                reached = self._count(number, reading)
                until = until if reached is None else reached
            until = until if self._lineup.settles(number) else None
            if number not in self._lanes:
                self._lanes[number] = Lane(self._plan.beginning(anchored=False))
            lane = self._lanes[number]
            parts = [part for _, part in prepared]
            fresh = lane.advance(self._plan, parts, until, self._keep)
            whole = side_by_side(self._plan, self._ordered())
            notices += self._news.told(self._plan, self._plan.judge(whole, closed=False), fresh)
        return notices

    def _prepared(self, stretch: Stretch) -> tuple[Reading, Prepared]:
        reading = self._plan.reading(stretch)
        return reading, self._plan.prepare(reading)

    def _mapped(self, make: Callable[[Given], Made], each: Sequence[Given]) -> list[Made]:
        """What is made of each, on several threads where that is worth it."""
        return list((self._pool.map if len(each) > 1 else map)(make, each))

    def _count(self, lane: int, reading: Reading) -> int | None:
        """Take note of what happened when; the time of the last event that has one."""
        events = reading.events
        if not events.height:
            return None
        timed = events.select("@when", "@place", "@time").drop_nulls("@time")
        last = timed.filter(pl.col("@when") == pl.col("@when").max())
        at = last["@place"].arg_max()
        until: int | None = None if at is None else last["@time"][at]
        self._news.reached(lane, until)
        self._windows.count(reading)
        self._windows.forget(until)
        return until

    def _ordered(self) -> list[Lane]:
        return [self._lanes[number] for number in sorted(self._lanes)]

    # --- what is said -----------------------------------------------------------------------

    def _new_troubles(self) -> list[Notice]:
        now = self._inflow.troubles()
        before, self._troubles = self._troubles, now
        over = {about: said for about, said in before.items() if about not in now}
        new = {about: said for about, said in now.items() if before.get(about) != said}
        return [
            *(Trouble(about, said, over=True) for about, said in over.items()),
            *(Trouble(about, said) for about, said in new.items()),
        ]

    def _verdict(self, whole: Prepared, paths: Mapping[int, str], *, closed: bool) -> Verdict:
        plan = self._final.of_files(paths)
        judged = plan.judge(whole, closed=closed)
        return plan.verdict(whole, judged, self._inflow.inputs(paths), self._options.fail_on)


def _read(waiting: Sequence[tuple[int, Future[Stretch]]]) -> list[tuple[int, Stretch]]:
    """Stretches of sources, by number, once they are read."""
    return [(number, stretch.result()) for number, stretch in waiting]


def _named(checkpoint: Checkpoint, prefix: str) -> dict[str, pl.DataFrame]:
    return {
        name.removeprefix(prefix): table
        for name, table in checkpoint.tables.items()
        if name.startswith(prefix)
    }
