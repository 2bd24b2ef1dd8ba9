"""A check of growing logs: what is there is read, judged and reported, again and again.

Follow is the fold of batch, whose end is not known yet: the same states, merged as they come, and
judged as what they are so far. Closing the log settles the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TypeVar

from ...engine.kind import Judgement, Kind
from ...engine.outcomes import of_what_was_read
from ...engine.plan import make_plan
from ...engine.projection import ProjectedBatch
from ...engine.state import Partial
from ...events.formats import FORMATS
from ...events.table import EventBatch
from ...model.live import Notice, Snapshot, Violation
from ...model.rules import RuleSet
from ...model.verdict import Verdict
from ...reading.growing import GrowingSources
from ...reading.lines.blocks import Block
from ...reading.sources.discovery import Source
from ...reading.sources.opening import Access
from ...rules.shipped import as_reported, file_names
from ..options import RunOptions
from .changes import ChangeFeed, TroubleFeed
from .checkpoints import Checkpoint, named, prefixed
from .partition import Partitions, told_later
from .renewal import Renewal
from .sequencer import Ordered, Sequencer
from .trend import Trend

_BLOCK = 6 << 20
"""Bytes that are cut at a time, at most: memory is to stay small for days."""

_WORKERS = 2

_BLOCKS = 2
"""Blocks that are read in one step, at most, of a source that is behind."""

_REPORTED = 20
"""Findings of a rule that are reported in one step, at the least; more are counted."""

Given = TypeVar("Given")
Made = TypeVar("Made")


class Follower:
    """Follows logs, step by step. Close it for the verdict."""

    def __init__(  # noqa: PLR0913 - by keyword, the last of them
        self,
        sources: Sequence[Source],
        rules: RuleSet,
        kinds: Mapping[str, Kind],
        options: RunOptions,
        *,
        may_grow: bool = False,
        from_end: bool = False,
        checkpoint: Checkpoint | None = None,
    ) -> None:
        """`may_grow`: more sources may join. `from_end`: begin at the end of those that are there.

        A `checkpoint` is where to go on.

        Raises SourceError for what is no log.
        """
        self._options = options
        tuning = options.tuning
        tuning = replace(
            tuning, block=min(tuning.block, _BLOCK), workers=min(tuning.workers, _WORKERS)
        )
        self._block = tuning.block
        a_step = None if options.max_findings is None else max(options.max_findings, _REPORTED)
        self._judged_by = file_names(rules)
        plan = make_plan(
            as_reported(rules),
            kinds,
            {},
            max_findings=a_step,
            bounds=options.bounds,
            timezone=options.timezone,
            tuning=tuning,
            order=options.order,
        )
        self.renewal = Renewal.of(plan, rules, options, checkpoint)
        self._plan = plan.beginning_at(self.renewal.since)
        self._final = self._plan.keeping(options.max_findings)
        access = Access(options.stdin, options.inflate_limit)
        self._sources = GrowingSources(access, tuning, self._plan.needs.tags)
        self.readers = self._sources.readers
        self._reader = FORMATS["trace"](tuning)
        self._partitions = Partitions(self._plan, self._final)
        self._trend = Trend(self._plan)
        judged = self._plan.judge(self._plan.beginning(), closed=False)
        self._feed = ChangeFeed(self._plan, judged, options.clock)
        self._troubles = TroubleFeed()
        self._pool = ThreadPoolExecutor(tuning.workers)
        if checkpoint is not None:
            self._sources.resume(checkpoint.document["sources"])
            self._plan = self._plan.of_files(self._sources.paths())
        before = len(self._sources)
        for source in sources[before:]:
            self._sources.add(source, from_end=from_end)
        self._sequencer = Sequencer(self._sources, self._plan.needs, options, may_grow=may_grow)
        if checkpoint is not None:
            self._resume(checkpoint)
            for number in range(before, len(self._sources)):
                self._sequencer.admit(number)

    # --- one step ---------------------------------------------------------------------------

    def step(self) -> list[Notice]:
        """Read what is there, to a limit, and judge it; what there is to tell. Never waits."""
        waiting = [
            (number, self._reading(number, block))
            for number, size in self._to_read()
            for block in self._sources.read(number, size)
        ]
        if len(self._sources.paths()) != len(self._plan.vocabulary.paths):
            self._plan = self._plan.of_files(self._sources.paths())
        # Pushed together, as the sequencer decides by what every source has to show.
        notices = self._judge(self._sequencer.push(_read(waiting)))
        troubles = self._troubles.update(self._sources.troubles())
        return [*notices, *self._feed.silence(self._plan), *troubles]

    def join(self, sources: Iterable[Source]) -> None:
        """Follow more sources, from their first line, behind those that are there."""
        for source in sources:
            self._sequencer.admit(self._sources.add(source, from_end=False, joins=True))

    @property
    def behind(self) -> bool:
        """Whether there was more to read than one step takes."""
        return any(self._sources.behind(number) for number in range(len(self._sources)))

    @property
    def ended(self) -> bool:
        """Whether nothing more can come of any source."""
        return not any(self._sources.live(number) for number in range(len(self._sources)))

    @property
    def failed(self) -> bool:
        """Whether a rule that counts has failed, for good."""
        return self._feed.failed(self._options.fail_on)

    @property
    def unread(self) -> list[str]:
        """What could not be read of the logs, in a line each."""
        return self._sources.unread()

    @property
    def read_bytes(self) -> int:
        """Bytes that were read so far."""
        return self._sources.read_bytes

    def snapshot(self) -> Snapshot:
        """How the run stands."""
        whole = self._partitions.side_by_side(self._final)
        now = self._feed.log_time
        return Snapshot(
            verdict=self._verdict(whole, self._sources.paths(), closed=False),
            log_time=now,
            lag=self._sources.lag,
            lines_per_second=self._feed.speed(whole.totals.lines),
            windows=self._trend.last(now),
            volume=self._trend.volume(now),
            overdue=self._feed.overdue,
            late_arrivals=whole.late_arrivals,
            recent=self._feed.recent,
            troubles=self._troubles.standing,
        )

    # --- the end ----------------------------------------------------------------------------

    def close(self) -> tuple[Verdict, list[Notice]]:
        """Close the log where it is: everything settles. The verdict, and what there is to tell."""
        numbers = range(len(self._sources))
        rest = [
            (number, self._reading(number, block))
            for number in numbers
            for block in self._sources.end(number)
        ]
        notices = self._judge(self._sequencer.push(_read(rest)))
        notices += self._judge(self._sequencer.finish())
        whole = self._partitions.joined(self._final)
        paths = self._sources.paths_now()
        judged = self._plan.judge(whole, closed=True)
        judged = of_what_was_read(judged, self._sources.inputs(paths))
        untold = self._partitions.untold(self._plan, judged, undecided=self._sequencer.is_undecided)
        last = self._feed.changes(self._plan, judged, untold)
        notices += [
            replace(one, at_end=True) if isinstance(one, Violation) else one for one in last
        ]
        verdict = self._verdict(whole, paths, closed=True)
        self.release()
        return verdict, notices

    def release(self) -> None:
        """Close files, and end threads."""
        self._sources.close()
        self._pool.shutdown(cancel_futures=True)

    def checkpoint(self) -> Checkpoint | None:
        """All that is known, to go on with after a restart; None while the order is not decided."""
        if not self._sequencer.is_decided:
            return None
        sequencer, waiting = self._sequencer.state()
        partitions, states = self._partitions.written()
        document = {
            **self.renewal.state(),
            "sources": self._sources.state(),
            "sequencer": sequencer,
            "partitions": partitions,
            "windows": self._trend.state(),
            "changes": self._feed.state(),
        }
        tables = prefixed("sequencer", waiting) | prefixed("partition", states)
        return Checkpoint(document, tables)

    def _resume(self, checkpoint: Checkpoint) -> None:
        document, tables, before = checkpoint.document, checkpoint.tables, self.renewal.before
        self._sequencer.resume(document["sequencer"], named("sequencer", tables))
        states = named("partition", tables)
        self._partitions.resume(self._plan, document["partitions"], states, before)
        self._trend.resume(document["windows"], self.renewal.going_on)
        self._feed.resume(document["changes"], self._plan, self._judged(), before)
        # All is used once, so that what is wrong with it shows now.
        self.snapshot()
        self._verdict(self._partitions.joined(self._final), self._sources.paths_now(), closed=True)

    # --- what was read ----------------------------------------------------------------------

    def _to_read(self) -> list[tuple[int, int]]:
        """Numbers of sources, and bytes to read of each; of sources that are behind only one."""
        numbers = range(len(self._sources))
        behind = [number for number in numbers if self._sources.behind(number)]
        sizes = [(number, self._block) for number in numbers if number not in behind]
        if behind:
            sizes.append((self._sequencer.next(behind), _BLOCKS * self._block))
        return sizes

    def _reading(self, number: int, block: Block) -> Future[EventBatch]:
        """A block of a source, which is read while the next one is cut."""
        read, needs = self._reader.read, self._plan.needs
        return self._pool.submit(lambda: read(block, needs).of_source(number))

    def _judge(self, ordered: Sequence[Ordered]) -> list[Notice]:
        """Fold batches into their partitions; what changed by each."""
        notices: list[Notice] = []
        for number, batches in ordered:
            prepared = self._mapped(partial(self._prepared, number), batches)
            times = [self._count(number, projected) for projected, _ in prepared]
            known = [time for time in times if time is not None]
            log_time = known[-1] if known and self._sequencer.settles(number) else None
            parts = [part for _, part in prepared]
            new = self._partitions.advance(self._plan, number, parts, log_time)
            if self._sequencer.is_undecided:
                new = told_later(self._plan, new)
            notices += self._feed.changes(self._plan, self._judged(), new)
        return notices

    def _judged(self) -> tuple[Judgement, ...]:
        """How rules stand by what is settled so far."""
        whole = self._partitions.side_by_side(self._plan)
        return self._plan.judge(whole, closed=False, undecided=self._sequencer.is_undecided)

    def _prepared(self, number: int, batch: EventBatch) -> tuple[ProjectedBatch, Partial]:
        projected = self._plan.project(batch)
        return projected, self._plan.prepare(projected, self._sequencer.origin(number))

    def _mapped(self, make: Callable[[Given], Made], each: Sequence[Given]) -> list[Made]:
        """What is made of each, on several threads where that is worth it."""
        return list((self._pool.map if len(each) > 1 else map)(make, each))

    def _count(self, partition: int, projected: ProjectedBatch) -> int | None:
        """Take note of what happened when; the time (ns) of the last event that has one."""
        if not projected.events.height:
            return None
        log_time = self._feed.reached(partition, projected.events)
        self._trend.count(projected)
        self._trend.forget(log_time)
        return log_time

    def _verdict(self, whole: Partial, paths: Mapping[int, str], *, closed: bool) -> Verdict:
        plan = self._final.of_files(paths)
        undecided = self._sequencer.is_undecided and not closed
        judged = plan.judge(whole, closed=closed, undecided=undecided)
        inputs = self._sources.inputs(paths)
        verdict = plan.verdict(whole, judged, inputs, self._options.fail_on)
        return replace(verdict, judged_by=self._judged_by)


def _read(waiting: Sequence[tuple[int, Future[EventBatch]]]) -> list[tuple[int, EventBatch]]:
    """Batches by number of their source, once they are read."""
    return [(number, batch.result()) for number, batch in waiting]
