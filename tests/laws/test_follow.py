"""Law 5: judging what is there so far changes nothing of what is judged later.

A log that is followed while it grows, and then closed, is judged as the whole; what is settled
stays; a run that is thrown away goes on from its checkpoint as if nothing had been; and bounds
on memory never make a rule pass.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import assume, event, given, note
from hypothesis import strategies as st

from laws import examples
from laws.engine import Tuning, loaded, written
from laws.following import (
    KEYED,
    Habits,
    Move,
    Run,
    Told,
    as_json,
    cleaned,
    habits,
    judged_at_once,
    moves,
    sign,
    somewhere,
    without_lateness,
)
from laws.logs import dense_logs, logs
from laws.rulefiles import KINDS, rule_files
from tracecheck.kind import Bounds
from tracecheck.model import RuleSet, Verdict

any_logs = st.one_of(dense_logs(), dense_logs(), logs(most=10))
tunings = st.builds(
    Tuning,
    learn_after=st.sampled_from((16, 1)),
    merge_after=st.sampled_from((200_000, 0, 3)),
    names=st.sampled_from((1000, 2)),
)


class Counts:
    """How many examples a law really spoke of."""

    def __init__(self) -> None:
        self.tried = self.held = 0

    def speaks(self, held: bool) -> None:
        self.tried += 1
        self.held += held
        event("the law applies" if held else "something came late")


@pytest.fixture(scope="module")
def counts() -> Counts:
    return Counts()


def drawn(data: Any, kind: str) -> RuleSet:
    rules = written(data.draw(rule_files(most=2, kinds=(kind,))))
    note(rules)
    return loaded(rules)


def tell(sources: Any, planned: Any) -> None:
    for files in sources:
        for path, data in files:
            note(f"{path}: {data!r}")
    note(repr(planned))


def same_but_for_order(verdict: Verdict, batch: Verdict) -> None:
    """What holds if something came late: nothing that needs no order is other than in batch."""
    assert verdict.totals == batch.totals
    assert verdict.inputs == batch.inputs
    assert without_lateness(verdict).outcomes == without_lateness(batch).outcomes
    for outcome in verdict.outcomes:
        if outcome.rule.kind in KEYED and outcome.late_arrivals:
            assert outcome.outcome != "pass"


def settled_stays(told: Told) -> None:
    """A rule that failed fails for good, by no fewer violations."""
    verdicts = [*(look.verdict for look in told.looks), told.verdict]
    for before, after in zip(verdicts, verdicts[1:], strict=False):
        for old, new in zip(before.outcomes, after.outcomes, strict=True):
            assert new.violations >= old.violations
            assert old.outcome != "fail" or new.outcome == "fail"
    for change in told.changed:
        assert change.before.outcome != "fail"


def told_is_found(told: Told) -> None:
    """What was told as found is in the report, and was told once."""
    report = Counter(
        sign(outcome.rule.id, finding, whole=True)
        for outcome in told.verdict.outcomes
        for finding in outcome.findings
    )
    beginnings = Counter(one[:3] for one in report.elements())
    said: Counter[Any] = Counter()
    for one in told.found:
        if KIND_GATHERS(one.rule.kind):
            said[one.rule.id] += 1
            assert said[one.rule.id] == 1
            continue
        said[sign(one.rule.id, one.finding, whole=True)] += 1
    for outcome in told.verdict.outcomes:
        assert not said.pop(outcome.rule.id, 0) or outcome.violations
    assert not [one for one in report - said if not gathered(told, one[0])]
    superseded = said - report
    # What was overdue may have been settled in another way.
    within = {o.rule.id for o in told.verdict.outcomes if o.rule.parameters.get("within")is not None}
    for one in superseded:
        assert one[0] in within
        assert one[3] in {"lost", "missing"}
    assert Counter(one[:3] for one in superseded.elements()) <= beginnings
    for outcome in told.verdict.outcomes:
        id_ = outcome.rule.id
        if id_ not in within:
            told_of = [one for one in told.found if one.rule.id == id_]
            assert sum(1 + one.more for one in told_of) == outcome.violations


def gathered(told: Told, rule: str) -> bool:
    return any(KIND_GATHERS(o.rule.kind) for o in told.verdict.outcomes if o.rule.id == rule)


def KIND_GATHERS(kind: str) -> bool:
    return kind in {"rate", "require"}


@pytest.mark.parametrize("kind", KINDS)
@examples(40)
@given(
    sources=any_logs.map(cleaned),
    habit=habits,
    tuning=tunings,
    planned=moves("look", "look", "step"),
    data=st.data(),
)
def test_a_log_that_is_followed_and_closed_is_judged_as_the_whole(
    counts: Counts, kind: str, sources: Any, habit: Habits, tuning: Tuning, planned: Any, data: Any
) -> None:
    rules = drawn(data, kind)
    tell(sources, planned)
    with somewhere(tuning):
        batch = judged_at_once(sources, rules, habit.most)
        told = Run(sources, rules, habit).go(planned)
    counts.speaks(not told.late)
    if told.late:
        same_but_for_order(told.verdict, batch)
        return
    assert as_json(told.verdict) == as_json(batch)
    settled_stays(told)
    if habit.most is None:
        told_is_found(told)


def test_the_law_speaks_of_most_logs(counts: Counts) -> None:
    assert counts.held >= 0.6 * counts.tried


@pytest.mark.parametrize("kind", KINDS)
@examples(40)
@given(
    sources=any_logs.map(cleaned),
    habit=habits,
    tuning=tunings,
    planned=moves("look", "restart", "restart", "store", "kill"),
    data=st.data(),
)
def test_a_run_that_goes_on_from_a_checkpoint_ends_as_if_it_had_not_been_interrupted(
    kind: str, sources: Any, habit: Habits, tuning: Tuning, planned: Any, data: Any
) -> None:
    rules = drawn(data, kind)
    tell(sources, planned)
    with somewhere(tuning):
        batch = judged_at_once(sources, rules, habit.most)
        told = Run(sources, rules, habit).go(planned)
    event(f"restarts: {min(told.restarts, 2)}")
    for before, after in told.resumed:
        assert as_json(after.verdict) == as_json(before.verdict)
        assert after.log_time == before.log_time
        assert after.windows == before.windows
        assert after.late_arrivals == before.late_arrivals
    if told.late:
        same_but_for_order(told.verdict, batch)
        return
    assert as_json(told.verdict) == as_json(batch)
    if all(move.does != "kill" for move in planned):
        settled_stays(told)
        if habit.most is None:
            told_is_found(told)


@pytest.mark.parametrize("kind", sorted(KEYED))
@examples(60)
@given(
    sources=any_logs.map(cleaned),
    habit=habits,
    planned=moves("look", "look", "restart"),
    open_keys=st.sampled_from((1, 2, 2)),
    closed_keys=st.sampled_from((0, 1, 2, 2)),
    data=st.data(),
)
def test_bounds_never_make_a_rule_pass(
    kind: str,
    sources: Any,
    habit: Habits,
    planned: Any,
    open_keys: int,
    closed_keys: int,
    data: Any,
) -> None:
    rules = drawn(data, kind)
    tell(sources, planned)
    with somewhere(Tuning(merge_after=0)):
        batch = judged_at_once(sources, rules, habit.most)
        bounds = Bounds(open_keys=open_keys, closed_keys=closed_keys)
        told = Run(sources, rules, habit, bounds=bounds).go(planned)
    assume(not told.late)
    event("something was let go of" if told.evicted else "nothing was let go of")
    settled_stays(told)
    for found, whole in zip(told.verdict.outcomes, batch.outcomes, strict=True):
        if found.outcome == "pass":
            assert whole.outcome == "pass"
        if found.outcome == "fail":
            assert whole.outcome == "fail"
        if found.evicted and not found.violations:
            assert (found.outcome, found.reason) == ("inconclusive", "evicted")
        assert found.violations <= whole.violations
        if not found.evicted and not (kind == "handoff"):
            assert found == whole
