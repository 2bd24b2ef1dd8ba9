"""What a run that follows tells: each finding once, each change of an outcome, and no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from runs.follow.followed import (
    HANDED,
    SECOND,
    Followed,
    Log,
    at,
    began,
    ended,
    found,
    ruled,
    told_of,
)
from tracecheck.model.live import Changed, Overdue, Violation
from tracecheck.model.rules import RuleSet

HANDOFF = ruled(HANDED + "}")
WITHIN = ruled(HANDED + ", within: 10s}")
FORBID = ruled('forbid: {where: EV where s == "bad"}')
BAD = at(0, "EV|s=bad|id=x")

Follows = Callable[..., Followed]


@pytest.fixture
def follows(tmp_path: Path) -> Follows:
    """Follows one log with these lines."""

    def follow(rules: RuleSet, *lines: str, **options: object) -> Followed:
        log = Log(tmp_path / "a.log")
        log.write(*lines)
        followed = Followed(rules, log, **options)
        followed.step()
        return followed

    return follow


def changes(run: Followed) -> list[tuple[str, str | None, str, str | None]]:
    """Each change of an outcome, in words."""
    return [
        (one.before.outcome, one.before.reason, one.outcome.outcome, one.outcome.reason)
        for one in told_of(run.notices, Changed)
    ]


def test_each_finding_is_told_once_whatever_follows(follows: Follows) -> None:
    rules = ruled(
        HANDED + "}",
        "sequence: {steps: [EV where s == 1, EV where s == 2]}",
        'forbid: {where: EV where s == "bad"}',
        'forbid: {text: "bad"}',
        "wellformed: {}",
    )
    run = follows(rules)
    for second in range(12):
        key = second % 3
        line = [began(second, key), ended(second, key), BAD, at(second, "EV|s=1|s=1|id=q")]
        run.after(line[second % 4])
        run.after()
    verdict = run.closed_as_batch()
    told_ = Counter(
        (one.rule.id, one.finding.class_, one.finding.evidence)
        for one in told_of(run.notices, Violation)
    )
    assert max(told_.values()) == 1
    reported = {
        (outcome.rule.id, finding.class_, finding.evidence)
        for outcome in verdict.outcomes
        for finding in outcome.findings
    }
    assert set(told_) == reported
    assert len(reported) > 10


@pytest.mark.parametrize("rule", [FORBID, ruled('forbid: {text: "bad"}')])
def test_of_more_than_twenty_findings_in_a_step_the_rest_is_counted(
    follows: Follows, rule: RuleSet
) -> None:
    run = follows(rule)
    notices = told_of(run.after(*[BAD] * 25), Violation)
    assert [one.more for one in notices] == [0] * 19 + [5]
    assert [one.finding.evidence[0].line for one in notices] == list(range(1, 21))
    notices = told_of(run.after(*[BAD] * 3), Violation)
    assert [one.finding.evidence[0].line for one in notices] == [26, 27, 28]
    assert not any(one.more for one in notices)
    assert run.closed_as_batch().outcomes[0].violations == 28
    assert len(found(run.notices)) == 23


def test_of_more_than_twenty_lost_in_a_step_the_rest_is_counted(follows: Follows) -> None:
    run = follows(HANDOFF)
    notices = told_of(run.after(*[began(0)] * 31), Violation)
    assert (len(notices), notices[-1].more) == (20, 10)
    run.closed_as_batch()
    assert len(found(run.notices)) == 21


def test_of_more_than_twenty_overdue_in_a_step_the_rest_is_counted_and_none_told_twice(
    follows: Follows,
) -> None:
    run = follows(WITHIN, *[began(0, key) for key in range(30)])
    notices = told_of(run.after(at(11, "EV|s=0|id=z")), Violation)
    assert (len(notices), notices[-1].more) == (20, 10)
    assert not told_of(run.after(at(12, "EV|s=0|id=z")), Violation)
    assert run.closed_as_batch().outcomes[0].violations == 30
    # Those that were only counted may be told as the log is closed, and no other.
    assert max(Counter(found(run.notices)).values()) == 1


def test_all_findings_are_told_where_all_are_wanted(follows: Follows) -> None:
    run = follows(FORBID, *[BAD] * 45, max_findings=None)
    assert len(found(run.notices)) == 45
    assert not any(one.more for one in told_of(run.notices, Violation))


@pytest.mark.parametrize("most", [0, 3])
def test_findings_are_told_though_the_report_will_show_fewer(follows: Follows, most: int) -> None:
    run = follows(FORBID, max_findings=most)
    run.after(*[BAD] * 5)
    run.after(BAD)
    verdict = run.close()
    assert len(found(run.notices)) == 6
    assert len(verdict.outcomes[0].findings) == most
    assert verdict.outcomes[0].findings_omitted == 6 - most


def test_what_is_allowed_is_never_told(follows: Follows) -> None:
    run = follows(ruled('forbid: {where: EV where s == "bad", allow: 3}'))
    run.after(BAD, BAD)
    assert not found(run.notices)
    run.after(BAD, BAD)
    assert found(run.notices) == [("forbidden", "a.log:4")]
    run.after(BAD)
    assert found(run.notices) == [("forbidden", "a.log:4"), ("forbidden", "a.log:5")]
    run.closed_as_batch()
    assert len(found(run.notices)) == 2


def test_what_is_allowed_is_not_told_though_very_much_else_comes_with_it(
    follows: Follows,
) -> None:
    run = follows(ruled('forbid: {where: EV where s == "bad", allow: 3}'), BAD)
    notices = told_of(run.after(*[BAD] * 40), Violation)
    assert [one.finding.evidence[0].line for one in notices] == list(range(4, 24))
    assert notices[-1].more == 18
    assert run.closed_as_batch().outcomes[0].violations == 38


def test_what_was_tolerated_is_told_once_it_is_too_much(follows: Follows) -> None:
    run = follows(ruled("wellformed: {at_most: 2}"), *["EV|s=1|s=1"] * 2)
    assert not found(run.notices)
    run.after("EV|s=1|s=1")
    assert [one[1] for one in found(run.notices)] == ["a.log:1", "a.log:2", "a.log:3"]
    assert not any(one.more for one in told_of(run.notices, Violation))
    run.after("EV|s=1|s=1")
    run.closed_as_batch()
    assert [one[1] for one in found(run.notices)] == [f"a.log:{line}" for line in (1, 2, 3, 4)]


def test_what_a_budget_excuses_is_told_once_there_is_too_much_of_it(follows: Follows) -> None:
    run = follows(ruled(HANDED + ", orphan: 2}"), ended(0, "a"), ended(1, "b"))
    assert not found(run.notices)
    assert (run.called(), run.outcome().classes["orphan"]) == (("inconclusive", "no_evidence"), 2)
    run.after(ended(2, "c"))
    assert [one[1] for one in found(run.notices)] == ["a.log:1", "a.log:2", "a.log:3"]
    assert not any(one.more for one in told_of(run.notices, Violation))
    assert run.called() == ("fail", None)
    run.after(ended(3, "d"), began(4, "a"), ended(5, "a"))
    run.closed_as_batch()
    assert [one[1] for one in found(run.notices)] == [f"a.log:{line}" for line in (1, 2, 3, 4)]


def test_a_share_that_is_beyond_its_budget_may_be_mended_until_the_log_is_closed(
    follows: Follows,
) -> None:
    run = follows(ruled(HANDED + ", lost: 50%}"), began(0), began(1), ended(2))
    assert run.called() == ("pass", None)
    run.after(began(3), began(4), ended(5), began(6), began(7), ended(8))
    assert run.called() == ("pass", None)
    run.after(began(9), began(10), began(11), ended(12))
    assert run.called() == ("inconclusive", "pending")
    assert changes(run)[-1] == ("pass", None, "inconclusive", "pending")
    run.after(began(13), ended(14))
    assert run.called() == ("pass", None)
    run.after(began(15), began(16), began(17), ended(18))
    assert not found(run.notices)
    assert run.closed_as_batch().outcomes[0].violations == 7
    assert [one[0] for one in found(run.notices)] == ["lost"] * 7


def test_what_a_budget_excuses_is_not_told_though_there_is_very_much_of_it(
    follows: Follows,
) -> None:
    rules = ruled(HANDED + ", orphan: 100}", "wellformed: {at_most: 90%}")
    run = follows(rules, *[at(0, "EV|s=2|s=2|id={}", key) for key in range(30)])
    run.after(*[at(0, "EV|s=2|s=2|id={}", key) for key in range(30, 60)], *["plain"] * 10)
    assert not found(run.notices)
    notices = told_of(run.after(*[ended(0, key) for key in range(60, 110)]), Violation)
    assert (len(notices), notices[-1].more) == (20, 90)
    assert run.closed_as_batch().outcomes[0].violations == 110


def test_more_that_are_late_do_not_hide_how_many_are_lost(follows: Follows) -> None:
    run = follows(WITHIN, *[began(0, f"late{key}") for key in range(5)])
    run.after(*[began(1, key) for key in range(25)])
    run.after(at(10.5, "EV|s=0|id=z"))
    assert len(found(run.notices)) == 5
    notices = told_of(
        run.after(*[ended(20, f"late{key}") for key in range(5)], at(20, "EV|s=0|id=z")), Violation
    )
    classes = Counter(one.finding.class_ for one in notices)
    assert classes == {"late": 5, "lost": 20}
    assert sum(one.more for one in notices) == 5


def test_a_violation_of_the_whole_log_is_told_once_with_its_evidence(follows: Follows) -> None:
    run = follows(ruled('require: {where: EV where s == "bad", at_least: 0, at_most: 1}'), BAD)
    run.after(BAD)
    run.after(BAD)
    run.closed_as_batch()
    assert found(run.notices) == [("too_many", "a.log:2")]


def test_findings_that_settle_at_the_close_are_told(follows: Follows) -> None:
    rules = ruled(
        HANDED + "}",
        "rate: {of: EV where s == 2, over: EV, at_least: 50%}",
        "require: {where: EV where s == 9}",
        "sequence: {steps: [EV where s == 1, EV where s == 2]}",
    )
    run = follows(rules, began(0))
    assert not found(run.notices)
    run.closed_as_batch()
    assert [one.rule.id for one in told_of(run.notices, Violation)] == ["r0", "r1", "r2", "r3"]
    assert [one[2] for one in changes(run)[-4:]] == ["fail"] * 4


def test_of_findings_that_settle_at_the_close_more_than_twenty_are_counted(
    follows: Follows,
) -> None:
    run = follows(HANDOFF, *[began(0, key) for key in range(30)])
    verdict = run.closed_as_batch()
    notices = told_of(run.notices, Violation)
    assert (len(notices), notices[-1].more) == (20, 10)
    assert verdict.outcomes[0].violations == 30


def test_an_outcome_that_changes_is_told_from_what_it_was_to_what_it_is(follows: Follows) -> None:
    run = follows(FORBID)
    run.after(at(0, "EV|s=1"))
    run.after(at(0, "EV|s=1"))
    run.after(BAD)
    run.after(BAD)
    run.close()
    assert changes(run) == [
        ("inconclusive", "no_evidence", "pass", None),
        ("pass", None, "fail", None),
    ]


def test_that_something_is_open_and_closed_again_is_no_change(follows: Follows) -> None:
    run = follows(HANDOFF, began(0), ended(1))
    before = len(changes(run))
    for second in range(5):
        run.after(began(second))
        run.after(ended(second))
    assert len(changes(run)) == before


@pytest.mark.parametrize(
    "rule",
    [HANDED + ", within: 10s}", "rate: {of: EV where s == 2, over: EV, at_least: 50%}"],
)
def test_no_change_is_told_that_is_none(follows: Follows, rule: str) -> None:
    run = follows(ruled(rule))
    for line in ("EV|s=1|id=a", "EV|s=1|id=b", "EV|s=2|id=a", "EV|s=2|id=b", "EV|s=1|id=b"):
        run.after(line)
    run.close()
    assert changes(run)
    for before, why, after, reason in changes(run):
        assert (before, why) != (after, reason)


def test_changes_lead_from_one_to_the_next(follows: Follows) -> None:
    run = follows(WITHIN)
    for line in ("EV|s=1|id=a", "EV|s=2|id=a", began(0, "b"), at(20, "EV|s=0|id=z")):
        run.after(line)
    run.close()
    for (_, _, after, reason), (before, why, _, _) in zip(
        changes(run), changes(run)[1:], strict=False
    ):
        assert (before, why) == (after, reason)


def test_a_change_to_late_arrivals_is_told(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(ended(9))
    assert changes(run)[-1] == ("fail", None, "inconclusive", "late_arrivals")


def test_the_last_findings_are_remembered(follows: Follows) -> None:
    run = follows(FORBID)
    for _ in range(4):
        run.after(*[BAD] * 15)
    lines = [one.finding.evidence[0].line for one in run.snapshot.recent]
    assert lines == list(range(11, 61))


def test_silence_is_told_only_of_rules_with_a_deadline(follows: Follows) -> None:
    run = follows(ruled(HANDED + "}", HANDED + ", within: 1min}"), began(0))
    run.clock.pass_(61)
    assert [(one.rule.id, one.count) for one in told_of(run.step(), Overdue)] == [("r1", 1)]


def test_silence_is_over_once_the_log_settles_what_was_overdue(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.clock.pass_(11)
    run.step()
    run.clock.pass_(2)
    notices = run.after(at(30, "EV|s=0|id=z"))
    assert found(notices) == [("lost", "a.log:1")]
    assert [one.count for one in told_of(notices, Overdue)] == [0]
    assert run.snapshot.overdue == {}


def test_a_log_without_times_is_never_overdue_by_the_clock(follows: Follows) -> None:
    run = follows(WITHIN, "EV|s=1|id=a")
    run.clock.pass_(10_000)
    assert not told_of(run.step(), Overdue)


def test_the_speed_is_that_of_the_last_seconds(follows: Follows) -> None:
    run = follows(FORBID)
    assert run.snapshot.lines_per_second == 0
    run.clock.pass_(2)
    run.after(*[BAD] * 10)
    assert run.snapshot.lines_per_second == 5
    run.clock.pass_(60)
    assert run.snapshot.lines_per_second == 0


# --- after a restart ------------------------------------------------------------------------


def test_what_was_told_is_not_told_again_after_a_restart(follows: Follows) -> None:
    run = follows(ruled(HANDED + ", within: 10s}", 'forbid: {text: "bad"}'), began(0), BAD)
    run.after(at(11, "EV|s=0|id=z"), began(12, "c"))
    assert len(found(run.notices)) == 2
    again = run.again()
    assert not found(again.step())
    assert not changes(again)
    assert found(again.after(at(30, "EV|s=0|id=z"))) == [("lost", "a.log:4")]
    again.closed_as_batch()
    assert len(found(again.notices)) == 1


def test_what_was_overdue_before_a_restart_is_told_again_as_late_after_it(
    follows: Follows,
) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    again = run.again()
    assert found(again.after(ended(20))) == [("late", "a.log:1", "a.log:3")]


def test_a_failure_before_a_restart_is_one_after_it(follows: Follows) -> None:
    run = follows(FORBID, BAD)
    again = run.again()
    assert again.follower.failed
    assert again.snapshot.log_time == run.snapshot.log_time


def test_silence_after_a_restart_begins_with_it(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.clock.pass_(3600)
    again = run.again()
    again.clock.pass_(9)
    assert not told_of(again.step(), Overdue)
    again.clock.pass_(2)
    assert [one.count for one in told_of(again.step(), Overdue)] == [1]


EXCUSED = [
    ('forbid: {where: EV where s == "bad", allow: 2}', 2),
    ('forbid: {text: "bad", allow: 2}', 2),
    ("wellformed: {at_most: 2, count: [duplicate_field]}", 0),
]
"""Rules that excuse two matches, and how many they still excuse once there are more."""

TWICE = "EV|s=bad|s=bad|id=x"


@pytest.mark.parametrize(("rule", "excused"), EXCUSED)
@pytest.mark.parametrize("is_restarted", [False, True])
def test_what_is_told_is_what_violates_where_a_match_comes_to_stand_before_others(
    tmp_path: Path, rule: str, excused: int, *, is_restarted: bool
) -> None:
    first, second = Log(tmp_path / "a.log"), Log(tmp_path / "b.log")
    run = Followed(ruled(rule), first, second)
    run.after(TWICE, TWICE, TWICE, log=1)
    first_found = found(run.notices)
    if is_restarted:
        run = run.again()
    run.after(TWICE)
    run.after("EV|s=good|id=y", log=1)
    run.after(TWICE, TWICE, TWICE)
    verdict = run.closed_as_batch()
    told = Counter([*first_found, *found(run.notices)] if is_restarted else found(run.notices))
    in_order = [f"a.log:{line}" for line in (1, 2, 3, 4)] + [f"b.log:{line}" for line in (1, 2, 3)]
    class_ = verdict.outcomes[0].findings[0].class_
    assert told == Counter((class_, line) for line in in_order[excused:])
    assert sum(told.values()) == verdict.outcomes[0].violations


def test_a_match_that_comes_after_its_turn_excuses_no_other_than_the_report_says(
    tmp_path: Path,
) -> None:
    first, second = Log(tmp_path / "a.log"), Log(tmp_path / "b.log")
    rule = ruled('forbid: {where: EV where s == "bad", allow: 1}')
    run = Followed(rule, first, second, lateness=SECOND)
    run.after(at(0, "EV|s=good|id=x"))
    run.after(at(5, "EV|s=bad|id=x"), at(6, "EV|s=bad|id=x"), at(30, "EV|s=good|id=x"), log=1)
    run.after(at(1, "EV|s=bad|id=x"))
    [outcome] = run.close().outcomes
    reported = [finding.evidence[0] for finding in outcome.findings]
    told = [one.finding.evidence[0] for one in told_of(run.notices, Violation)]
    assert set(told) == set(reported)
    assert len(told) == outcome.violations == 2


def test_the_evidence_of_too_many_only_grows_where_a_match_comes_to_stand_first(
    tmp_path: Path,
) -> None:
    first, second = Log(tmp_path / "a.log"), Log(tmp_path / "b.log")
    run = Followed(ruled("require: {where: EV, at_least: 0, at_most: 1}"), first, second)
    run.after("EV|n=1", "EV|n=2", log=1)
    run.after("EV|n=3")
    verdict = run.closed_as_batch()
    [told] = told_of(run.notices, Violation)
    [finding] = verdict.outcomes[0].findings
    assert [line.line for line in told.finding.evidence] == [2]
    assert set(told.finding.evidence) < set(finding.evidence)
