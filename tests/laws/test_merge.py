"""Law 3: a log cut anywhere, its parts merged in any order of neighbours, is judged as the whole.

And a part of law 5: to judge what is there so far changes nothing of what is judged later.
"""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from unittest import mock

import polars as pl
import pytest
from hypothesis import given, note
from hypothesis import strategies as st

from laws import examples
from laws.engine import KINDS, ONE_THREAD, Files, loaded, written
from laws.logs import dense_logs, logs
from laws.rulefiles import rule_files
from laws.test_lines import At, By, Cut
from tracecheck.engine.chains import CHAIN
from tracecheck.engine.findings import FINDINGS, REASON_EVIDENCE
from tracecheck.engine.fold import Fold
from tracecheck.engine.origins import of_source, of_untimed
from tracecheck.engine.plan import Plan, make_plan
from tracecheck.engine.state import Partial
from tracecheck.events import interleave
from tracecheck.events.interleave import Untimed, by_time, interleaved
from tracecheck.events.table import ATTRIBUTES, EventBatch
from tracecheck.events.trace_line.layouts import LayoutCache
from tracecheck.events.trace_line.reader import read_events
from tracecheck.kinds.handoff.completed import COMPLETED
from tracecheck.kinds.handoff.kind import Handoffs
from tracecheck.model.verdict import AskedOrder, Verdict
from tracecheck.reading.lines.blocks import Cutter
from tracecheck.reading.lines.decoding import decode

WHOLE = By(1 << 62)
SPEAKS_OF_LINES = ("open", "unattributed", "incomparable", "no_time")


def planned(
    sources: Sequence[Files],
    rules: Any,
    max_findings: int | None,
    order: AskedOrder | None = None,
    **tuning: int,
) -> Plan:
    """The plan of a run over these sources."""
    paths = dict(enumerate(path for files in sources for path, _ in files))
    return make_plan(
        loaded(rules),
        KINDS,
        paths,
        max_findings=max_findings,
        tuning=replace(ONE_THREAD, **tuning),
        order=order,
    )


Piece = tuple[EventBatch, pl.Expr | None]
"""A part of the log, and the origin of its events where their order is unknown."""


def batches(plan: Plan, sources: Sequence[Files], cut: Cut) -> list[Piece]:
    """The log as batches, its bytes cut somehow; of several sources, in the plan's order."""
    book = LayoutCache(plan.tuning.learn_after)
    read: list[list[EventBatch]] = []
    file = 0
    for number, files in enumerate(sources):
        cutter = Cutter()
        blocks = []
        for place, (_, data) in enumerate(files):
            cutter.begin(file)
            file += 1
            for piece in cut(data):
                blocks += cutter.feed(piece)
            blocks += cutter.end(closing=place == len(files) - 1)
        lines = [decode(b, tags=plan.needs.tags, timezone=plan.needs.timezone) for b in blocks]
        read.append([read_events(one, plan.needs, book).of_source(number) for one in lines])
    if plan.order == "time":
        at_a_time = mock.patch.object(interleave, "_LINES", 1 << 16 if cut == WHOLE else 3)
        with at_a_time:
            whole = list(by_time(read, plan.needs))
        untimed = any(batch.clocks.untimed for batch in whole)
        return [(batch, of_untimed() if untimed else None) for batch in whole]
    origins: list[pl.Expr | None] = [None] * len(sources)
    if plan.order is None and len(sources) > 1:
        with contextlib.suppress(Untimed):
            return [(one, None) for one in interleaved([iter(one) for one in read], plan.needs)]
        origins = [of_source(number) for number in range(len(sources))]
    return [(batch, origin) for one, origin in zip(read, origins, strict=True) for batch in one]


def _prepared(plan: Plan, piece: Piece) -> Partial:
    batch, origin = piece
    return plan.prepare(plan.project(batch), origin)


def judged(plan: Plan, whole: Partial) -> Verdict:
    """Close the log."""
    return plan.verdict(whole, plan.judge(whole, closed=True), [], "low")


