"""Law 4: the engine says of every log what a naive reading of the contract says of it."""

from __future__ import annotations

from typing import Any

import oracle
import pytest
from hypothesis import assume, given, note
from hypothesis import strategies as st

from laws import examples
from laws.engine import KINDS, Setup, comparable, report, set_up, written
from laws.logs import dense_logs, logs
from laws.rulefiles import rule_files
from tracecheck.errors import SourceError

setups = st.builds(
    set_up,
    block=st.sampled_from((1 << 16, 1, 3, 10, 50, 200, 1000)),
    workers=st.integers(1, 3),
    learn_after=st.sampled_from((16, 1, 2, 10**9)),
    merge_after=st.sampled_from((200_000, 0, 3, 20)),
    compact_after=st.sampled_from((1_000_000, 0, 3, 20)),
    segments=st.sampled_from((1 << 20, 1, 7)),
    lines=st.sampled_from((1 << 17, 1, 3)),
    search_from=st.sampled_from((1 << 16, 1 << 16, 20, 50)),
    names=st.sampled_from((1000, 0, 2)),
    keys_collide=st.sampled_from((False, False, True)),
    longest=st.sampled_from((1 << 20, 1 << 20, 1 << 20, 40, 100)),
)

findings_shown = st.sampled_from((None, None, 0, 1, 2, 20))
orders = st.sampled_from((None, None, None, "given", "time"))


def agree(sources: Any, rules: Any, setup: Setup, **options: Any) -> None:
    """Hold the engine's report against the oracle's, field by field."""
    note(written(rules))
    for files in sources:
        for path, data in files:
            note(f"{path}: {data!r}")
    try:
        found = comparable(report(sources, rules, setup=setup, **options))
    except SourceError:  # what looks like no log at all is refused, and not judged
        assume(False)
    with setup.applied():
        expected = oracle.report(sources, rules, **options)
    for name in expected:
        if name != "rules":
            assert found[name] == expected[name], name
    for got, wanted in zip(found["rules"], expected["rules"], strict=True):
        for name in wanted:
            assert got[name] == wanted[name], (wanted["id"], name)
    assert found == expected


@pytest.mark.parametrize("kind", KINDS)
@examples(20)
@given(sources=logs(), setup=setups, max_findings=findings_shown, order=orders, data=st.data())
def test_each_kind_judges_as_the_oracle(
    kind: str, sources: Any, setup: Setup, max_findings: int | None, order: str | None, data: Any
) -> None:
    """Whatever the log, and however it is cut, read and merged."""
    rules = data.draw(rule_files(most=1, kinds=(kind,)))
    agree(sources, rules, setup, max_findings=max_findings, order=order)


@pytest.mark.parametrize("kind", KINDS)
@examples(30)
@given(
    sources=dense_logs(), setup=setups, max_findings=findings_shown, order=orders, data=st.data()
)
def test_each_kind_judges_as_the_oracle_where_keys_meet_often(
    kind: str, sources: Any, setup: Setup, max_findings: int | None, order: str | None, data: Any
) -> None:
    """Pairs, runs and shares of many events, in every order in which they can come."""
    rules = data.draw(rule_files(most=1, kinds=(kind,)))
    agree(sources, rules, setup, max_findings=max_findings, order=order)


@examples(40)
@given(
    sources=st.one_of(logs(), dense_logs()),
    rules=rule_files(),
    setup=setups,
    timezone=st.sampled_from(("UTC", "Europe/Berlin", "America/Sao_Paulo")),
    max_findings=st.sampled_from((None, 0, 1, 2, 20)),
    fail_on=st.sampled_from(("critical", "high", "medium", "low")),
    order=orders,
)
def test_rules_together_are_judged_as_the_oracle_judges_them(
    sources: Any,
    rules: Any,
    setup: Setup,
    timezone: str,
    max_findings: int | None,
    fail_on: str,
    order: str | None,
) -> None:
    """One run of several rules shares what it reads, and none sees another's shadow."""
    options = {"timezone": timezone, "max_findings": max_findings, "fail_on": fail_on}
    agree(sources, rules, setup, order=order, **options)
