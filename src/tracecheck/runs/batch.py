"""A check of whole logs: sources read block by block, prepared in parallel, folded in order.

Batch is a fold whose end is known. One source is read in line order. Several are interleaved
by time if every event has one; the first event without a time sends the run back to the
start, to let the sources follow each other as given.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from ..engine.fold import Fold
from ..engine.kind import Kind
from ..engine.plan import Plan, make_plan
from ..engine.state import Partial
from ..events.formats import FORMATS
from ..events.interleave import Untimed, interleaved
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
    untimed, judged_by = None, file_names(rules)
    plan = make_plan(
        as_reported(rules),
        kinds,
        paths,
        max_findings=options.max_findings,
        timezone=options.timezone,
        tuning=options.tuning,
    )
    with ExitStack() as stack:
        access = Access(options.stdin, options.inflate_limit)
        log = FinishedSources(sources, stack, options.tuning, access)
        if len(sources) > 1:
            log.keep_pipes()
            log.share_memory()
            try:
                verdict = _judged(plan, _interleaved(plan, log), log, options)
                return replace(verdict, judged_by=judged_by)
            except Untimed as found:
                untimed = plan.untimed(found.place, found.text)
                log.restart()
        verdict = _judged(plan, _one_after_another(plan, log), log, options)
        return replace(verdict, untimed=untimed, judged_by=judged_by)


def _one_after_another(plan: Plan, log: FinishedSources) -> Iterator[Partial]:
    reader = FORMATS["trace"](plan.tuning)

    def prepared(block: Block) -> Partial:
        return plan.prepare(plan.project(reader.read(block, plan.needs)))

    for at in range(len(log.sources)):
        yield from log.made(at, prepared)


def _interleaved(plan: Plan, log: FinishedSources) -> Iterator[Partial]:
    reader = FORMATS["trace"](plan.tuning)
    batches = [
        log.made(at, lambda block: reader.read(block, plan.needs)) for at in range(len(log.sources))
    ]
    return (plan.prepare(plan.project(one)) for one in interleaved(batches, plan.needs))


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
