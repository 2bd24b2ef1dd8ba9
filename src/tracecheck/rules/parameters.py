"""The parameters of a kind: one reader for each `ParameterType`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from ..conditions.parser import parse_condition, parse_selector
from ..conditions.patterns import pattern_problem
from ..conditions.quantities import parse_duration, parse_percent, percent_hint
from ..model.condition import Selector
from ..model.rules import Budget, Parameter, ParameterType, Percent
from ..text.wording import quoted, suggestion
from .nodes import Node, items
from .scope import BUDGET, COUNT, COUNT_OR_PERCENT, DURATION, PERCENT, Scope

LARGEST_COUNT = 2**63 - 1
_BUDGETS = ("violate", "allow")
_WHOLE_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")

Reader = Callable[[Node, Parameter, Scope], Any]


def read_parameter(node: Node, parameter: Parameter, scope: Scope) -> Any:
    """The value of one parameter, in the type that `ParameterType` says. Raises Fault."""
    return _READERS[parameter.type](node, parameter, scope)


def read_selector(node: Node, scope: Scope) -> Selector:
    """A selector, or the name of one. Raises Fault."""
    return scope.code(node, "a selector", partial(parse_selector, events=scope.events))


def read_count(node: Node, scope: Scope, at_least: int = 0) -> int:
    """A whole number, written plainly. Raises Fault."""
    value = scope.text(node, COUNT, numbers=True)
    if not _WHOLE_NUMBER.fullmatch(value.text) or int(value.text) > LARGEST_COUNT:
        raise value.fault(f"expected a whole number, got {quoted(value.text)}")
    if value.scalar.tag == "str" and not value.substituted:
        raise value.fault("expected a number, got a text", f"{value.text} without quotes")
    if int(value.text) < at_least:
        raise value.fault(f"{value.text} is too few", f"at least {at_least}")
    return int(value.text)


def read_choice(node: Node, choices: tuple[str, ...], scope: Scope) -> str:
    """One of the choices. Raises Fault."""
    value = scope.text(node, f"one of {', '.join(choices)}")
    if value.text not in choices:
        raise value.fault(
            f"expected one of {', '.join(choices)}, got {quoted(value.text)}",
            suggestion(value.text, choices),
        )
    return value.text


def read_each(
    nodes: tuple[Node, ...], read: Callable[[Node], Any], scope: Scope, *, distinct: bool = False
) -> tuple[Any, ...]:
    """What `read` makes of each node; a fault of one does not hide those of the others."""
    values: list[Any] = []
    for node in nodes:
        with scope.complaints.catching():
            value = read(node)
            if distinct and value in values:
                raise node.fault(f"{quoted(value)} is named twice")
            values.append(value)
    return tuple(values)


def _enough(
    node: Node,
    what: str,
    parameter: Parameter,
    scope: Scope,
    read: Callable[[Node], Any],
    *,
    distinct: bool = False,
) -> tuple[Any, ...]:
    nodes = items(node, what, texts=True)
    fewest = max(1, parameter.at_least)
    if len(nodes) < fewest:
        raise node.fault(f"{quoted(parameter.name)} has too few items", f"at least {fewest}")
    return read_each(nodes, read, scope, distinct=distinct)


def _regex(node: Node, _: Parameter, scope: Scope) -> str:
    value = scope.text(node, "a pattern")
    if problem := pattern_problem(value.text):
        raise value.fault(f"this pattern cannot be used: {problem}")
    return value.text


def _count_or_percent(node: Node, parameter: Parameter, scope: Scope) -> int | Percent:
    value = scope.text(node, COUNT_OR_PERCENT, numbers=True)
    if "%" in value.text:
        return value.parsed(parse_percent)
    if "." in value.text and (hint := percent_hint(value.text)):
        raise value.fault(f"expected {COUNT_OR_PERCENT}, got {quoted(value.text)}", hint)
    return read_count(node, scope, parameter.at_least)


def _budget(node: Node, parameter: Parameter, scope: Scope) -> Budget:
    value = scope.text(node, BUDGET, numbers=True)
    if value.text in _BUDGETS:
        return value.text  # type: ignore[return-value]  # one of the two
    if value.text[:1].isdigit() or value.text[:1] in {"+", "-", "."}:
        return _count_or_percent(node, parameter, scope)
    raise value.fault(
        f"expected {BUDGET}, got {quoted(value.text)}", suggestion(value.text, _BUDGETS)
    )


_READERS: Mapping[ParameterType, Reader] = {
    "selector": lambda node, _, scope: read_selector(node, scope),
    "selectors": lambda node, parameter, scope: _enough(
        node, "a list of selectors", parameter, scope, partial(read_selector, scope=scope)
    ),
    "expectation": lambda node, _, scope: scope.code(
        node, "a condition over from.x and to.x", partial(parse_condition, sides=True)
    ),
    "regex": _regex,
    "duration": lambda node, _, scope: scope.text(node, DURATION, numbers=True).parsed(
        parse_duration
    ),
    "count": lambda node, parameter, scope: read_count(node, scope, parameter.at_least),
    "percent": lambda node, _, scope: scope.text(node, PERCENT, numbers=True).parsed(parse_percent),
    "count_or_percent": _count_or_percent,
    "fields": lambda node, parameter, scope: _enough(
        node, "a list of field names", parameter, scope, scope.field_name, distinct=True
    ),
    "choices": lambda node, parameter, scope: _enough(
        node,
        f"a list out of {', '.join(parameter.choices)}",
        parameter,
        scope,
        partial(read_choice, choices=parameter.choices, scope=scope),
        distinct=True,
    ),
    "budget": _budget,
}
