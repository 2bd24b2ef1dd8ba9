"""What a plan remembers of a log stays small, whatever its rules."""

from __future__ import annotations

from collections.abc import Sequence

from laws.engine import loaded

from tracecheck.engine.fold import Fold
from tracecheck.engine.plan import make_plan
from tracecheck.engine.state import Partial
from tracecheck.events.trace_line.reader import TraceLines
from tracecheck.kinds import KINDS
from tracecheck.reading.lines.blocks import Cutter

FORBID = {"rules": [{"id": "none", "forbid": {"where": "AA where bad == 1"}}]}


class Merges:
    """A plan that tells how many parts each merge joined."""

    def __init__(self) -> None:
        self.plan = make_plan(loaded(FORBID), KINDS, {0: "a.log"}, max_findings=20)
        self.tuning = self.plan.tuning
        self.joined: list[int] = []

    def beginning(self) -> Partial:
        return self.plan.beginning()

    def merge(self, parts: Sequence[Partial]) -> Partial:
        self.joined.append(len(parts))
        return self.plan.merge(parts)

    def prepared(self, log: bytes) -> Partial:
        [block] = Cutter().feed(log)
        return self.plan.prepare(self.plan.project(TraceLines().read(block, self.plan.needs)))


def test_stretches_are_merged_on_the_way_even_where_nothing_is_open() -> None:
    plan = Merges()
    part = plan.prepared(b"AA|bad=1|x=%d\n" % 7)
    fold = Fold(plan)  # type: ignore[arg-type]
    for _ in range(200):
        fold.add(part)
    assert max(plan.joined) <= 20
    assert fold.whole().states[0].counts["matches"] == 200


def test_names_that_no_rule_asks_for_are_bounded_in_each_stretch() -> None:
    part = Merges().prepared(b"".join(b"AA|bad=1|name_%d=1\n" % at for at in range(3_000)))
    assert "bad" in part.seen.names
    assert len(part.seen.names) <= 1_001
