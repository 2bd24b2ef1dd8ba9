"""Law 5: judging what is there so far changes nothing of what is judged later.

A log that is followed while it grows, and then closed, is judged as the whole; what is settled
stays, and is told once; a run that is thrown away goes on from its checkpoint as if nothing had
been; and bounds on memory never make a rule pass.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import event, given, note
from hypothesis import strategies as st

from laws import examples
from laws.engine import KINDS, ONE_THREAD, loaded, written
from laws.following import (
    Habits,
    Move,
    Run,
    Sign,
    Told,
    as_json,
    cleaned,
    habits,
    judged_at_once,
    moves,
    sign,
    somewhere,
    unordered,
)
from laws.logs import dense_logs, logs
from laws.rulefiles import rule_files
from tracecheck.model.bounds import Bounds
from tracecheck.model.live import Snapshot, Violation
from tracecheck.model.rules import RuleSet, RuleSpec
from tracecheck.model.tuning import Tuning
from tracecheck.model.verdict import AskedOrder, Outcome, Totals, Verdict

any_logs = st.one_of(dense_logs(), dense_logs(), logs(most=10)).map(cleaned)
tunings = st.builds(
    partial(replace, ONE_THREAD),
    learn_after=st.sampled_from((16, 1)),
    merge_after=st.sampled_from((200_000, 0, 3)),
    compact_after=st.sampled_from((1_000_000, 0, 3)),
    names=st.sampled_from((1000, 2)),
)


class Share:
    """Of how many examples a law really speaks: it must not pass over nothing."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._tried = self._held = 0

    def add(self, held: bool) -> None:
        self._tried += 1
        self._held += held
        event(f"{self._what}: {held}")

    def is_at_least(self, share: float) -> bool:
        """Of few examples, whose share is chance, one is enough."""
        return self._held >= (share * self._tried if self._tried >= 20 else 1)


def drawn(data: Any, kind: str, key: list[str] | None = None) -> RuleSet:
    """Rules of a kind, by a key if one is given."""
    file = data.draw(rule_files(most=2, kinds=(kind,)))
    if key is not None:
        file["rules"] = [{**rule, "key": key} for rule in file["rules"]]
    text = written(file)
    note(text)
    return loaded(text)


def tell(sources: Any, planned: Any) -> None:
    for files in sources:
        for path, data in files:
            note(f"{path}: {data!r}")
    note(repr(planned))


def has_parts(data: bytes) -> bool:
    """Whether lines may come in parts, so that one may be waited for where a log ends."""
    return b" P " in data


def judged_as_the_whole(told: Told, batch: Verdict) -> None:
    """The report of batch to the byte; if something came late, all of it that needs no order."""
    if not told.late:
        assert as_json(told.verdict) == as_json(batch)
        return
    assert told.verdict.totals == batch.totals
    assert told.verdict.inputs == batch.inputs
    assert unordered(told.verdict) == unordered(batch)
    for outcome in told.verdict.outcomes:
        if outcome.late_arrivals:
            assert outcome.outcome != "pass"


def settled_stays(told: Told) -> None:
    """A rule that failed fails for good, by no fewer violations."""
    verdicts = [*(look.verdict for look in told.looks), told.verdict]
    for before, after in pairwise(verdicts):
        for old, new in zip(before.outcomes, after.outcomes, strict=True):
            assert new.violations >= old.violations
            assert old.outcome != "fail" or new.outcome == "fail"
    for change in told.changed:
        assert change.before.outcome != "fail"


def told_is_found(told: Told) -> None:
    """Each finding of the report was told once; what was told and is not in it was overdue."""
    for outcome in told.verdict.outcomes:
        rule = outcome.rule
        found = [one for one in told.found if one.rule.id == rule.id]
        if KINDS[rule.kind].gathers:
            # One violation, of which more evidence may have been found since.
            assert len(found) == outcome.violations
            for one, reported in zip(found, outcome.findings, strict=True):
                assert set(sign(one.finding).evidence) <= set(sign(reported).evidence)
            continue
        said = Counter(sign(one.finding) for one in found)
        report = Counter(map(sign, outcome.findings))
        if _has_time_limit(rule):
            # What is overdue is told by the lines so far: a run may match more steps later.
            for late in (report - said).elements():
                early = next(one for one in (said - report).elements() if _grows(one, late))
                said = said - Counter([early]) + Counter([late])
        assert not report - said
        overdue = said - report
        if not _has_time_limit(rule):
            assert not overdue
            assert sum(1 + one.more for one in found) == outcome.violations
        # What was overdue was settled in another way: the same line is at fault, and once.
        assert _beginnings(overdue) <= _beginnings(report)
        assert max(overdue.values(), default=1) == 1


