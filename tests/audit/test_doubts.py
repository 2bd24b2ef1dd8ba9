"""What a rule file says and hardly means is warned of; what is meant is not."""

from __future__ import annotations

import pytest
from laws.engine import loaded

from tracecheck.api.rules import SPECS, load_rules
from tracecheck.audit.doubts import doubts


def told(rules: str, **file: str) -> list[str]:
    more = "".join(f"{name}: {value}\n" for name, value in file.items())
    found = loaded(f"version: 1\n{more}rules:\n{rules}")
    return [f"{doubt.rule.id}: {doubt.message} ({doubt.hint})" for doubt in doubts(found, SPECS)]


def handoff(from_: str, to: str, expect: str = "", kind: str = "handoff") -> str:
    expected = f", expect: '{expect}'" if expect else ""
    fields = ", fields: [n]" if kind == "consistent" else ""
    return f"  - id: r\n    {kind}: {{from: '{from_}', to: '{to}'{expected}{fields}}}\n"


def forbid(where: str, rule_id: str = "r") -> str:
    return f"  - id: {rule_id}\n    forbid: {{where: '{where}'}}\n"


@pytest.mark.parametrize(
    ("where", "word"),
    [
        ("AA where phase == planner", "planner"),
        ("AA where phase != planner and n == 1", "planner"),
        ('AA where phase in ["x", planner]', "planner"),
        ("AA where not (phase == planner or phase == planner)", "planner"),
        ('AA where "x" == phase and phase == eu-west', "eu-west"),
    ],
)
def test_a_bare_word_that_nothing_else_names_is_doubtful(where: str, word: str) -> None:
    field = f"`{word}` right of an operator is a field, which nothing else names"
    assert told(forbid(where)) == [f'r: {field} (a text is written "{word}")']


@pytest.mark.parametrize(
    ("rules", "file"),
    [
        (forbid('AA where phase == "planner"'), {}),
        (forbid("AA where a == b and b > 1"), {}),
        (forbid("AA where a == b") + forbid("AA where b is missing", "s"), {}),
        (forbid("AA where a == conv"), {}),
        (forbid("AA where a == mine"), {"aliases": "{mine: [my]}"}),
        (forbid("AA where a == size"), {"units": "{size: MB}"}),
        (forbid("AA where a == who"), {"personal": "[who]"}),
        (forbid("AA where a == @level"), {}),
        (handoff("AA", "BB", "to.a == from.b"), {}),
        (forbid("AA where a < b"), {}),
    ],
)
def test_a_bare_word_that_is_a_field_is_not(rules: str, file: dict[str, str]) -> None:
    assert told(rules, **file) == []


def test_a_word_of_an_event_that_several_rules_name_is_told_once() -> None:
    rules = forbid("planned") + forbid("planned where n == 1", "s")
    assert len(told(rules, events="{planned: AA where phase == planner}")) == 1


@pytest.mark.parametrize("kind", ["handoff", "consistent"])
@pytest.mark.parametrize(
    ("from_", "to", "doubtful"),
    [
        ("AA", "AA where x == 1", True),
        ("AA where x == 1", "AA where y == 2 and x == 1", True),
        ("* where x == 1", "AA where x == 1", True),
        ("AA where x == 1", "AA", False),
        ("AA where x == 1", "AA where x == 2", False),
        ("AA where x == 1 or y == 1", "AA where x == 1", False),
        ("AA", "BB where x == 1", False),
        ("AA", "* where x == 1", False),
    ],
)
def test_a_to_that_its_from_always_takes_is_doubtful(
    from_: str, to: str, doubtful: bool, kind: str
) -> None:
    never = "every event of `to` is also one of `from`, as which it counts: `to` never matches"
    expected = [f"r: {never} (let `from` exclude it: and not (\u2026))"] if doubtful else []
    assert told(handoff(from_, to, kind=kind)) == expected


def test_a_step_that_an_earlier_one_always_takes_is_doubtful() -> None:
    rules = "  - id: r\n    sequence: {steps: [AA, BB, AA where x == 1, 'BB where x == 2']}\n"
    assert [one.split(",")[0] for one in told(rules)] == [
        "r: every event of step 3 is also one of step 1",
        "r: every event of step 4 is also one of step 2",
    ]


@pytest.mark.parametrize(
    ("rule", "doubtful"),
    [
        ("require: {where: AA, at_most: 1}", True),
        ("rate: {of: 'AA where x == 1', over: AA, at_least: 5%}", True),
        ("handoff: {from: AA, to: BB}", False),
    ],
)
def test_a_key_that_its_kind_ignores_is_doubtful(rule: str, doubtful: bool) -> None:
    found = told(f"  - id: r\n    key: [id]\n    {rule}\n")
    assert [one.split(":")[1] for one in found] == ([" `key` is ignored"] if doubtful else [])
    assert told(f"  - id: r\n    {rule}\n", key="[id]") == []


def test_what_is_shipped_is_beyond_doubt() -> None:
    assert list(doubts(load_rules("golive"), SPECS)) == []
