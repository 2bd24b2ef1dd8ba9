"""A check: in which order the events of its sources are judged, and what it says of that."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from runs.follow.followed import END, HANDED, START, began, ended, ruled, when
from tracecheck import check
from tracecheck.errors import UsageError
from tracecheck.model.verdict import Verdict

HANDOFF = ruled(HANDED + "}")
IN_TURN = ruled("sequence: {steps: [EV where s == 1, EV where s == 2]}", key="none")
ORPHANS = ruled(HANDED + ", orphan: allow}")


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def judged(rules: Any, *logs: Sequence[str], reverse: bool = False, **options: Any) -> Verdict:
    """What a check says of logs of these lines."""
    names = [f"{'abc'[number]}.log" for number in range(len(logs))]
    for name, lines in zip(names, logs, strict=True):
        Path(name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return check(names[::-1] if reverse else names, rules=rules, **options)


def called(verdict: Verdict) -> tuple[str, str, str | None]:
    outcome = verdict.outcomes[0]
    return verdict.order, outcome.outcome, outcome.reason


NO_ORDER = ("unknown", "inconclusive", "no_order")


@pytest.mark.parametrize("reverse", [False, True])
@pytest.mark.parametrize("rules", [HANDOFF, IN_TURN, ORPHANS])
@pytest.mark.parametrize("first", [START.format("a"), began(0)])
def test_no_answer_hangs_on_the_order_in_which_logs_without_times_are_given(
    rules: Any, first: str, reverse: bool
) -> None:
    verdict = judged(rules, [first], [END.format("a")], reverse=reverse)
    assert called(verdict) == NO_ORDER
    assert verdict.exit_code == 3
    outcome = verdict.outcomes[0]
    assert (outcome.subjects, outcome.violations, outcome.findings) == (1, 0, ())
    assert not any(outcome.classes.values())


def test_a_violation_in_one_log_does_not_outrank_an_unknown_order() -> None:
    verdict = judged(HANDOFF, [START.format("b"), START.format("a")], [END.format("a")])
    assert called(verdict) == NO_ORDER


@pytest.mark.parametrize("reverse", [False, True])
def test_logs_without_times_that_share_no_key_are_judged(reverse: bool) -> None:
    first = [START.format("a"), END.format("a")]
    second = [START.format("b"), END.format("b")]
    assert called(judged(HANDOFF, first, second, reverse=reverse)) == ("unknown", "pass", None)
    second = [START.format("b"), "EV|s=0|id=a"]  # which the rule does not select
    assert called(judged(HANDOFF, first, second, reverse=reverse)) == ("unknown", "fail", None)


def test_a_rule_that_does_not_join_needs_no_order() -> None:
    verdict = judged(ruled("forbid: {where: EV where s == 2}"), ["EV|s=1"], ["EV|s=2"])
    assert called(verdict) == ("unknown", "fail", None)
    assert verdict.untimed is None


@pytest.mark.parametrize("rules", [HANDOFF, IN_TURN])
def test_a_log_without_events_leaves_the_order_of_the_other(rules: Any) -> None:
    lines = [START.format("a"), END.format("a")]
    verdict = judged(rules, ["plain"], lines)
    assert called(verdict) == ("lines", "pass", None)
    assert verdict.untimed is None


def test_sources_follow_each_other_as_given_where_that_is_asked_for() -> None:
    logs = [[START.format("a")], [END.format("a")]]
    assert called(judged(HANDOFF, *logs, order="given")) == ("given", "pass", None)
    assert called(judged(HANDOFF, *logs, order="given", reverse=True)) == ("given", "fail", None)
    timed = [[began(5)], [ended(1)]]  # by time it would fail
    assert called(judged(HANDOFF, *timed, order="given")) == ("given", "pass", None)
    assert called(judged(HANDOFF, logs[0], order="given"))[0] == "lines"


def test_the_events_of_a_source_are_put_in_order_of_time_where_that_is_asked_for() -> None:
    log = [ended(2), began(1), began(3, "b"), ended(3, "b")]
    assert called(judged(HANDOFF, log)) == ("lines", "fail", None)
    verdict = judged(HANDOFF, log, order="time")
    assert called(verdict) == ("time", "pass", None)
    assert verdict.totals.time_goes_back == 1
    logs = [[ended(4), began(1)], [began(3, "b"), ended(2, "b"), ended(5, "b")]]
    assert called(judged(HANDOFF, *logs, order="time")) == ("time", "fail", None)
    assert [line.line for line in verdict_evidence(judged(HANDOFF, *logs, order="time"))] == [2]


def verdict_evidence(verdict: Verdict) -> list[Any]:
    return [line for finding in verdict.outcomes[0].findings for line in finding.evidence]


def test_in_order_of_time_a_key_of_an_event_without_one_has_no_order() -> None:
    pair = [began(1), ended(2)]
    assert called(judged(HANDOFF, [*pair, END.format("a")], order="time")) == NO_ORDER
    verdict = judged(HANDOFF, [*pair, START.format("b")], order="time")
    assert called(verdict) == ("unknown", "fail", None)  # alone under its key it is lost anyhow
    assert verdict.untimed is not None
    assert verdict.untimed.line == 3
    assert called(judged(HANDOFF, [*pair, "EV|s=0|id=a"], order="time"))[1] == "pass"


def test_times_that_go_back_are_counted_in_each_source_and_the_span_is_of_all() -> None:
    verdict = judged(HANDOFF, [began(5), ended(3), ended(4), "EV|s=0"], [began(1), ended(9)])
    assert verdict.totals.time_goes_back == 2
    assert verdict.span == (when(1), when(9))
    assert judged(HANDOFF, ["EV|s=0"]).span is None


def test_an_older_part_that_ends_inside_a_line_is_told() -> None:
    for name, data in {"a.log.2": b"EV|s=1", "a.log.1": b"x\n", "a.log": b"EV|s=2"}.items():
        Path(name).write_bytes(data)
    verdict = check(["a.log.2", "a.log.1", "a.log"], rules=HANDOFF)
    assert [one.unfinished for one in verdict.inputs] == [True, False, False]


def test_an_order_that_is_none_is_refused() -> None:
    with pytest.raises(UsageError, match="the order of events is given or time, not lines"):
        judged(HANDOFF, ["EV|s=1"], order="lines")