def _grows(early: Sign, late: Sign) -> bool:
    """Whether one finding is the other with fewer lines behind its first."""
    same = early._replace(evidence=early.evidence[:1]) == late._replace(evidence=late.evidence[:1])
    return same and set(early.evidence) < set(late.evidence)


EXCUSED = {
    "forbid": {"where": "AA", "allow": 1},
    "require": {"where": "AA", "at_least": 0, "at_most": 1},
    "wellformed": {"at_most": 1, "count": ["duplicate_field"]},
}
"""Rules that excuse the first of what they count."""


@pytest.mark.parametrize("kind", EXCUSED)
def test_a_match_that_comes_to_stand_before_others_is_told_as_it_is_judged(kind: str) -> None:
    """An example of the law below that it may not draw: two logs without times take turns."""
    line = b"AA|p=x|p=y\n"
    sources = [[("a.log", line)], [("b.log", line * 2)]]
    rules = loaded({"rules": [{"id": "excused", kind: EXCUSED[kind]}]})
    planned = [Move(1, 2 * len(line), "look"), Move(0, len(line), "look")]
    with somewhere():
        batch = judged_at_once(sources, rules, None)
        told = Run(sources, rules, Habits()).go(planned)
    assert not told.late
    judged_as_the_whole(told, batch)
    told_is_found(told)
    assert told.verdict.outcomes[0].violations


def test_a_run_that_is_overdue_and_matches_more_steps_is_told_once() -> None:
    """Drawn anew once: it is told by the lines so far, and reported with one more."""
    at = "2025-12-18T21:00:0{}Z {}|conv={}\n"
    lines = [at.format(0, "AA", 2), at.format(2, "AA", 1), at.format(3, "BB", 2)]
    rule = {"id": "run", "sequence": {"steps": ["AA", "BB", "CC"], "within": "0s"}}
    rules = loaded({"rules": [{**rule, "key": ["conv"]}]})
    sources = [[("a.log", "".join(lines).encode())]]
    with somewhere():
        batch = judged_at_once(sources, rules, None)
        told = Run(sources, rules, Habits()).go([Move(0, len(line), "look") for line in lines])
    judged_as_the_whole(told, batch)
    told_is_found(told)
    first, *_ = told.found
    assert len(first.finding.evidence) == 1
    assert len(told.verdict.outcomes[0].findings[0].evidence) == 2


def _has_time_limit(rule: RuleSpec) -> bool:
    return any(
        parameter.type == "duration" and parameter.name in rule.parameters
        for parameter in KINDS[rule.kind].spec.parameters
    )


def overdue_would_violate(
    told: Told, sources: Any, rules: RuleSet, order: AskedOrder | None = None
) -> None:
    """What was told, and settled in another way, a log has that ended when it was told."""
    final = {outcome.rule.id: outcome for outcome in told.verdict.outcomes}
    for count, notices in zip(told.read, told.notices, strict=False):
        overdue = {
            (one.rule.id, sign(one.finding))
            for one in notices
            if isinstance(one, Violation)
            and not KINDS[one.rule.kind].gathers
            and sign(one.finding) not in map(sign, final[one.rule.id].findings)
        }
        if not overdue:
            continue
        ((path, data),) = sources[0]
        whole_lines = data[: data.rfind(b"\n", 0, count) + 1]
        with somewhere():
            ended = judged_at_once([[(path, whole_lines)]], rules, None, order=order)
        assert overdue <= {(o.rule.id, sign(found)) for o in ended.outcomes for found in o.findings}


@pytest.mark.parametrize(
    ("rule", "events", "overdue"),
    [
        ({"handoff": {"from": "AA", "to": "BB"}}, ("AA", "BB"), "lost"),
        ({"sequence": {"steps": ["AA", "BB"]}}, ("AA", "BB"), "missing"),
        ({"sequence": {"steps": ["AA", "BB", "CC"]}}, ("AA", "CC", "BB", "CC"), "out_of_order"),
    ],
)
def test_what_is_told_as_overdue_and_late_in_the_end_would_have_violated(
    rule: Any, events: tuple[str, ...], overdue: str
) -> None:
    """An example of the law below that it seldom draws: the last event comes too late."""
    *before, last = (f"{tag}|conv=1\n" for tag in events)
    first = "".join(f"2025-12-18T21:00:00Z {line}" for line in before)
    first += "2025-12-18T21:00:05Z AA|conv=2\n"
    data = f"{first}2025-12-18T21:00:06Z {last}".encode()
    ((kind, parameters),) = rule.items()
    rules = loaded({"rules": [{"id": "r", "key": ["conv"], kind: {**parameters, "within": "1s"}}]})
    sources = [[("a.log", data)]]
    with somewhere():
        told = Run(sources, rules, Habits()).go([Move(0, len(first), "look")])
    classes = [one.finding.class_ for one in told.found if one.finding.key == {"conv": "1"}]
    assert classes == [overdue, "late"]
    told_is_found(told)
    overdue_would_violate(told, sources, rules)
    told.read = [0] * len(told.read)
    with pytest.raises(AssertionError):
        overdue_would_violate(told, sources, rules)


