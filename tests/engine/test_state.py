"""A state comes back as it was written down, or not at all."""

from __future__ import annotations

import pytest
from laws.engine import loaded

from tracecheck.engine.plan import Plan, make_plan
from tracecheck.engine.state import Partial
from tracecheck.kinds import KINDS
from tracecheck.kinds.handoff.kind import Handoffs


@pytest.fixture
def plan() -> Plan:
    rules = {
        "key": ["k"],
        "rules": [
            {"id": "none", "forbid": {"where": "AA"}},
            {"id": "all", "handoff": {"from": "AA", "to": "BB"}},
        ],
    }
    return make_plan(loaded(rules), KINDS, {0: "a.log"}, max_findings=20)


def test_each_state_comes_back_as_what_it_was(plan: Plan) -> None:
    beginning = plan.beginning()
    again = Partial.read(beginning, *beginning.written())
    assert [type(state) for state in again.states] == [type(state) for state in beginning.states]
    assert isinstance(again.states[1], Handoffs)


@pytest.mark.parametrize("name", ["0.rows", "1.row", "1."])
def test_a_table_that_the_state_has_no_place_for_is_refused(plan: Plan, name: str) -> None:
    values, tables = plan.beginning().written()
    with pytest.raises(TypeError):
        Partial.read(plan.beginning(), values, {**tables, name: tables["1.rows"]})


def test_a_state_without_its_open_events_is_refused(plan: Plan) -> None:
    values, tables = plan.beginning().written()
    del tables["1.rows"]
    with pytest.raises(TypeError):
        Partial.read(plan.beginning(), values, tables)
