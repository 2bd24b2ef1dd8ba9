"""What a rule says, in the words of rule files again: selectors, conditions, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..amounts import duration
from ..expression import (
    And,
    Comparison,
    Condition,
    IsMissing,
    IsVoid,
    Like,
    Matches,
    Membership,
    Name,
    Not,
    Number,
    Operand,
    Or,
    Selector,
    Text,
)
from ..model import Parameter, Percent

_LOOSEST, _OR, _AND, _NOT, _PLAIN = range(5)


def parameter_text(parameter: Parameter, value: Any) -> str:
    """A parameter as it could be written; named selectors and conditions in full."""
    if parameter.type == "duration":
        return duration(value)
    if isinstance(value, tuple):
        separator = " -> " if parameter.type == "selectors" else ", "
        return separator.join(_text(item) for item in value)
    return _text(value)


def named_selectors(parameters: Mapping[str, Any]) -> dict[str, Selector]:
    """The selectors that the rule calls by the name of an event, by that name."""
    values = [v for value in parameters.values() for v in _each(value)]
    selectors = [value for value in values if isinstance(value, Selector)]
    return {one.text: one for one in selectors if one.text not in (selector_text(one), one.tag)}


def selector_text(selector: Selector) -> str:
    """A selector in full, whatever name it was called by."""
    tag = selector.tag or "*"
    return tag if selector.where is None else f"{tag} where {condition_text(selector.where)}"


def condition_text(condition: Condition, around: int = _LOOSEST) -> str:
    """A condition that reads as the same tree; parentheses only where they are needed."""
    match condition:
        case Or():
            text, own = " or ".join(condition_text(t, _OR) for t in condition.terms), _OR
        case And():
            text, own = " and ".join(condition_text(t, _AND) for t in condition.terms), _AND
        case Not(term=IsMissing(name=name)):
            return f"{_name(name)} is not missing"
        case Not(term=IsVoid(name=name)):
            return f"{_name(name)} is not void"
        case Not():
            return f"not {condition_text(condition.term, _NOT)}"
        case _:
            text, own = _plain(condition), _PLAIN
    return f"({text})" if own <= around else text


def _plain(
    condition: Comparison | Membership | Like | Matches | IsMissing | IsVoid,
) -> str:
    match condition:
        case Comparison(operator=operator, left=left, right=right):
            return f"{_operand(left)} {operator} {_operand(right)}"
        case Membership(name=name, items=items):
            return f"{_name(name)} in [{', '.join(map(_operand, items))}]"
        case Like(name=name, glob=glob):
            return f"{_name(name)} like {_string(glob)}"
        case Matches(name=name, pattern=pattern):
            return f"{_name(name)} matches {_string(pattern)}"
        case IsMissing(name=name):
            return f"{_name(name)} is missing"
        case IsVoid(name=name):
            return f"{_name(name)} is void"


def _operand(operand: Operand) -> str:
    match operand:
        case Name():
            return _name(operand)
        case Number(text=text):
            return text
        case Text(value=value):
            return _string(value)


def _name(name: Name) -> str:
    return f"{name.side}.{name.name}" if name.side else name.name


def _string(value: str) -> str:
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(value: Any) -> str:
    if isinstance(value, Selector):
        return value.text
    if isinstance(value, Percent):
        return value.text
    if isinstance(value, bool | int | str):
        return str(value)
    return condition_text(value)


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)
