"""The laws speak of every kind of the table, and of one that they have never heard of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import oracle.kinds
import pytest
from hypothesis import Phase, settings

from laws import test_accounting, test_findings, test_follow, test_merge
from laws.engine import KINDS
from tracecheck.engine.kind import Context, End, Expired, Judgement, Kind
from tracecheck.engine.state import State
from tracecheck.kinds import KINDS as TABLE

CASES = Path(__file__).parents[1] / "cases"
OWN_SETTINGS = "_hypothesis_internal_use_settings"

settings.register_profile(
    "planted",
    settings.get_profile("quick"),
    # Only whether there is an example is asked, not for the smallest.
    phases=(Phase.explicit, Phase.generate),
    report_multiple_bugs=False,
)

MERGED = test_merge.test_parts_merged_in_any_order_are_judged_as_the_whole
FOLLOWED = test_follow.test_a_log_that_is_followed_and_closed_is_judged_as_the_whole
BOUNDED = test_follow.test_bounds_never_make_a_rule_pass
COUNTED = test_findings.test_violations_are_counted_exactly
FIRST = test_findings.test_fewer_findings_are_the_first_of_all
ACCOUNTED = test_accounting.test_every_file_of_a_run_is_accounted_for
OF_ONE_KIND = (MERGED, FOLLOWED, BOUNDED)


def test_the_table_the_laws_the_oracle_and_the_cases_name_the_same_kinds() -> None:
    assert list(KINDS) == list(TABLE)
    assert sorted(oracle.kinds.KINDS) == sorted(TABLE)
    assert sorted({file.parent.name for file in CASES.glob("*/*.yaml")}) == sorted(TABLE)
    assert all(kind.spec.name == name for name, kind in TABLE.items())


@contextmanager
def planted(kind: Kind) -> Iterator[None]:
    """A table of one kind, of a name that nobody has written a line for."""
    usual = settings.get_current_profile_name()
    settings.load_profile("planted")
    new = replace(kind, spec=replace(kind.spec, name="planted"))
    try:
        with mock.patch.dict(KINDS, {"planted": new}, clear=True):
            yield
    finally:
        settings.load_profile(usual)


def ask(law: Callable[..., Any], kind: Kind, at_least: int = 1) -> None:
    """Hold a kind against a law, by as many examples as usual, or at least so many."""
    with planted(kind):
        if not hasattr(law, OWN_SETTINGS):
            usual = settings.get_current_profile_name()
            # A share of those of the profile: with 200, some of the laws draw 40.
            settings.register_profile("planted", max_examples=max(settings().max_examples, 200))
            settings.load_profile("planted")
            try:
                law("planted")
            finally:
                settings.load_profile(usual)
            return
        count = max(getattr(law, OWN_SETTINGS).max_examples, at_least)
        with mock.patch.object(law, OWN_SETTINGS, settings(max_examples=count)):
            law(**({"kind": "planted"} if law in OF_ONE_KIND else {}))


# ---- kinds that are wrong on purpose ------------------------------------------------------


def judging(name: str, change: Callable[[Judgement], Judgement]) -> Kind:
    """A kind whose judgement is changed."""

    def judge(context: Context, state: State, end: End | None) -> Judgement:
        return change(TABLE[name].judge(context, state, end))

    return replace(TABLE[name], judge=judge)


def merging(name: str, change: Callable[[Any, Sequence[State]], State]) -> Kind:
    """A kind whose merged states are changed."""

    def merge(context: Context, states: Sequence[State]) -> State:
        return change(TABLE[name].merge(context, states), states)

    return replace(TABLE[name], merge=merge)


def hasty(name: str) -> Kind:
    """A kind that takes every log for one that is closed."""

    def judge(context: Context, state: State, end: End | None) -> Judgement:
        return TABLE[name].judge(context, state, end or End())

    return replace(TABLE[name], judge=judge)


def forgetful(name: str) -> Kind:
    """A kind that does not say what it evicted."""

    def expire(context: Context, state: State, log_time: int | None) -> Expired:
        after, overdue = TABLE[name].expire(context, state, log_time)
        return _counting(after, evicted=0), overdue

    return replace(TABLE[name], expire=expire)


def _counting(state: State, **counts: int) -> State:
    return replace(state, counts=Counter({**state.counts, **counts}))


def _last_count(name: str) -> Callable[[State, Sequence[State]], State]:
    return lambda merged, states: _counting(merged, **{name: states[-1].counts[name]})


WRONG: dict[str, tuple[Kind, Callable[..., Any]]] = {
    "a count of matches without violations": (
        judging("forbid", lambda judged: replace(judged, classes=dict.fromkeys(judged.classes, 0))),
        COUNTED,
    ),
    "a count of matches that counts the last part only": (
        merging("forbid", _last_count("matches")),
        MERGED,
    ),
    "a share that loses what it is a share of": (merging("rate", _last_count("over")), MERGED),
    "a count that is too small before the log ends": (hasty("require"), FOLLOWED),
    "matches that are shown from the last": (
        judging("forbid", lambda judged: replace(judged, findings=judged.findings.reverse())),
        FIRST,
    ),
    "runs that must lie in one part of the log": (
        merging("sequence", lambda merged, _: replace(merged, rows=merged.rows.clear())),
        MERGED,
    ),
    "runs that are over where the log is not": (hasty("sequence"), FOLLOWED),
    "handoffs that are shown from the last": (
        judging("handoff", lambda judged: replace(judged, findings=judged.findings.reverse())),
        FIRST,
    ),
    "handoffs that are evicted in silence": (forgetful("handoff"), BOUNDED),
    "handoffs of a class without a count": (
        judging("handoff", lambda judged: replace(judged, classes={**judged.classes, "lost": 0})),
        COUNTED,
    ),
}


@pytest.mark.guard
@pytest.mark.parametrize("wrong", WRONG)
def test_a_kind_that_is_wrong_breaks_a_law_without_a_line_written_for_it(wrong: str) -> None:
    kind, law = WRONG[wrong]
    with pytest.raises(AssertionError):
        ask(law, kind, at_least=100)


@pytest.mark.guard
@pytest.mark.parametrize(
    ("name", "law"),
    [
        *(("consistent", MERGED), ("consistent", FIRST), ("handoff", BOUNDED)),
        *(("forbid", FOLLOWED), ("forbid", COUNTED), ("forbid", ACCOUNTED)),
    ],
)
def test_a_kind_that_is_right_is_caught_by_none(name: str, law: Callable[..., Any]) -> None:
    """What breaks a law in the planted kinds is what is wrong with them, and not their name."""
    ask(law, TABLE[name])
