"""A run that ends while it knows of bytes that it has not read calls nothing a pass."""

from __future__ import annotations

from typing import Any

import pytest
from laws.engine import loaded

from tracecheck.engine.origins import of_source
from tracecheck.engine.plan import Plan, make_plan
from tracecheck.engine.state import Partial
from tracecheck.events.trace_line.reader import TraceLines
from tracecheck.kinds import KINDS
from tracecheck.model.verdict import Input, Verdict
from tracecheck.reading.lines.blocks import Cutter

PAIR = {"from": "AA where s == 1", "to": "AA where s == 2"}
PASSES: dict[str, dict[str, Any]] = {
    "forbid": {"where": "AA where s == 9"},
    "require": {"where": "AA"},
    "handoff": PAIR,
    "consistent": {**PAIR, "fields": ["id"]},
    "sequence": {"steps": list(PAIR.values())},
    "rate": {"of": "AA where s == 2", "over": "AA", "at_least": "50%"},
    "wellformed": {},
}
LOG = b"AA|s=1|id=1\nAA|s=2|id=1\n"
READ = Input("a.log", 2, len(LOG))
LEFT = Input("a.log", 2, len(LOG), unread=1)
NOT_BEGUN = Input("b.log", 0, 0, unread=70)


def _planned(rules: list[dict[str, Any]], log: bytes = LOG) -> tuple[Plan, Partial]:
    plan = make_plan(loaded({"key": ["id"], "rules": rules}), KINDS, {0: "a.log"}, max_findings=9)
    blocks = Cutter().feed(log)
    parts = [
        plan.prepare(plan.project(TraceLines().read(block, plan.needs).of_source(0)))
        for block in blocks
    ]
    return plan, plan.merge([plan.beginning(), *parts])


def _closed(rules: list[dict[str, Any]], *inputs: Input, log: bytes = LOG) -> Verdict:
    plan, whole = _planned(rules, log)
    return plan.verdict(whole, plan.judge(whole, closed=True), inputs, "low")


def _called(verdict: Verdict) -> list[tuple[str, str | None]]:
    return [(one.outcome, one.reason) for one in verdict.outcomes]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("inputs", [(LEFT,), (READ, NOT_BEGUN)])
def test_what_would_pass_is_inconclusive_where_bytes_are_unread(
    kind: str, inputs: tuple[Input, ...]
) -> None:
    rules = [{"id": "one", kind: PASSES[kind]}]
    assert _called(_closed(rules, READ)) == [("pass", None)]
    verdict = _closed(rules, *inputs)
    assert _called(verdict) == [("inconclusive", "unread")]
    assert (verdict.verdict, verdict.exit_code) == ("inconclusive", 3)


@pytest.mark.parametrize("rule", [{"allow_empty": True}, {"allow_unattributed": True}])
def test_no_leave_of_a_rule_lifts_it(rule: dict[str, Any]) -> None:
    found = _closed([{"id": "one", "handoff": PAIR, **rule}], LEFT, log=b"")
    assert _called(found) == [("inconclusive", "unread")]


def test_a_violation_outranks_it() -> None:
    rules = [{"id": "broken", "forbid": {"where": "AA where s == 2"}}]
    rules.append({"id": "well", "wellformed": {}})
    verdict = _closed(rules, LEFT)
    assert _called(verdict) == [("fail", None), ("inconclusive", "unread")]
    assert verdict.exit_code == 1


@pytest.mark.parametrize(
    ("rule", "log", "reason"),
    [
        ({"handoff": PAIR}, b"AA|s=9|id=1\n", "no_evidence"),
        ({"handoff": PAIR}, LOG + b"AA|s=1|x=1\n", "unattributed"),
        ({"handoff": {**PAIR, "within": "1s"}}, LOG, "no_time"),
        ({"forbid": {"where": "AA where s > 9"}}, b"AA|s=x\n", "incomparable"),
        ({"rate": {**PASSES["rate"], "min_events": 9}}, LOG, "too_few"),
        ({"sequence": {**PASSES["sequence"], "within": "1h"}},
         b"2025-06-01T00:00:00Z AA|s=1|id=1\n", "open"),
    ],
)  # fmt: skip
def test_it_is_the_first_of_the_reasons(rule: dict[str, Any], log: bytes, reason: str) -> None:
    rules = [{"id": "one", **rule}]
    assert _called(_closed(rules, READ, log=log)) == [("inconclusive", reason)]
    assert _called(_closed(rules, LEFT, log=log)) == [("inconclusive", "unread")]


def test_it_outranks_an_unknown_order_which_still_tells_no_findings() -> None:
    plan = make_plan(
        loaded({"key": ["id"], "rules": [{"id": "one", "handoff": PAIR}]}),
        KINDS,
        {0: "a.log", 1: "b.log"},
        max_findings=9,
    )
    [block] = Cutter().feed(b"AA|s=1|id=1\n")
    batch = TraceLines().read(block, plan.needs)
    parts = [
        plan.prepare(plan.project(batch.of_source(number)), of_source(number))
        for number in range(2)
    ]
    whole = plan.merge([plan.beginning(), *parts])
    judged = plan.judge(whole, closed=True)
    for inputs, reason in (((READ,), "no_order"), ((LEFT,), "unread")):
        verdict = plan.verdict(whole, judged, inputs, "low")
        assert _called(verdict) == [("inconclusive", reason)]
        assert verdict.outcomes[0].findings == ()
