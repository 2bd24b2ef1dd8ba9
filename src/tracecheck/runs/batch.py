"""A check of whole logs: sources read block by block, prepared in parallel, folded in order.

Batch is a fold whose end is known. One source is read in line order. Several are interleaved
by time if every event has one; the first event without a time sends the run back to the
start, to let the sources follow each other as given, and to note which of them have events under
which key, as their order is unknown. A run may be asked for another order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

from ..engine.fold import Fold
from ..engine.kind import Kind
from ..engine.origins import Origin, of_source, of_untimed
from ..engine.plan import Plan, make_plan
from ..engine.state import Partial
from ..events.formats import FORMATS
from ..events.interleave import Untimed, by_time, interleaved
from ..events.table import EventBatch
from ..model.rules import RuleSet
from ..model.verdict import Verdict
from ..reading.finished import FinishedSources
from ..reading.lines.blocks import Block
from ..reading.sources.discovery import Source
from ..reading.sources.opening import Access
from ..rules.shipped import as_reported, file_names
from .options import RunOptions


def run(
    sources: Sequence[Source], rules: RuleSet, kinds: Mapping[str, Kind], options: RunOptions
) -> Verdict:
    """Judge whole logs. Raises SourceError where a source cannot be read."""
    paths = dict(enumerate(path for source in sources for path in source.files))
    plan = make_plan(
        as_reported(rules),
        kinds,
        paths,
        max_findings=options.max_findings,
        timezone=options.timezone,
        tuning=options.tuning,
        order=options.order,
    )
    with ExitStack() as stack:
        access = Access(options.stdin, options.inflate_limit)
        log = FinishedSources(sources, stack, options.tuning, access, plan.needs.tags)
        verdict = _in_order(plan, log, options)
    return replace(verdict, judged_by=file_names(rules))


def _in_order(plan: Plan, log: FinishedSources, options: RunOptions) -> Verdict:
    """The verdict, by the order that is asked for, or else the one that there is."""
    if plan.order == "time":
        return _judged(plan, _by_time(plan, log), log, options)
    if plan.order == "given" or len(log.sources) == 1:
        return _judged(plan, _one_after_another(plan, log, known=True), log, options)
    log.keep_pipes()
    log.share_memory()
    try:
        return _judged(plan, _interleaved(plan, log), log, options)
    except Untimed:
        log.restart()
        return _judged(plan, _one_after_another(plan, log, known=False), log, options)


def _one_after_another(plan: Plan, log: FinishedSources, *, known: bool) -> Iterator[Partial]:
    """`known` tells that the sources follow each other like this."""
    reader = FORMATS["trace"](plan.tuning)

    def preparing(at: int, origin: Origin | None, block: Block) -> Partial:
        batch = reader.read(block, plan.needs).of_source(at)
        return plan.prepare(plan.project(batch), origin)

    for at in range(len(log.sources)):
        yield from log.made(at, partial(preparing, at, None if known else of_source(at)))


def _interleaved(plan: Plan, log: FinishedSources) -> Iterator[Partial]:
    batches = interleaved(_batches(plan, log), plan.needs)
    return (plan.prepare(plan.project(one)) for one in batches)


def _by_time(plan: Plan, log: FinishedSources) -> Iterator[Partial]:
    """All lines, and then all events: by then it is known whether all of these have a time."""
    origin = None
    for batch in by_time(_batches(plan, log), plan.needs):
        if batch.clocks.untimed:
            origin = of_untimed()
        yield plan.prepare(plan.project(batch), origin)


def _batches(plan: Plan, log: FinishedSources) -> list[Iterator[EventBatch]]:
    """What is read of each source."""
    reader = FORMATS["trace"](plan.tuning)

    def reading(at: int, block: Block) -> EventBatch:
        return reader.read(block, plan.needs).of_source(at)

    return [log.made(at, partial(reading, at)) for at in range(len(log.sources))]


def _judged(
    plan: Plan, parts: Iterable[Partial], log: FinishedSources, options: RunOptions
) -> Verdict:
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