def stored(plan: Plan, part: Partial) -> Partial:
    """A part as it comes back after it was written down: tables as IPC, the rest as JSON."""
    values, tables = part.written()
    again = {name: _stored_table(table) for name, table in tables.items()}
    return Partial.read(plan.beginning(), json.loads(json.dumps(values)), again)


def _stored_table(table: pl.DataFrame) -> pl.DataFrame:
    file = io.BytesIO()
    table.write_ipc(file)
    return pl.read_ipc(io.BytesIO(file.getvalue()))


class Tree:
    """Merges parts in the order that the test draws: neighbours only, two or more at a time."""

    def __init__(self, plan: Plan, data: Any, keep: Callable[[Partial], Partial]) -> None:
        self._plan = plan
        self._data = data
        self._keep = keep

    def merged(self, parts: Sequence[Partial]) -> Partial:
        """All parts as one."""
        waiting = list(parts)
        while len(waiting) > 1:
            start = self._data.draw(st.integers(0, len(waiting) - 2), label="from")
            end = start + self._data.draw(st.sampled_from((2, 2, 3, 5)), label="parts")
            if self._data.draw(st.integers(0, 7), label="alone") == 7:
                waiting[start] = self._keep(self._plan.merge([waiting[start]]))
            waiting[start:end] = [self._keep(self._plan.merge(waiting[start:end]))]
        return waiting[0]


any_logs = st.one_of(dense_logs(), logs(most=8))
cuts = st.one_of(
    st.just(By(1)),
    st.lists(st.integers(1, 1500), max_size=12).map(At),
    st.integers(1, 400).map(By),
)
findings_kept = st.sampled_from((None, 0, 1, 3))


def _told(rules: Any, sources: Any) -> None:
    note(written(rules))
    for files in sources:
        for path, data in files:
            note(f"{path}: {data!r}")


@pytest.mark.parametrize("kind", KINDS)
@examples(30)
@given(
    sources=any_logs,
    cut=cuts,
    max_findings=findings_kept,
    order=st.sampled_from((None, None, "given", "time")),
    anchored_first=st.booleans(),
    writes_down=st.booleans(),
    names=st.sampled_from((1000, 2)),
    merge_after=st.sampled_from((200_000, 1, 3)),
    data=st.data(),
)
def test_parts_merged_in_any_order_are_judged_as_the_whole(
    kind: str,
    sources: Any,
    cut: Cut,
    max_findings: int | None,
    order: AskedOrder | None,
    anchored_first: bool,
    writes_down: bool,
    names: int,
    merge_after: int,
    data: Any,
) -> None:
    """Whether the beginning of the log is merged first or last, and written down in between."""
    rules = data.draw(rule_files(most=2, kinds=(kind,)))
    _told(rules, sources)
    plan = planned(
        sources,
        rules,
        max_findings,
        order,
        names=names,
        merge_after=merge_after,
        compact_after=merge_after,
    )
    parts = [_prepared(plan, batch) for batch in batches(plan, sources, cut)]
    for place in data.draw(st.lists(st.integers(0, len(parts)), max_size=2), label="empty"):
        parts.insert(place, _prepared(plan, (EventBatch.empty(plan.needs), None)))
    whole = plan.merge(
        [plan.beginning(), *(_prepared(plan, one) for one in batches(plan, sources, WHOLE))]
    )
    tree = Tree(plan, data, partial(stored, plan) if writes_down else lambda part: part)
    if anchored_first:
        found = tree.merged([plan.beginning(), *parts])
    else:
        found = plan.merge([plan.beginning(), *([tree.merged(parts)] if parts else [])])
    assert found.totals == whole.totals
    verdict = judged(plan, whole)
    assert judged(plan, found) == verdict
    for outcome in verdict.outcomes:
        assert (outcome.reason_evidence is not None) == (outcome.reason in SPEAKS_OF_LINES)


