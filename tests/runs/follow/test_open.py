"""What is open, and whether it can still break a rule, while a log is followed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from runs.follow.followed import HANDED, Followed, Log, at, began, ended, found, ruled, when
from tracecheck.model.live import Changed
from tracecheck.model.verdict import Input
from tracecheck.reading.growing import GrowingSources

Follows = Callable[..., Followed]
Called = tuple[str, str | None]

PASS: Called = ("pass", None)
PENDING: Called = ("inconclusive", "pending")
TWO_STEPS = "sequence: {steps: [EV where s == 1, EV where s == 2]"
THREE_STEPS = "sequence: {steps: [EV where s == 1, EV where s == 2, EV where s == 3]"


@pytest.fixture
def follows(tmp_path: Path) -> Follows:
    """Follows a log, by one rule, that has these lines."""

    def follow(rule: str, *lines: str) -> Followed:
        log = Log(tmp_path / "a.log")
        log.write(*lines)
        followed = Followed(ruled(rule), log)
        followed.step()
        return followed

    return follow


# --- what can still break a rule ------------------------------------------------------------


@pytest.mark.parametrize(
    ("tolerates", "called"),
    [
        ("lost: allow", PASS),
        ("lost: allow, orphan: 3, duplicate: violate", PASS),
        ("lost: 3", PENDING),
        ('lost: "0.1%"', PENDING),
        ("lost: violate", PENDING),
        ("lost: allow, expect: to.n == from.n", PENDING),
        ("lost: allow, mismatch: 3, expect: to.n == from.n", PENDING),
        ("lost: allow, mismatch: allow, expect: to.n == from.n", PASS),
        ("lost: allow, open: allow, within: 10s", PENDING),
        ("lost: allow, late: 1, open: allow, within: 10s", PENDING),
        ("lost: allow, late: allow, open: allow, within: 10s", PASS),
        ("lost: allow, late: allow, open: 1, within: 10s", PENDING),
        ("lost: allow, late: allow, open: violate, within: 10s", PENDING),
        ("lost: allow, late: allow, within: 10s", PENDING),
    ],
)
def test_a_handoff_passes_so_far_where_it_allows_all_that_may_become_of_what_is_open(
    follows: Follows, tolerates: str, called: Called
) -> None:
    run = follows(f"{HANDED}, {tolerates}}}", began(0))
    assert run.called() == called
    assert (run.outcome().open, run.outcome().oldest_open) == (1, when(0))
    assert not found(run.notices)


def test_what_would_be_open_at_the_end_is_so_though_all_else_is_allowed(follows: Follows) -> None:
    run = follows(f"{HANDED}, lost: allow, late: allow, within: 10s}}", began(0))
    assert run.called() == PENDING
    verdict = run.closed_as_batch()
    assert verdict.outcomes[0].reason == "open"


def test_it_passes_once_no_end_of_the_log_can_leave_it_open(follows: Follows) -> None:
    run = follows(f"{HANDED}, lost: allow, late: allow, within: 10s}}", began(0))
    run.after(at(10, "EV|s=0|id=z"))
    assert run.called() == PENDING
    run.after(at(11, "EV|s=0|id=z"))
    assert run.called() == PASS
    assert (run.outcome().open, run.outcome().oldest_open) == (0, None)
    run.after(ended(12))
    assert run.called() == PASS
    assert run.closed_as_batch().verdict == "pass"


def test_what_is_past_its_limit_and_may_still_violate_stays_open(follows: Follows) -> None:
    run = follows(f"{HANDED}, lost: allow, within: 10s}}", began(0))
    run.after(at(11, "EV|s=0|id=z"))
    assert (run.called(), run.outcome().open) == (PENDING, 1)
    assert found(run.after(ended(12))) == [("late", "a.log:1", "a.log:3")]
    assert run.closed_as_batch().verdict == "fail"


def test_what_was_told_by_no_deadline_and_comes_in_time_after_all_is_no_late_arrival(
    follows: Follows,
) -> None:
    run = follows(f"{HANDED}, lost: allow, within: 10s}}", began(0))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(ended(9))
    assert run.called() == PASS
    assert run.closed_as_batch().outcomes[0].late_arrivals == 0


@pytest.mark.parametrize(
    ("rule", "called"),
    [
        (f"{TWO_STEPS}, missing: allow}}", PASS),
        (f"{TWO_STEPS}, missing: 2}}", PENDING),
        (f"{TWO_STEPS}, missing: allow, within: 10s, open: allow}}", PENDING),
        (f"{TWO_STEPS}, missing: allow, within: 10s, late: allow}}", PENDING),
        (f"{TWO_STEPS}, missing: allow, within: 10s, late: allow, open: allow}}", PASS),
        (f"{THREE_STEPS}, missing: allow}}", PENDING),
        (f"{THREE_STEPS}, missing: allow, out_of_order: allow}}", PASS),
    ],
)
def test_a_sequence_passes_so_far_where_it_allows_all_that_may_become_of_a_run(
    follows: Follows, rule: str, called: Called
) -> None:
    through = [at(0, "EV|s={}|id=b", step) for step in (1, 2, 3)]
    assert follows(rule, *through, began(1)).called() == called


def test_a_run_that_is_all_there_is_stays_pending_as_nothing_was_judged(follows: Follows) -> None:
    run = follows(f"{TWO_STEPS}, missing: allow}}", began(0))
    assert (run.called(), run.outcome().open) == (PENDING, 1)
    assert run.closed_as_batch().verdict == "pass"


def test_what_stays_alone_is_no_subject_of_consistent_and_never_pending(follows: Follows) -> None:
    pair = "consistent: {from: EV where s == 1, to: EV where s == 2, fields: [id]}"
    run = follows(pair, began(0), ended(1), began(2))
    assert (run.called(), run.outcome().open) == (PASS, 0)


# --- what is open ---------------------------------------------------------------------------


def test_what_log_time_has_settled_is_not_open(follows: Follows) -> None:
    run = follows(f"{HANDED}, within: 10s}}", began(0, "a"), began(5, "b"))
    assert (run.outcome().open, run.outcome().oldest_open) == (2, when(0))
    run.after(at(11, "EV|s=0|id=z"))
    assert run.outcome().classes["lost"] == 1
    assert (run.outcome().open, run.outcome().oldest_open) == (1, when(5))
    run.after(at(16, "EV|s=0|id=z"))
    assert run.outcome().classes["lost"] == 2
    assert (run.outcome().open, run.outcome().oldest_open) == (0, None)
    run.after(ended(17, "a"))
    assert (run.outcome().open, run.outcome().classes["late"]) == (0, 1)
    run.closed_as_batch()


def test_a_run_that_log_time_has_settled_is_not_open(follows: Follows) -> None:
    run = follows(f"{TWO_STEPS}, within: 10s}}", began(0, "a"))
    run.after(began(11, "b"))
    assert run.outcome().classes["missing"] == 1
    assert (run.outcome().open, run.outcome().oldest_open) == (1, when(11))
    run.closed_as_batch()


# --- the last findings ----------------------------------------------------------------------


def _recent(run: Followed) -> list[tuple[str, str | None]]:
    return [(one.finding.class_, one.finding.key["id"]) for one in run.snapshot.recent]


def test_what_was_told_lost_and_came_late_replaces_its_row(follows: Follows) -> None:
    run = follows(f"{HANDED}, within: 10s}}", began(0, "a"), began(0, "b"))
    run.after(at(11, "EV|s=0|id=z"))
    assert _recent(run) == [("lost", "a"), ("lost", "b")]
    run.after(ended(12, "a"))
    assert _recent(run) == [("lost", "b"), ("late", "a")]
    # It was told twice, as it happened: only the list has it once.
    assert len(found(run.notices)) == 3


def test_what_replaces_a_row_may_be_two_violations(follows: Follows) -> None:
    run = follows(f"{HANDED}, within: 10s, expect: to.s == 1}}", began(0, "a"))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(ended(12, "a"))
    assert _recent(run) == [("mismatch", "a"), ("late", "a")]


def test_the_same_class_in_the_end_leaves_its_row(follows: Follows) -> None:
    run = follows(f"{HANDED}, within: 10s}}", began(0, "a"))
    run.after(at(11, "EV|s=0|id=z"))
    run.after(began(12, "a"))
    assert _recent(run) == [("lost", "a")]


def test_how_many_were_not_told_one_by_one_is_not_lost_with_a_row(follows: Follows) -> None:
    run = follows(f"{HANDED}, within: 10s}}", *(began(0, f"k{one}") for one in range(25)))
    run.after(at(11, "EV|s=0|id=z"))
    (more,) = (one for one in run.snapshot.recent if one.more)
    assert more.more == 5
    run.after(ended(12, more.finding.key["id"]))
    last = run.snapshot.recent[-1]
    assert (last.finding.class_, last.more) == ("late", 5)


# --- what is unread -------------------------------------------------------------------------


def test_what_is_unread_at_the_end_is_told_by_no_outcome_that_the_report_does_not_give(
    follows: Follows, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = follows(HANDED + "}", began(0))
    inputs = GrowingSources.inputs

    def one_byte_behind(sources: GrowingSources, paths: Mapping[int, str]) -> list[Input]:
        return [replace(one, unread=1) for one in inputs(sources, paths)]

    run.after(ended(1))
    monkeypatch.setattr(GrowingSources, "inputs", one_byte_behind)
    (outcome,) = run.close().outcomes
    assert (outcome.outcome, outcome.reason) == ("inconclusive", "unread")
    *_, last = (one.outcome for one in run.notices if isinstance(one, Changed))
    assert (last.outcome, last.reason) == (outcome.outcome, outcome.reason)
