"""The format of a log changes nothing of its verdict: every kind of rule, in every format."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from hypothesis import settings
from laws import engine

from reading.judging import judged
from reading.shapes import ALL, ENVELOPES, PREFIXES, Format, load
from tracecheck.kinds import KINDS
from tracecheck.model.rules import RuleSet
from tracecheck.model.verdict import Verdict

LOGS = load("logs.yaml")
HOLDS: list[str] = LOGS["holds"]
EVENTS: list[int] = LOGS["events"]
BREAKS: dict[str, dict[str, Any]] = LOGS["breaks"]
RULES = engine.loaded(LOGS["rules"])
TOLD = [one for one in ALL.values() if one.expect == "events"]
DEFECTIVE = [one for one in ALL.values() if one.expect != "events"]
IS_QUICK = settings().max_examples < 200

in_every_format = pytest.mark.parametrize("form", TOLD, ids=lambda form: form.name)


@cache
def _levels(level: str | None) -> RuleSet:
    """The rules, and one by which every event has this level."""
    where = "@level is missing" if level is None else f'@level == "{level}"'
    own = {"id": "level", "require": {"where": f"* where {where}", "at_least": len(EVENTS)}}
    return engine.loaded({**LOGS["rules"], "rules": [*LOGS["rules"]["rules"], own]})


def _found(verdict: Verdict) -> list[list[Any]]:
    """Rule, class and lines of all findings."""
    return [
        [outcome.rule.id, finding.class_, [line.line for line in finding.evidence]]
        for outcome in verdict.outcomes
        for finding in outcome.findings
    ]


def _called(verdict: Verdict) -> dict[str, tuple[str, str | None]]:
    return {one.rule.id: (one.outcome, one.reason) for one in verdict.outcomes}


def _finds(broken: str, behind: int) -> list[Any]:
    """What is found of a log that breaks, so many lines further down."""
    rule, class_, lines = BREAKS[broken]["finds"]
    return [rule, class_, [line + behind for line in lines]]


@in_every_format
def test_a_log_that_holds_passes(form: Format) -> None:
    """And an event has the level, and the time, that the format tells."""
    verdict = judged(form.log(HOLDS), _levels(form.level))
    assert _found(verdict) == []
    assert verdict.totals.events == len(EVENTS)
    assert _called(verdict)["level"] == ("pass", None)
    assert verdict.verdict == "pass"
    first, last = (form.known(line - 1) for line in (EVENTS[0], EVENTS[-1]))
    assert verdict.span == (None if first is None or last is None else (first, last))


@in_every_format
def test_all_violations_are_found_and_nothing_else(form: Format) -> None:
    """Those of all kinds of rules in one log, each on its lines."""
    messages, expected = list(HOLDS), []
    for broken, told in BREAKS.items():
        expected.append(_finds(broken, len(form.before) + len(messages) - len(HOLDS)))
        messages += told["writes"]
    verdict = judged(form.log(messages), RULES)
    assert sorted(_found(verdict)) == sorted(expected)
    assert {name for name, (called, _) in _called(verdict).items() if called == "fail"} == {
        rule for rule, *_ in expected
    }


@pytest.mark.deep
@pytest.mark.parametrize("broken", BREAKS)
def test_one_violation_is_found_and_nothing_else(broken: str) -> None:
    """In every format, or, in the quick profile, as it is."""
    for form in TOLD[:1] if IS_QUICK else TOLD:
        verdict = judged(form.log([*HOLDS, *BREAKS[broken]["writes"]]), RULES)
        expected = _finds(broken, len(form.before))
        assert _found(verdict) == [expected], form.name
        called = dict.fromkeys((rule.id for rule in RULES.rules), ("pass", None))
        assert _called(verdict) == {**called, expected[0]: ("fail", None)}, form.name


@pytest.mark.parametrize("form", DEFECTIVE, ids=lambda form: form.name)
def test_a_format_that_hides_something_is_told_on_every_line(form: Format) -> None:
    """No event of it is read, none is passed over, and prose stays prose."""
    verdict = judged(form.log(HOLDS), RULES)
    assert (verdict.totals.events, verdict.totals.malformed) == (0, len(EVENTS))
    assert [one for one in _found(verdict) if one[0] == "log-is-wellformed"] == [
        ["log-is-wellformed", form.expect, [line]] for line in EVENTS
    ]


def test_as_many_formats_are_tested_as_are_promised() -> None:
    assert len(PREFIXES) >= 43
    assert len(ENVELOPES) >= 20


def test_every_kind_of_rule_is_broken() -> None:
    broken = {one["finds"][0] for one in BREAKS.values()}
    assert broken == {rule.id for rule in RULES.rules}
    assert {rule.kind for rule in RULES.rules} == KINDS.keys()