def _beginnings(signs: Counter[Sign]) -> Counter[Any]:
    return Counter((one.key, one.evidence[0]) for one in signs.elements())


@pytest.mark.deep
@pytest.mark.parametrize("kind", KINDS)
def test_a_log_that_is_followed_and_closed_is_judged_as_the_whole(kind: str) -> None:
    speaks = Share("nothing came late")

    @examples(20)
    @given(any_logs, habits, tunings, moves("look", "look", "step"), st.data())
    def law(sources: Any, habit: Habits, tuning: Tuning, planned: Any, data: Any) -> None:
        rules = drawn(data, kind)
        tell(sources, planned)
        with somewhere():
            batch = judged_at_once(sources, rules, habit.max_findings, tuning, habit.order)
            told = Run(sources, rules, habit, tuning).go(planned)
        speaks.add(not told.late)
        judged_as_the_whole(told, batch)
        if told.stays:
            settled_stays(told)
            if habit.max_findings is None:
                told_is_found(told)
                if len(sources) == len(sources[0]) == 1 and not has_parts(sources[0][0][1]):
                    overdue_would_violate(told, sources, rules, habit.order)

    law()
    assert speaks.is_at_least(0.6)


CHAINS: dict[str, list[dict[str, Any]]] = {
    "handoff": [{"from": "AA", "to": "BB"}, {"from": "AA", "to": "BB", "expect": "to.n >= from.n"}],
    "consistent": [{"from": "AA", "to": "BB", "fields": ["n"]}],
    "sequence": [{"steps": ["AA", "BB"]}, {"steps": ["AA", "BB", "CC"]}],
}
"""Rules that join events, but for what they tolerate and how long they wait."""


@st.composite
def lenient(draw: st.DrawFn, kind: str) -> RuleSet:
    """A rule of this kind that allows most of what it has a budget for."""
    parameters = KINDS[kind].spec.parameters
    rule = dict(draw(st.sampled_from(CHAINS[kind])))
    budgets = [one.name for one in parameters if one.type == "budget"]
    strict = draw(st.sets(st.sampled_from(budgets), max_size=2)) if budgets else ()
    for name in budgets:
        tight: list[dict[str, Any]] = [{}, {name: 1}, {name: "50%"}]
        rule |= draw(st.sampled_from(tight)) if name in strict else {name: "allow"}
    if any(one.name == "within" for one in parameters):
        rule |= draw(st.sampled_from([{}, {"within": "2s"}]))
    text = written({"rules": [{"id": "lenient", "key": ["conv"], kind: rule}]})
    note(text)
    return loaded(text)


@st.composite
def chains(draw: st.DrawFn) -> list[list[tuple[str, bytes]]]:
    """A log of few keys, whose events are seconds apart, or have no time."""
    event = st.tuples(
        st.sampled_from((0, 1, 1, 2, 3, 3)),
        st.sampled_from(("AA", "AA", "BB", "BB", "CC", "DD")),
        st.integers(1, 2),
        st.integers(0, 1),
    )
    timed = draw(st.sampled_from((range(99), range(99), range(5), range(0))))
    time, lines = 10, []
    for at, (after, tag, key, number) in enumerate(draw(st.lists(event, min_size=5, max_size=14))):
        time += after
        stamp = f"2025-12-18T21:00:{time}Z " if at in timed else ""
        lines.append(f"{stamp}{tag}|conv={key}|n={number}\n")
    return [[("a.log", "".join(lines).encode())]]


@pytest.mark.deep
@pytest.mark.parametrize("kind", CHAINS)
def test_a_log_that_ends_where_a_rule_passes_so_far_passes(kind: str) -> None:
    speaks = Share("a rule passes so far while something is open")

    @examples(60)
    @given(chains(), lenient(kind), moves("look", "look", "restart"))
    def law(sources: Any, rules: RuleSet, planned: Any) -> None:
        tell(sources, planned)
        with somewhere():
            told = Run(sources, rules, Habits()).go(planned)
        passing = [look for look in told.looks if passes_so_far(look)]
        speaks.add(any(one.open for look in passing for one in look.verdict.outcomes))
        for look in passing:
            ends_as_it_stands(look, sources, rules)

    law()
    assert kind == "consistent" or speaks.is_at_least(0.05)


def passes_so_far(look: Snapshot) -> bool:
    # What was past its deadline is not any more where times go back: nobody can know before.
    verdict = look.verdict
    return not verdict.totals.time_goes_back and any(
        one.outcome == "pass" for one in verdict.outcomes
    )