@pytest.mark.parametrize("kind", KINDS)
@examples(12)
@given(sources=any_logs, cut=cuts, max_findings=findings_kept, data=st.data())
def test_what_is_judged_on_the_way_changes_nothing_of_the_end(
    kind: str, sources: Any, cut: Cut, max_findings: int | None, data: Any
) -> None:
    """A prefix is judged as a log of its own, and the state goes on as if it had not been."""
    rules = data.draw(rule_files(most=2, kinds=(kind,)))
    _told(rules, sources)
    plan = planned(sources, rules, max_findings)
    whole, looked_at = Fold(plan), Fold(plan)
    so_far: list[Partial] = []
    for batch in batches(plan, sources, cut):
        part = _prepared(plan, batch)
        whole.add(part)
        looked_at.add(part)
        so_far.append(part)
        if data.draw(st.booleans(), label="look"):
            prefix = judged(plan, plan.merge([plan.beginning(), *so_far]))
            for _ in range(2):
                assert judged(plan, looked_at.whole()) == prefix
    assert judged(plan, looked_at.whole()) == judged(plan, whole.whole())


def _stored_apart(part: Partial) -> Any:
    """What is stored beside states, and not compared as they are."""
    rising = {number: one.rising.to_list() for number, one in part.clocks.by_source.items()}
    return rising, [one.keys.rows() for one in part.origins]


@examples(25)
@given(sources=any_logs, rules=rule_files(), cut=cuts, max_findings=findings_kept)
def test_what_is_stored_is_what_was_there(
    sources: Any, rules: Any, cut: Cut, max_findings: int | None
) -> None:
    """Tallies are integers that JSON holds, and tables keep their types in IPC."""
    plan = planned(sources, rules, max_findings)
    for part in _prefixes(plan, batches(plan, sources, cut)):
        again = stored(plan, part)
        assert replace(again, states=()) == replace(part, states=())
        assert _stored_apart(again) == _stored_apart(part)
        for kept, state in zip(again.states, part.states, strict=True):
            assert (kept.counts, kept.anchored) == (state.counts, state.anchored)
            assert all(type(count) is int for count in state.counts.values())
            assert kept.tables.keys() == state.tables.keys()
            for name, table in state.tables.items():
                assert kept.tables[name].schema == table.schema
                assert kept.tables[name].equals(table)


@examples(25)
@given(sources=any_logs, rules=rule_files(), cut=cuts)
def test_the_tables_of_a_state_have_the_columns_they_are_said_to_have(
    sources: Any, rules: Any, cut: Cut
) -> None:
    """And none holds a float, which depends on the order in which it was added up."""
    plan = planned(sources, rules, 3)
    for part in _prefixes(plan, batches(plan, sources, cut)):
        for rule, state in zip(plan.rules, part.states, strict=True):
            schemas = {"findings": FINDINGS, "reasons": REASON_EVIDENCE}
            if rule.kind.spec.keyed:
                schemas["rows"] = CHAIN
            if isinstance(state, Handoffs):
                schemas |= {"completed": COMPLETED, "recent": COMPLETED}
            for name, schema in schemas.items():
                types = state.tables[name].schema
                assert {column: types[column] for column in schema} == schema
            for table in state.tables.values():
                assert not any(map(_has_floats, table.schema.values()))
                marks = {name for name in table.columns if name.startswith("@")}
                marks -= CHAIN.keys() | ATTRIBUTES.keys()
                assert all(table.schema[mark] == pl.Boolean for mark in marks)


def _has_floats(type_: pl.DataType) -> bool:
    """Whether values of the type are, or hold, floats."""
    inner = getattr(type_, "inner", None)
    fields = [field.dtype for field in getattr(type_, "fields", ())]
    inside = [*([inner] if inner is not None else []), *fields]
    return type_.is_float() or any(map(_has_floats, inside))


def _prefixes(plan: Plan, read: list[Piece]) -> Iterator[Partial]:
    whole = plan.beginning()
    for batch in read[:5]:
        part = _prepared(plan, batch)
        yield part
        whole = plan.merge([whole, part])
        yield whole
