"""A check of growing logs: what is there is read, judged and told, again and again.

Follow is the fold of batch, whose end is not known yet: the same states, merged as they come, and
judged as what they are so far. Closing the log settles the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import polars as pl

from ...engine.findings import none_found
from ...engine.kind import Kind
from ...engine.plan import Plan, make_plan
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
from ..options import RunOptions
from .changes import ChangeFeed, TroubleFeed
from .checkpoints import Checkpoint
from .fingerprint import ensure_same_meaning, fingerprint_of
from .partition import NewFindings, Partition, side_by_side
from .sequencer import Ordered, Sequencer
from .trend import Trend

_BLOCK = 4 << 20
"""Bytes that are cut at a time, at most: memory is to stay small for days."""

_WORKERS = 2

_BLOCKS = 4
"""Blocks that are read in one step, at most, of a source that is behind."""

_TOLD = 20
"""Findings of a rule that are told of one step, at the least; more are counted."""

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

        Raises SourceError for what is no log, and UsageError for a checkpoint of other rules.
        """
        self._options = options
        self._block = min(options.block, _BLOCK)
        self._fingerprint = fingerprint_of(rules, options.timezone, options.max_findings)
        self._sources = GrowingSources(self._block, options.inflate_limit, options.stdin)
        told = None if options.max_findings is None else max(options.max_findings, _TOLD)
        self._plan = make_plan(
            rules,
            kinds,
            {},
            max_findings=told,
            bounds=options.bounds,
            timezone=options.timezone,
            timed=True,
        )
        self._final = self._plan.keeping(options.max_findings)
        # As many as are told; but a report's evidence is as much as it asks for.
        self._keep = [
            last.kind.kept((last if last.kind.gathers else rule).context)
            for rule, last in zip(self._plan.rules, self._final.rules, strict=True)
        ]
        self._reader = FORMATS["trace"]()
        beginning = self._plan.beginning()
        self._partitions = {0: Partition(beginning)}
        self._trend = Trend(self._plan)
        judged = self._plan.judge(beginning, closed=False)
        self._feed = ChangeFeed(self._plan, judged, options.clock)
        self._troubles = TroubleFeed()
        self._pool = ThreadPoolExecutor(min(options.workers, _WORKERS))
        if checkpoint is not None:
            self._resume_inflow(checkpoint)
        before = len(self._sources)
        for source in sources[before:]:
            self._sources.add(source, from_end=from_end)
        self._sequencer = Sequencer(
            self._sources, self._plan.needs, options.lateness, options.clock, may_grow=may_grow
        )
        if checkpoint is not None:
            self._resume(checkpoint)
            for number in range(before, len(self._sources)):
                self._sequencer.admit(number)

    # --- one step ---------------------------------------------------------------------------

    def step(self) -> list[Notice]:
        """Read what is there, to a limit, and judge it; what there is to tell. Never waits."""
        waiting = [
            (number, self._reading(block))
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
        whole = side_by_side(self._final, self._ordered())
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
            (number, self._reading(block))
            for number in numbers
            for block in self._sources.end(number)
        ]
        notices = self._judge(self._sequencer.push(_read(rest)))
        notices += self._judge(self._sequencer.finish())
        partitions = self._ordered()
        whole = self._joined(self._final, [partition.whole for partition in partitions])
        untold = self._joined(self._plan, [partition.without_findings for partition in partitions])
        fresh = self._plan.judge(untold, closed=True)
        last = self._feed.changes(
            self._plan,
            self._plan.judge(whole, closed=True),
            [NewFindings(judged.findings, none_found()) for judged in fresh],
        )
        notices += [
            replace(one, at_end=True) if isinstance(one, Violation) else one for one in last
        ]
        verdict = self._verdict(whole, self._sources.paths_now(), closed=True)
        if self._sequencer.first_untimed is not None and len(self._sources) > 1:
            plan = self._plan.of_files(self._sources.paths_now())
            verdict = replace(verdict, untimed=plan.untimed(*self._sequencer.first_untimed))
        self.release()
        return verdict, notices

    @staticmethod
    def _joined(plan: Plan, wholes: Sequence[Partial]) -> Partial:
        return wholes[0] if len(wholes) == 1 else plan.merge(wholes)

    def release(self) -> None:
        """Let go of files and threads."""
        self._sources.close()
        self._pool.shutdown(cancel_futures=True)

    def checkpoint(self) -> Checkpoint | None:
        """All that is known, to go on with after a restart; None while it cannot be told yet."""
        if not self._sequencer.is_decided:
            return None
        sequencer, tables = self._sequencer.state()
        tables = {f"sequencer.{name}": table for name, table in tables.items()}
        partitions = {}
        for number, partition in self._partitions.items():
            partitions[str(number)], own = partition.state()
            tables |= {f"partition.{number}.{name}": table for name, table in own.items()}
        document = {
            "fingerprint": self._fingerprint,
            "sources": self._sources.state(),
            "sequencer": sequencer,
            "partitions": partitions,
            "windows": self._trend.state(),
            "changes": self._feed.state(),
        }
        return Checkpoint(document, tables)

    def _resume_inflow(self, checkpoint: Checkpoint) -> None:
        ensure_same_meaning(self._fingerprint, checkpoint.document.get("fingerprint"))
        self._sources.resume(checkpoint.document["sources"])
        self._plan = self._plan.of_files(self._sources.paths())

    def _resume(self, checkpoint: Checkpoint) -> None:
        document = checkpoint.document
        self._sequencer.resume(document["sequencer"], _named(checkpoint, "sequencer."))
        self._partitions = {
            int(number): Partition.resumed(
                self._plan, own, _named(checkpoint, f"partition.{number}.")
            )
            for number, own in document["partitions"].items()
        }
        self._trend.resume(document["windows"])
        whole = side_by_side(self._plan, self._ordered())
        judged = self._plan.judge(whole, closed=False)
        self._feed.resume(document["changes"], self._plan, judged)

    # --- what was read ----------------------------------------------------------------------

    def _to_read(self) -> list[tuple[int, int]]:
        """Numbers of sources, and bytes to read of each; of sources that are behind only one."""
        numbers = range(len(self._sources))
        behind = [number for number in numbers if self._sources.behind(number)]
        sizes = [(number, self._block) for number in numbers if number not in behind]
        if behind:
            sizes.append((self._sequencer.next(behind), _BLOCKS * self._block))
        return sizes

    def _reading(self, block: Block) -> Future[EventBatch]:
        """A block, which is read while the next one is cut."""
        return self._pool.submit(self._reader.read, block, self._plan.needs)

    def _judge(self, ordered: Sequence[Ordered]) -> list[Notice]:
        notices: list[Notice] = []
        for number, batches in ordered:
            prepared = self._mapped(self._prepared, batches)
            log_time = None
            for projected, _ in prepared:
                reached = self._count(number, projected)
                log_time = log_time if reached is None else reached
            log_time = log_time if self._sequencer.settles(number) else None
            if number not in self._partitions:
                self._partitions[number] = Partition(self._plan.beginning(anchored=False))
            partition = self._partitions[number]
            parts = [part for _, part in prepared]
            fresh = partition.advance(self._plan, parts, log_time, self._keep)
            whole = side_by_side(self._plan, self._ordered())
            notices += self._feed.changes(self._plan, self._plan.judge(whole, closed=False), fresh)
        return notices

    def _prepared(self, batch: EventBatch) -> tuple[ProjectedBatch, Partial]:
        projected = self._plan.project(batch)
        return projected, self._plan.prepare(projected)

    def _mapped(self, make: Callable[[Given], Made], each: Sequence[Given]) -> list[Made]:
        """What is made of each, on several threads where that is worth it."""
        return list((self._pool.map if len(each) > 1 else map)(make, each))

    def _count(self, partition: int, projected: ProjectedBatch) -> int | None:
        """Take note of what happened when; the time of the last event that has one."""
        events = projected.events
        if not events.height:
            return None
        timed = events.select("@when", "@place", "@time").drop_nulls("@time")
        last = timed.filter(pl.col("@when") == pl.col("@when").max())
        at = last["@place"].arg_max()
        log_time: int | None = None if at is None else last["@time"][at]
        self._feed.reached(partition, log_time)
        self._trend.count(projected)
        self._trend.forget(log_time)
        return log_time

    def _ordered(self) -> list[Partition]:
        return [self._partitions[number] for number in sorted(self._partitions)]

    def _verdict(self, whole: Partial, paths: Mapping[int, str], *, closed: bool) -> Verdict:
        plan = self._final.of_files(paths)
        judged = plan.judge(whole, closed=closed)
        return plan.verdict(whole, judged, self._sources.inputs(paths), self._options.fail_on)


def _read(waiting: Sequence[tuple[int, Future[EventBatch]]]) -> list[tuple[int, EventBatch]]:
    """Batches by number of their source, once they are read."""
    return [(number, batch.result()) for number, batch in waiting]


def _named(checkpoint: Checkpoint, prefix: str) -> dict[str, pl.DataFrame]:
    return {
        name.removeprefix(prefix): table
        for name, table in checkpoint.tables.items()
        if name.startswith(prefix)
    }