def ends_as_it_stands(look: Snapshot, sources: Any, rules: RuleSet) -> None:
    """Each rule that passes so far, passes if the log ends with the lines that were judged."""
    ((path, data),) = sources[0]
    (read,) = look.verdict.inputs
    judged = data[: data.rfind(b"\n", 0, read.bytes) + 1]
    with somewhere():
        ended = judged_at_once([[(path, judged)]], rules, None)
    assert ended.totals == look.verdict.totals
    for so_far, in_the_end in zip(look.verdict.outcomes, ended.outcomes, strict=True):
        if so_far.outcome == "pass":
            assert (in_the_end.outcome, in_the_end.reason) == ("pass", None)


@pytest.mark.deep
@pytest.mark.parametrize("kind", KINDS)
def test_a_run_goes_on_from_a_checkpoint_as_if_it_had_not_been_interrupted(kind: str) -> None:
    speaks = Share("interrupted, and nothing came late")
    breaks = moves("look", "restart", "restart", "store", "kill").filter(
        lambda planned: any(move.does == "restart" for move in planned)
    )

    @examples(20)
    @given(any_logs, habits, tunings, breaks, st.data())
    def law(sources: Any, habit: Habits, tuning: Tuning, planned: Any, data: Any) -> None:
        rules = drawn(data, kind)
        tell(sources, planned)
        with somewhere():
            batch = judged_at_once(sources, rules, habit.max_findings, tuning, habit.order)
            told = Run(sources, rules, habit, tuning).go(planned)
        speaks.add(bool(told.restarts) and not told.late)
        for before, after in told.resumed:
            assert as_json(after.verdict) == as_json(before.verdict)
            assert after.verdict.outcomes == before.verdict.outcomes
            assert (after.log_time, after.windows) == (before.log_time, before.windows)
            assert after.late_arrivals == before.late_arrivals
        judged_as_the_whole(told, batch)
        # What was read since the checkpoint is told again after a kill.
        if told.stays and not told.forgot:
            settled_stays(told)
            if habit.max_findings is None:
                told_is_found(told)

    law()
    assert speaks.is_at_least(0.5)


@pytest.mark.deep
@pytest.mark.parametrize("kind", [name for name, kind in KINDS.items() if kind.spec.keyed])
def test_bounds_never_make_a_rule_pass(kind: str) -> None:
    speaks = Share("something was let go of")
    few = st.sampled_from((0, 0, 1, 1, 2))
    few_or_all = st.sampled_from((0, 0, 1, 1, 2, None))
    busy_logs = dense_logs(most=30).map(cleaned)
    looks = moves("look", "look", "restart").filter(lambda planned: len(planned) > 2)
    keys = st.sampled_from((["conv"], ["conv"], None))
    bounds = st.builds(Bounds, open_keys=few, closed_keys=few_or_all)

    @examples(30)
    @given(busy_logs, habits, looks, bounds, keys, st.data())
    def law(sources: Any, habit: Habits, planned: Any, bounds: Bounds, key: Any, data: Any) -> None:
        rules = drawn(data, kind, key)
        tell(sources, planned)
        with somewhere():
            tuning = replace(ONE_THREAD, merge_after=0, compact_after=0)
            batch = judged_at_once(sources, rules, habit.max_findings, order=habit.order)
            told = Run(sources, rules, habit, tuning, bounds=bounds).go(planned)
        speaks.add(any(one.evicted for one in told.verdict.outcomes))
        if told.stays:
            settled_stays(told)
        if not told.late:
            for outcome, whole in zip(told.verdict.outcomes, batch.outcomes, strict=True):
                bounded_is_honest(outcome, whole, bounds, batch.totals)

    law()
    assert speaks.is_at_least(0.2)


def bounded_is_honest(outcome: Outcome, whole: Outcome, bounds: Bounds, totals: Totals) -> None:
    """Of a rule that let go of something: it says so, unless it fails, as batch does."""
    if outcome.evicted and totals.time_goes_back:
        # What was overdue by a time that went back since, and was let go of, is undone by nothing.
        assert outcome.outcome != "pass"
        return
    assert outcome.violations <= whole.violations
    if outcome.outcome != "inconclusive":
        assert outcome.outcome == whole.outcome
    if outcome.evicted and not outcome.violations:
        assert outcome.reason == "evicted"
    if not outcome.evicted:
        if bounds.closed_keys is None:
            assert outcome == whole
        # A kind may take one class for another if it remembers few keys, where both violate.
        assert _without_classes(outcome) == _without_classes(whole)
        assert sum(outcome.classes.values()) == sum(whole.classes.values())


def _without_classes(outcome: Outcome) -> Outcome:
    bare = tuple(replace(one, class_="", message="") for one in outcome.findings)
    return replace(outcome, classes={}, findings=bare)
