"""What is open and what is settled in a log that grows; several logs; and bounds on memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from runs.follow.followed import (
    END,
    HANDED,
    START,
    Clock,
    Followed,
    Log,
    as_json,
    at,
    began,
    ended,
    found,
    judged,
    ruled,
    told_of,
    when,
)
from tracecheck.model.bounds import Bounds
from tracecheck.model.live import Changed, Overdue, Violation
from tracecheck.model.rules import RuleSet
from tracecheck.model.tuning import Tuning

HANDOFF = ruled(HANDED + "}")
WITHIN = ruled(HANDED + ", within: 10s}")
FORBID = ruled('forbid: {where: EV where s == "bad"}')
SEQUENCE = ruled("sequence: {steps: [EV where s == 1, EV where s == 2], within: 10s}")

Follows = Callable[..., Followed]


@pytest.fixture
def follows(tmp_path: Path) -> Follows:
    """Follows logs of these names, of which the first (and the second) has some lines."""

    def follow(
        rules: RuleSet,
        *lines: str,
        names: tuple[str, ...] = ("a.log",),
        second: Sequence[str] = (),
        **options: object,
    ) -> Followed:
        logs = [Log(tmp_path / name) for name in names]
        for log, some in zip(logs, (lines, second), strict=False):
            log.write(*some)
        followed = Followed(rules, *logs, **options)
        followed.step()
        return followed

    return follow


# --- open and settled -----------------------------------------------------------------------


def test_a_handoff_that_is_open_is_pending_with_its_count_and_age(follows: Follows) -> None:
    run = follows(HANDOFF, began(0, "a"), began(1, "b"), ended(2, "b"), began(3, "c"))
    outcome = run.outcome()
    assert run.called() == ("inconclusive", "pending")
    assert (outcome.open, outcome.oldest_open) == (2, when(0))
    assert run.snapshot.verdict.exit_code == 3
    run.after(ended(4, "a"))
    assert (run.outcome().open, run.outcome().oldest_open) == (1, when(3))
    run.after(ended(4, "c"))
    assert run.called() == ("pass", None)
    assert (run.outcome().open, run.outcome().oldest_open) == (0, None)
    assert run.closed_as_batch().verdict == "pass"
    assert not found(run.notices)


def test_a_handoff_that_is_open_at_the_end_is_lost(follows: Follows) -> None:
    run = follows(HANDOFF, began(0))
    assert not found(run.notices)
    assert run.closed_as_batch().verdict == "fail"
    assert found(run.notices) == [("lost", "a.log:1")]


def test_a_deadline_is_only_passed_by_a_later_log_time(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(10, "EV|s=0|id=z"))
    assert run.called() == ("inconclusive", "pending")
    told = run.after(at(10.000001, "EV|s=0|id=z"))
    assert found(told) == [("lost", "a.log:1")]
    assert run.called() == ("fail", None)
    assert run.outcome().classes["lost"] == 1


def test_what_was_lost_by_its_deadline_is_told_once_and_is_lost_in_the_report(
    follows: Follows,
) -> None:
    run = follows(WITHIN, began(0))
    for second in (11, 12, 13):
        run.after(began(second, f"other{second}"), ended(second, f"other{second}"))
    assert found(run.notices) == [("lost", "a.log:1")]
    assert run.closed_as_batch().outcomes[0].classes["lost"] == 1
    assert found(run.notices) == [("lost", "a.log:1")]


def test_what_was_lost_by_its_deadline_is_told_once_though_another_from_follows(
    follows: Follows,
) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(began(12))
    run.after(ended(13))
    assert found(run.notices) == [("lost", "a.log:1")]
    verdict = run.closed_as_batch()
    assert "followed by another" in verdict.outcomes[0].findings[0].message


def test_what_is_handed_over_after_its_deadline_is_told_again_as_late(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    assert run.outcome().violations == 1
    told = run.after(ended(20))
    assert found(told) == [("late", "a.log:1", "a.log:3")]
    assert run.outcome().violations == 1
    assert run.outcome().open == 0
    verdict = run.closed_as_batch()
    assert verdict.outcomes[0].classes | {"lost": 0, "late": 1} == verdict.outcomes[0].classes
    assert found(run.notices) == [("lost", "a.log:1"), ("late", "a.log:1", "a.log:3")]


def test_a_to_that_itself_passes_the_deadline_is_late_and_told_once(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    assert found(run.after(ended(20))) == [("late", "a.log:1", "a.log:2")]
    run.closed_as_batch()
    assert found(run.notices) == [("late", "a.log:1", "a.log:2")]


def test_a_to_in_time_after_its_from_was_settled_is_a_late_arrival(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    assert run.called() == ("fail", None)
    run.after(ended(9))
    assert run.called() == ("inconclusive", "late_arrivals")
    assert run.outcome().late_arrivals == 1
    verdict = run.close()
    assert (verdict.verdict, verdict.outcomes[0].reason) == ("inconclusive", "late_arrivals")


def test_a_violation_outranks_what_arrived_late(follows: Follows) -> None:
    run = follows(WITHIN, began(0), began(0, "b"))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(ended(9), at(11, "EV|s=0|id=z"))
    assert run.called() == ("fail", None)
    verdict = run.close()
    assert [one.key for one in verdict.outcomes[0].findings] == [{"id": "b"}]
    assert verdict.outcomes[0].violations == 1


def test_what_was_settled_and_is_open_as_times_go_back_is_a_late_arrival(follows: Follows) -> None:
    run = follows(WITHIN, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    assert run.called() == ("fail", None)
    run.after(at(5, "EV|s=0|id=z"))
    verdict = run.close()
    assert (verdict.verdict, verdict.outcomes[0].reason) == ("inconclusive", "late_arrivals")
    assert {name for name, count in verdict.outcomes[0].classes.items() if count} == {"open"}


@pytest.mark.parametrize(
    ("rule", "called"),
    [
        (HANDED + ", within: 10s}", ("inconclusive", "open")),
        (HANDED + ", within: 10s, open: allow}", ("pass", None)),
        (HANDED + ", within: 10s, open: 1}", ("pass", None)),
        (HANDED + ", within: 10s, open: violate}", ("fail", None)),
        (HANDED + "}", ("fail", None)),
    ],
)
def test_what_is_pending_is_open_once_the_log_is_closed(
    follows: Follows, rule: str, called: tuple[str, str | None]
) -> None:
    run = follows(ruled(rule), began(0), at(9, "EV|s=0|id=z"))
    assert run.called() == ("inconclusive", "pending")
    assert run.outcome().open == 1
    outcome = run.closed_as_batch().outcomes[0]
    assert (outcome.outcome, outcome.reason) == called


def test_a_run_that_is_overdue_is_counted_as_what_it_was_told_as(follows: Follows) -> None:
    """Until it is settled otherwise, though what it misses may change."""
    steps = ", ".join(f"EV where s == {step}" for step in (1, 2, 3))
    run = follows(ruled(f"sequence: {{steps: [{steps}], within: 10s}}"), began(0), began(0, "b"))
    run.after(at(1, "EV|s=3|id=a"), at(2, "EV|s=2|id=a"), at(11, "EV|s=0|id=z"))
    told = Counter(one.finding.class_ for one in told_of(run.notices, Violation))
    assert told == {"out_of_order": 1, "missing": 1}
    assert run.outcome().classes == {"missing": 1, "out_of_order": 1, "late": 0, "open": 0}
    run.after(at(12, "EV|s=3|id=b"), at(13, "EV|s=2|id=b"))
    assert run.outcome().classes == {"missing": 1, "out_of_order": 1, "late": 0, "open": 0}
    assert run.closed_as_batch().outcomes[0].classes["out_of_order"] == 2
    assert run.outcome().violations == 2


def test_nothing_is_settled_by_its_deadline_where_it_is_allowed_to_be_lost(
    follows: Follows,
) -> None:
    run = follows(ruled(HANDED + ", within: 10s, lost: allow}"), began(0), began(0, "b"))
    told = run.after(at(1_000, "EV|s=0|id=z"))
    assert not found(told)
    assert run.called() == ("inconclusive", "pending")
    assert found(run.after(ended(1_001))) == [("late", "a.log:1", "a.log:4")]
    verdict = run.closed_as_batch()
    assert verdict.outcomes[0].classes["lost"] == 1
    assert verdict.outcomes[0].violations == 1


def test_a_sequence_is_settled_by_its_deadline_and_told_again_when_it_was_late(
    follows: Follows,
) -> None:
    run = follows(SEQUENCE, began(0), began(0, "b"))
    assert run.called() == ("inconclusive", "pending")
    assert run.outcome().open == 2
    told = run.after(at(11, "EV|s=0|id=z"))
    assert found(told) == [("missing", "a.log:1"), ("missing", "a.log:2")]
    assert run.called() == ("fail", None)
    assert found(run.after(ended(20))) == [("late", "a.log:1", "a.log:4")]
    run.closed_as_batch()
    assert len(found(run.notices)) == 3


def test_a_sequence_that_was_settled_and_completed_in_time_is_a_late_arrival(
    follows: Follows,
) -> None:
    run = follows(SEQUENCE, began(0))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(ended(9))
    assert run.called() == ("inconclusive", "late_arrivals")
    assert run.close().outcomes[0].reason == "late_arrivals"


@pytest.mark.parametrize("rules", [WITHIN, SEQUENCE])
def test_a_log_without_times_settles_no_deadline_and_says_so(
    follows: Follows, rules: RuleSet
) -> None:
    run = follows(rules, START.format("a"), START.format("b"))
    run.clock.pass_(3600)
    assert not found(run.after(END.format("a")))
    assert run.called() == ("inconclusive", "pending")
    run.after(END.format("b"))
    assert run.called() == ("inconclusive", "no_time")
    assert run.closed_as_batch().outcomes[0].reason == "no_time"


def test_a_wall_clock_that_goes_on_while_the_log_is_silent_tells_what_is_overdue(
    follows: Follows,
) -> None:
    run = follows(WITHIN, began(0), began(4, "b"))
    assert not told_of(run.notices, Overdue)
    for passed, counts in [(6, []), (2, [1]), (2, []), (2, [2]), (60, [])]:
        run.clock.pass_(passed)
        assert [one.count for one in told_of(run.step(), Overdue)] == counts, passed
        assert run.called() == ("inconclusive", "pending")
    assert run.snapshot.overdue == {"r0": 2}
    run.logs[0].write(ended(5), ended(6, "b"))
    run.step()
    run.clock.pass_(2)
    run.step()
    assert [one.count for one in told_of(run.notices, Overdue)] == [1, 2, 0]
    assert run.closed_as_batch().verdict == "pass"
    assert not found(run.notices)


@pytest.mark.parametrize(
    ("rule", "kind"),
    [
        ("rate: {of: EV where s == 2, over: EV, at_least: 50%}", "below"),
        ("rate: {of: EV where s == 1, over: EV, at_most: 50%}", "above"),
        ("require: {where: EV where s == 9}", "too_few"),
        ("wellformed: {at_most: 10%}", "duplicate_field"),
    ],
)
def test_what_more_of_the_log_may_mend_is_pending_until_it_is_closed(
    follows: Follows, rule: str, kind: str
) -> None:
    run = follows(ruled(rule), began(0), began(1) + "|s=3")
    assert run.called() == ("inconclusive", "pending")
    assert not run.follower.failed
    assert not found(run.notices)
    assert run.closed_as_batch().verdict == "fail"
    assert [one[0] for one in found(run.notices)] == [kind]


def test_what_was_mended_passes(follows: Follows) -> None:
    rules = ruled(
        "rate: {of: EV where s == 2, over: EV, at_least: 50%}", "require: {where: EV where s == 2}"
    )
    run = follows(rules, began(0))
    assert [run.called(0), run.called(1)] == [("inconclusive", "pending")] * 2
    run.after(ended(1))
    assert [run.called(0), run.called(1)] == [("pass", None)] * 2
    assert run.closed_as_batch().verdict == "pass"


def test_a_rate_over_too_few_events_is_not_judged_and_may_come_to_be(follows: Follows) -> None:
    run = follows(ruled("rate: {of: EV where s == 2, over: EV, at_least: 50%, min_events: 2}"))
    run.after(began(0))
    assert run.called() == ("inconclusive", "too_few")
    run.after(began(0))
    assert run.called() == ("inconclusive", "pending")
    run.closed_as_batch()


@pytest.mark.parametrize(
    "rule",
    [
        'forbid: {where: EV where s == "bad"}',
        'forbid: {text: "s=bad"}',
        'require: {where: EV where s == "bad", at_least: 0, at_most: 0}',
        "wellformed: {count: [duplicate_field]}",
    ],
)
def test_what_nothing_can_mend_fails_at_once_and_for_good(follows: Follows, rule: str) -> None:
    run = follows(ruled(rule), at(0, "EV|s=1"))
    assert run.called()[0] != "fail"
    told = run.after(at(1, "EV|s=bad|s=2"))
    assert len(found(told)) == 1
    assert run.follower.failed
    assert run.called() == ("fail", None)
    assert not found(run.after(at(2, "EV|s=1")))
    assert run.called() == ("fail", None)
    assert run.closed_as_batch().verdict == "fail"
    assert len(found(run.notices)) == 1


def test_a_rule_that_nothing_spoke_to_has_no_evidence(follows: Follows) -> None:
    run = follows(HANDOFF, at(0, "OTHER|x=1"))
    assert run.called() == ("inconclusive", "no_evidence")
    assert run.closed_as_batch().outcomes[0].reason == "no_evidence"


def test_a_line_that_is_not_complete_waits_for_its_end_and_counts_at_the_close(
    follows: Follows,
) -> None:
    run = follows(FORBID, at(0, "EV|s=1"))
    with open(run.logs[0].path, "a") as file:
        file.write(at(1, "EV|s=ba"))
    assert not run.step()
    assert run.snapshot.verdict.totals.lines == 1
    with open(run.logs[0].path, "a") as file:
        file.write("d")
    assert not run.step()
    verdict = run.closed_as_batch()
    assert (verdict.verdict, verdict.totals.lines) == ("fail", 2)


def test_following_from_the_end_judges_only_what_is_appended(follows: Follows) -> None:
    run = follows(FORBID, at(0, "EV|s=bad"), from_end=True)
    run.after(at(1, "EV|s=1"))
    verdict = run.close()
    assert (verdict.verdict, verdict.totals.lines) == ("pass", 1)


@pytest.mark.parametrize("block", [1, 64, 1 << 20])
def test_the_size_of_blocks_changes_nothing(follows: Follows, block: int) -> None:
    lines = [line for key in range(30) for line in (began(key, key), ended(key + key % 12, key))]
    run = follows(WITHIN, *lines, tuning=Tuning(block=block), max_findings=3)
    verdict = run.close()
    assert as_json(verdict) == as_json(judged(WITHIN, run.logs[0].path, max_findings=3))


def test_a_rule_for_which_only_milder_rules_failed_has_not_failed_the_run(
    follows: Follows,
) -> None:
    rules = ruled(
        'forbid: {where: EV where s == "bad"}\n    severity: low',
        'forbid: {where: EV where s == "worse"}\n    severity: critical',
    )
    run = follows(rules, at(0, "EV|s=bad"), fail_on="high")
    assert run.called() == ("fail", None)
    assert not run.follower.failed
    assert run.snapshot.verdict.verdict == "pass"
    run.after(at(0, "EV|s=worse"))
    assert run.follower.failed


# --- several sources ------------------------------------------------------------------------

TWO = ("a.log", "b.log")


def test_events_wait_until_the_other_log_has_got_as_far(follows: Follows) -> None:
    run = follows(HANDOFF, began(0), began(3, "b"), names=TWO)
    run.after(ended(1), log=1)
    # At second 1 both are known: what is later waits.
    assert (run.outcome().subjects, run.outcome().open) == (1, 1)
    assert run.snapshot.verdict.totals.lines == 3
    run.after(at(2, "EV|s=0|id=z"), log=1)
    assert (run.called(), run.outcome().open) == (("pass", None), 0)
    run.after(at(4, "EV|s=0|id=z"), log=1)
    run.after(ended(5, "b"))
    assert (run.called(), run.outcome().open) == (("inconclusive", "pending"), 1)
    assert run.closed_as_batch().verdict == "pass"
    assert run.snapshot.late_arrivals == 0


def test_lines_do_not_wait_for_other_logs(follows: Follows) -> None:
    run = follows(ruled('forbid: {text: "oops"}'), at(0, "EV|s=1"), names=TWO)
    told = run.after(at(100, "oops"))
    assert found(told) == [("forbidden", "a.log:2")]


def test_events_wait_no_longer_than_the_lateness_in_log_time(follows: Follows) -> None:
    run = follows(FORBID, at(0, "EV|s=1"), names=TWO, lateness=5 * 10**9)
    run.after(at(0, "EV|s=1"), log=1)
    run.after(at(1, "EV|s=bad"))
    assert run.called() == ("pass", None)
    run.after(at(5.9, "EV|s=1"))
    assert run.called() == ("pass", None)
    run.after(at(6.1, "EV|s=1"))
    assert run.called() == ("fail", None)
    assert run.close().outcomes[0].violations == 1


def test_events_wait_no_longer_than_the_lateness_of_the_machine(follows: Follows) -> None:
    run = follows(FORBID, at(0, "EV|s=1"), names=TWO, lateness=5 * 10**9)
    run.after(at(0, "EV|s=1"), log=1)
    run.after(at(1, "EV|s=bad"))
    run.clock.pass_(4.9)
    run.step()
    assert run.called() == ("pass", None)
    run.clock.pass_(0.2)
    run.step()
    assert run.called() == ("fail", None)


def test_what_comes_after_its_turn_is_a_late_arrival_for_rules_with_keys_alone(
    follows: Follows,
) -> None:
    rules = ruled(
        HANDED + "}",
        "consistent: {from: EV where s == 1, to: EV where s == 2, fields: [x]}",
        "sequence: {steps: [EV where s == 1, EV where s == 2]}",
        'forbid: {where: EV where s == "bad"}',
        "rate: {of: EV where s == 1, over: EV, at_least: 10%}",
        "require: {where: EV where s == 2}",
        "wellformed: {}",
    )
    first = [at(0, "EV|s=1|id=a|x=1"), at(1, "EV|s=2|id=a|x=1")]
    run = follows(rules, *first, names=TWO, lateness=10**9)
    run.after(at(0, "EV|s=0|id=q"), log=1)
    run.after(at(100, "EV|s=0|id=z"), at(200, "EV|s=0|id=z"))
    assert [run.called(number) for number in range(7)] == [("pass", None)] * 7
    told = run.after(at(50, "EV|s=0|id=z"), log=1)
    assert run.snapshot.late_arrivals == 1
    late = [("inconclusive", "late_arrivals")] * 3
    assert [run.called(number) for number in range(7)] == late + [("pass", None)] * 4
    assert [one.outcome.rule.id for one in told_of(told, Changed)] == ["r0", "r1", "r2"]
    verdict = run.close()
    assert [one.reason for one in verdict.outcomes] == ["late_arrivals"] * 3 + [None] * 4
    assert verdict.verdict == "inconclusive"


def test_a_violation_in_what_arrived_late_is_found(follows: Follows) -> None:
    run = follows(FORBID, at(0, "EV|s=1"), names=TWO, lateness=0)
    run.after(at(0, "EV|s=1"), log=1)
    run.after(at(100, "EV|s=1"))
    told = run.after(at(50, "EV|s=bad"), log=1)
    assert found(told) == [("forbidden", "b.log:2")]


UNTIMED_ENDS = [END.format("a"), START.format("b")]


@pytest.mark.parametrize("first", [START.format("a"), began(50)])
def test_logs_of_which_one_has_no_times_are_judged_as_given_where_that_is_asked_for(
    follows: Follows, first: str
) -> None:
    run = follows(HANDOFF, first, names=TWO, second=UNTIMED_ENDS, order="given")
    assert run.outcome().open == 2  # one in each of them
    assert run.called() == ("inconclusive", "pending")
    run.after(END.format("b"))  # in the first, and so before its from
    verdict = run.closed_as_batch()
    assert verdict.order == "given"
    assert verdict.outcomes[0].classes["lost"] == 1
    assert verdict.outcomes[0].classes["orphan"] == 1


@pytest.mark.parametrize("first", [START.format("a"), began(50)])
def test_a_key_of_two_logs_of_which_one_has_no_times_has_no_order(
    follows: Follows, first: str
) -> None:
    run = follows(HANDOFF, first, first, names=TWO, second=[START.format("b")])
    assert run.called() == ("inconclusive", "pending")
    assert not found(run.notices)  # what is lost in the first may have no order yet
    run.after(END.format("a"), log=1)
    assert run.called() == ("inconclusive", "no_order")
    verdict = run.closed_as_batch()
    assert verdict.order == "unknown"
    outcome = verdict.outcomes[0]
    assert (outcome.outcome, outcome.reason) == ("inconclusive", "no_order")
    assert (outcome.subjects, outcome.violations, outcome.findings) == (3, 0, ())
    assert not any(outcome.classes.values())
    assert not found(run.notices)


def test_logs_without_times_that_share_no_key_are_judged_when_they_are_closed(
    follows: Follows,
) -> None:
    lost = START.format("a")
    run = follows(HANDOFF, lost, lost, names=TWO, second=[START.format("b")])
    assert not found(run.notices)
    assert run.closed_as_batch().verdict == "fail"
    assert found(run.notices) == [("lost", "a.log:1"), ("lost", "a.log:2"), ("lost", "b.log:1")]


def test_more_keys_of_logs_without_times_than_are_kept_are_evicted(follows: Follows) -> None:
    run = follows(
        HANDOFF,
        *(f"{START}\n{END}".format(key, key) for key in "abc"),
        names=TWO,
        second=[START.format("d"), END.format("d")],
        bounds=Bounds(open_keys=2),
    )
    outcome = run.close().outcomes[0]
    assert (outcome.outcome, outcome.reason) == ("inconclusive", "evicted")


def test_one_log_without_times_where_others_may_join_keeps_no_keys(follows: Follows) -> None:
    lines = (f"{START}\n{END}".format(key, key) for key in "abc")
    run = follows(HANDOFF, *lines, may_grow=True, bounds=Bounds(open_keys=2))
    assert run.close().verdict == "pass"


def test_an_event_without_a_time_among_logs_that_had_one_has_no_turn_and_arrives_late(
    follows: Follows,
) -> None:
    run = follows(HANDOFF, began(0), names=TWO, second=[ended(1)])
    run.after(at(2, "EV|s=0|id=z"))
    run.after(at(2, "EV|s=0|id=z"), log=1)
    assert run.called() == ("pass", None)
    run.after("EV|s=0|id=y", log=1)
    assert run.called() == ("inconclusive", "late_arrivals")
    assert run.close().outcomes[0].late_arrivals == 1


@pytest.mark.parametrize(("order", "verdict"), [("given", "fail"), (None, "inconclusive")])
def test_lanes_that_grow_in_turns_are_closed_as_if_one_followed_the_other(
    follows: Follows, order: str | None, verdict: str
) -> None:
    rules = ruled(HANDED + "}", "sequence: {steps: [EV where s == 1, EV where s == 2]}")
    run = follows(rules, names=("a.log", "b.log", "c.log"), order=order)
    for round_ in range(6):
        for log in range(3):
            run.after(
                START.format(f"{log}{round_}"), END.format(f"{(log + 1) % 3}{round_}"), log=log
            )
    assert run.closed_as_batch().verdict == verdict


def test_events_of_a_log_are_put_in_order_of_time_as_long_as_they_wait(follows: Follows) -> None:
    run = follows(HANDOFF, ended(2), began(1), order="time", lateness=5 * 10**9)
    run.after(began(4, "b"), ended(3, "c"), began(2.5, "c"), ended(5, "b"))
    assert not found(run.notices)
    run.after(at(20, "EV|s=0|id=z"))
    assert run.called() == ("pass", None)
    assert run.closed_as_batch().order == "time"


def test_in_order_of_time_what_comes_after_it_was_waited_for_arrives_late(
    follows: Follows,
) -> None:
    run = follows(HANDOFF, began(1), ended(2), order="time", lateness=10**9)
    run.after(at(20, "EV|s=0|id=z"))
    run.after(at(1.5, "EV|s=0|id=z"))
    assert run.called() == ("inconclusive", "late_arrivals")
    run.after("EV|s=0|id=z")  # which has no time at all
    assert run.close().outcomes[0].late_arrivals == 2


def test_a_run_in_order_of_time_goes_on_after_a_restart(follows: Follows) -> None:
    run = follows(HANDOFF, ended(2), order="time")
    again = run.again(order="time")
    again.after(began(1))
    assert again.closed_as_batch().verdict == "pass"


def test_a_log_that_joins_is_followed_from_its_first_line(follows: Follows, tmp_path: Path) -> None:
    run = follows(HANDOFF, began(0), may_grow=True)
    other = Log(tmp_path / "b.log")
    other.write(ended(1), began(2, "b"))
    run.join(other)
    run.step()
    run.after(ended(3, "b"))
    assert run.closed_as_batch().verdict == "pass"


def test_a_log_that_joins_behind_what_was_judged_arrives_late(
    follows: Follows, tmp_path: Path
) -> None:
    run = follows(HANDOFF, began(0), may_grow=True)
    run.after(ended(100), at(200, "EV|s=0|id=z"))
    other = Log(tmp_path / "b.log")
    other.write(began(2, "b"), ended(3, "b"))
    run.join(other)
    run.step()
    verdict = run.close()
    assert verdict.outcomes[0].reason == "late_arrivals"
    assert verdict.outcomes[0].late_arrivals == 2
    assert [one.path for one in verdict.inputs] == [log.path for log in run.logs]


def test_files_keep_their_lines_when_the_first_of_two_logs_is_rotated(
    follows: Follows, tmp_path: Path
) -> None:
    run = follows(HANDOFF, began(0), names=TWO)
    run.after(began(1, "b"), log=1)
    run.after(began(2, "c"))  # waits for the second log
    run.logs[0].rotate()
    run.after(began(3, "d"))
    run.after(began(4, "e"), log=1)
    verdict = run.close()
    paths = [str(tmp_path / name) for name in ("a.log.1", "a.log", "b.log")]
    assert [(one.path, one.lines) for one in verdict.inputs] == list(
        zip(paths, (2, 1, 2), strict=True)
    )
    findings = verdict.outcomes[0].findings
    evidence = [(one.path, one.line, one.text) for each in findings for one in each.evidence]
    assert evidence == [
        (paths[0], 1, began(0)),
        (paths[2], 1, began(1, "b")),
        (paths[0], 2, began(2, "c")),
        (paths[1], 1, began(3, "d")),
        (paths[2], 2, began(4, "e")),
    ]


def test_files_keep_their_lines_when_logs_without_times_are_rotated(
    follows: Follows, tmp_path: Path
) -> None:
    run = follows(HANDOFF, START.format("a"), names=TWO)
    run.after(START.format("b"), log=1)
    run.logs[0].rotate()
    run.after(START.format("c"))
    run.after(START.format("d"), log=1)
    run.logs[1].rotate()
    run.after(START.format("e"), log=1)
    found_ = run.close().outcomes[0].findings
    names = [Path(one.evidence[0].path).name for one in found_]
    assert names == ["a.log.1", "a.log", "b.log.1", "b.log.1", "b.log"]
    assert [one.key["id"] for one in found_] == ["a", "c", "b", "d", "e"]


def test_what_was_told_of_a_log_is_not_told_again_when_the_one_before_it_is_rotated(
    follows: Follows,
) -> None:
    run = follows(WITHIN, began(0, "x"), ended(1, "x"), names=TWO, lateness=0)
    run.after(began(2), log=1)
    run.after(at(30, "EV|s=0|id=z"))
    assert found(run.notices) == [("lost", "b.log:1")]
    run.logs[0].rotate()
    run.after(at(31, "EV|s=0|id=z"))
    run.after(at(32, "EV|s=0|id=z"), log=1)
    run.close()
    assert found(run.notices) == [("lost", "b.log:1")]


def test_what_a_rotated_log_has_to_show_is_waited_for_before_turns_are_decided(
    follows: Follows,
) -> None:
    run = follows(HANDOFF, began(0), names=TWO, second=[ended(1)])
    run.logs[0].write(began(2, "b"), began(100, "c"))
    run.logs[1].write(at(50, "EV|s=0|id=z"))
    run.logs[1].rotate()
    run.logs[1].write(ended(60, "b"), ended(101, "c"))
    run.step()
    assert run.snapshot.late_arrivals == 0
    assert run.close().verdict == "pass"


def test_one_log_is_in_the_order_of_its_lines_whatever_its_times_say(follows: Follows) -> None:
    run = follows(HANDOFF, began(100), ended(0), began(50, "b"))
    run.after(ended(2, "b"))
    assert run.called() == ("pass", None)
    assert run.snapshot.late_arrivals == 0
    assert run.closed_as_batch().verdict == "pass"


# --- bounds ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "rule",
    [
        HANDED + "}",
        "sequence: {steps: [EV where s == 1, EV where s == 2]}",
        "consistent: {from: EV where s == 1, to: EV where s == 2, fields: [x]}",
    ],
)
def test_keys_that_were_let_go_of_are_counted_and_never_pass(follows: Follows, rule: str) -> None:
    run = follows(ruled(rule), bounds=Bounds(open_keys=1))
    line = "EV|s={}|id={}|x=1"
    for key in "abc":
        run.after(at(0, line, 1, key))
    assert run.called() == ("inconclusive", "evicted")
    assert run.outcome().evicted == 2
    for key in "abc":
        run.after(at(1, line, 2, key))
    assert run.called() == ("inconclusive", "evicted")
    verdict = run.close()
    assert (verdict.outcomes[0].reason, verdict.outcomes[0].evicted) == ("evicted", 2)
    assert verdict.outcomes[0].violations == 0


def test_keys_within_the_bound_are_all_kept(follows: Follows) -> None:
    run = follows(HANDOFF, bounds=Bounds(open_keys=2))
    for key in range(10):
        run.after(began(key, key), began(key, f"{key}b"), ended(key, key), ended(key, f"{key}b"))
    assert run.called() == ("pass", None)
    assert run.closed_as_batch().outcomes[0].evicted == 0


def test_what_is_certain_is_found_though_a_key_was_let_go_of(follows: Follows) -> None:
    run = follows(WITHIN, began(0), bounds=Bounds(open_keys=1))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(began(12, "b"))
    run.after(began(13, "c"))
    assert run.outcome().classes["lost"] == 1
    run.after(at(24, "EV|s=0|id=z"))
    verdict = run.close()
    assert found(run.notices)[0] == ("lost", "a.log:1")
    assert (verdict.verdict, verdict.outcomes[0].classes["lost"]) == ("fail", 2)
    assert len(found(run.notices)) == 2


def discharged(follows: Follows, rules: RuleSet) -> Followed:
    """A run in which two keys were handed over, and the first is taken over again."""
    run = follows(rules, bounds=Bounds(closed_keys=1))
    for second, key in enumerate("ab"):
        run.after(began(second, key), ended(second, key))
    run.after(ended(5, "a"))
    run.after(ended(6, "b"))
    return run


def test_a_key_that_was_handed_over_too_long_ago_is_an_orphan_where_both_violate(
    follows: Follows,
) -> None:
    run = discharged(follows, HANDOFF)
    assert run.outcome().classes["orphan"] == 1
    assert run.outcome().classes["duplicate"] == 1
    assert (run.called(), run.outcome().evicted) == (("fail", None), 0)
    verdict = run.close()
    assert verdict.outcomes[0].violations == 2
    assert found(run.notices) == [("orphan", "a.log:5"), ("duplicate", "a.log:6")]


def test_a_key_that_was_handed_over_too_long_ago_is_not_called_where_only_one_violates(
    follows: Follows,
) -> None:
    run = discharged(follows, ruled(HANDED + ", duplicate: allow}"))
    assert run.outcome().classes["orphan"] == 0
    assert run.called() == ("inconclusive", "evicted")
    assert run.close().outcomes[0].reason == "evicted"


def test_a_clock_that_does_not_move_changes_no_verdict(follows: Follows) -> None:
    clock = Clock()
    run = follows(WITHIN, began(0), clock=clock)
    run.after(at(11, "EV|s=0|id=z"), ended(12))
    assert run.closed_as_batch().verdict == "fail"


# --- turns ----------------------------------------------------------------------------------


def test_events_of_one_moment_are_in_time_however_they_are_written(follows: Follows) -> None:
    """A source that is alone has passed its last moment, and may go on with it."""
    run = follows(HANDOFF, names=("a.log",), may_grow=True, lateness=0)
    for line in (began(0), ended(0), began(0, "b"), ended(0, "b"), began(0, "c"), ended(0, "c")):
        run.after(line)
        run.clock.pass_(10)
        run.step()
    assert run.snapshot.late_arrivals == 0
    assert run.close().verdict == "pass"


def test_an_event_of_the_same_moment_in_a_log_given_before_is_late(follows: Follows) -> None:
    run = follows(HANDOFF, began(0), names=TWO, lateness=0)
    run.after(at(0, "EV|s=0|id=q"), log=1)
    run.after(at(5, "EV|s=0|id=q"), log=1)
    run.clock.pass_(1)
    run.step()
    run.after(ended(5))
    assert run.snapshot.late_arrivals == 1


def test_events_that_waited_are_judged_after_a_restart_on_a_silent_log(follows: Follows) -> None:
    run = follows(FORBID, at(0, "EV|s=0|id=q"), names=TWO)
    run.after(at(0, "EV|s=0|id=q"), log=1)
    run.after(at(1, "EV|s=bad|id=q"))
    assert run.called() != ("fail", None)
    again = run.again()
    again.step()
    again.clock.pass_(6)
    again.step()
    assert again.called() == ("fail", None)


def test_a_deadline_settles_nothing_where_another_log_may_hold_what_was_due(
    tmp_path: Path,
) -> None:
    """Logs of which one has no times follow each other: the end of the first is not the end."""
    first, second = Log(tmp_path / "a.log"), Log(tmp_path / "b.log")
    first.write(began(0), at(50, "EV|s=0|id=z"))
    second.write("EV|s=0|id=y", ended(1))
    run = Followed(WITHIN, first, second, order="given")
    run.after(at(99, "EV|s=0|id=z"))
    assert run.called() == ("inconclusive", "pending")
    assert run.closed_as_batch().verdict == "pass"


@pytest.mark.parametrize(
    "rule",
    [
        'forbid: {where: EV where @source == "b.log"}',
        HANDED + ', expect: from.@source == "b.log"}',
    ],
)
def test_a_rule_may_ask_for_a_source_before_one_has_a_line(follows: Follows, rule: str) -> None:
    run = follows(ruled(rule))
    assert run.called() == ("inconclusive", "no_evidence")
    assert run.closed_as_batch().outcomes[0].reason == "no_evidence"


def test_an_open_event_without_a_time_is_never_overdue(follows: Follows) -> None:
    run = follows(WITHIN, START.format("timeless"), began(0, "a"), ended(1, "a"))
    run.after(began(3600, "b"), ended(3601, "b"))
    assert not found(run.notices)
    assert run.called() == ("inconclusive", "pending")
    assert run.outcome().open == 1
    assert run.closed_as_batch().outcomes[0].classes["lost"] == 1
    assert [one.at_end for one in told_of(run.notices, Violation)] == [True]


def test_nothing_is_overdue_where_a_deadline_settles_nothing(follows: Follows) -> None:
    run = follows(ruled(HANDED + ", within: 10s, lost: allow}"), began(0))
    run.clock.pass_(100)
    assert not [one for one in run.step() if isinstance(one, Overdue)]
