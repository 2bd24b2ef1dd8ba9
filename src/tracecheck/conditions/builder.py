"""From the words of a condition to its tree; refuses what the grammar cannot."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from lark import Token, Transformer, v_args

from ..events.trace_line.grammar import character_class
from ..model.condition import (
    LINE_ATTRIBUTES,
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
    Operator,
    Or,
    Side,
    Text,
)
from ..text.wording import did_you_mean, quoted, suggestion
from .mistakes import ConditionError
from .patterns import glob_pattern, pattern_problem
from .quantities import number_like, parse_number, unknown_unit

NAME = re.compile(character_class("NAME"))

_VALUES = ("true", "false", "yes", "no", "null", "none")
"""Words that nobody means as the name of a field where a value is usual, in any case."""

_FLIPPED: Mapping[str, Operator] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def tree_builder(*, sides: bool) -> Transformer[Token, Any]:
    """What makes the tree; with `sides`, the names in it are `from.x` and `to.x`."""
    return _TreeBuilder(sides)


def place_of(token: Token) -> int:
    """The offset of a token in its text."""
    return token.start_pos or 0


@v_args(inline=True)
class _TreeBuilder(Transformer[Token, Any]):
    """Makes the tree out of that of the parser."""

    def __init__(self, sides: bool) -> None:
        super().__init__()
        self._sides = sides

    def selector(self, head: Token, where: Condition | None) -> tuple[Token, Condition | None]:
        return head, where

    def any_of(self, *terms: Condition) -> Condition:
        return Or(terms)

    def all_of(self, *terms: Condition) -> Condition:
        return And(terms)

    def negated(self, term: Condition) -> Condition:
        return Not(term)

    def compared(self, left: Token, operator: Token, right: Token) -> Condition:
        sign: Operator = next(sign for sign in get_args(Operator) if sign == operator)
        first = self._read(left)
        _refuse_value(right)
        if isinstance(first, Name):
            _refuse_number_like(right)
        second = self._read(right)
        if not isinstance(first, Name):
            if not isinstance(second, Name):
                raise ConditionError(
                    "two literals compare always the same", place_of(left), "one side is a field"
                )
            left, right = right, left
            first, second, sign = second, first, _FLIPPED.get(sign, sign)
        if sign not in ("==", "!=") and isinstance(second, Text):
            bare = parse_number(second.value)
            raise ConditionError(
                f"`{sign}` compares numbers, not strings",
                place_of(right),
                f"without the quotes: {second.value}" if bare else did_you_mean("=="),
            )
        return Comparison(sign, first, second)

    def member(self, name: Token, *items: Token) -> Condition:
        for item in items:
            _refuse_value(item)
            _refuse_number_like(item)
        return Membership(self._name(name, "in"), tuple(self._read(item) for item in items))

    def like(self, name: Token, glob: Token) -> Condition:
        text = _string(glob, "like")
        if problem := pattern_problem(glob_pattern(text)):
            raise ConditionError(f"this glob cannot be used: {problem}", place_of(glob))
        return Like(self._name(name, "like"), text)

    def matches(self, name: Token, pattern: Token) -> Condition:
        regex = _string(pattern, "matches")
        if problem := pattern_problem(regex):
            raise ConditionError(f"this pattern cannot be used: {problem}", place_of(pattern))
        return Matches(self._name(name, "matches"), regex)

    def missing(self, name: Token, negation: Token | None) -> Condition:
        condition = IsMissing(self._name(name, "is missing"))
        return Not(condition) if negation else condition

    def void(self, name: Token, negation: Token | None) -> Condition:
        condition = IsVoid(self._name(name, "is void"))
        return Not(condition) if negation else condition

    def _name(self, token: Token, operator: str) -> Name:
        operand = self._read(token)
        if not isinstance(operand, Name):
            raise ConditionError(f"the left side of `{operator}` is a field", place_of(token))
        return operand

    def _read(self, token: Token) -> Operand:
        if token.type == "STRING":
            return Text(_unescaped(token))
        if token.type == "NUMBER" and (number := _number(token)):
            return number
        side, name = _split(token)
        if not self._sides:
            side, name = "", str(token)
        elif not side or not name:
            bare = str(token).removeprefix("from.").removeprefix("to.") or "x"
            raise ConditionError(
                f"{quoted(token)} is on neither side",
                place_of(token),
                did_you_mean(f"from.{bare} or to.{bare}"),
            )
        if token.type == "SIDED" and not side:
            raise ConditionError(
                f"{quoted(token)} has a side, which only an `expect` has",
                place_of(token),
                did_you_mean(token[token.index("@") :]),
            )
        if name.startswith("@") and name not in LINE_ATTRIBUTES:
            raise ConditionError(
                f"{quoted(name)} is no attribute of a line",
                place_of(token),
                suggestion(name, LINE_ATTRIBUTES) or f"one of {' '.join(LINE_ATTRIBUTES)}",
            )
        return Name(name, side)


def _split(token: Token) -> tuple[Side, str]:
    """`from.count` to its side and its name; without a side, ("", the whole)."""
    for side in ("from", "to"):
        if token.startswith(f"{side}."):
            return ("from" if side == "from" else "to"), token[len(side) + 1 :]
    return "", str(token)


def _number(token: Token) -> Number | None:
    """The number that the token is; None if it is a name that begins with digits."""
    try:
        number = parse_number(str(token))
    except ConditionError as error:
        raise ConditionError(error.message, place_of(token)) from None
    if number is None and not NAME.fullmatch(token):
        _refuse_number_like(token)
    return number


def _refuse_value(token: Token) -> None:
    """Right of an operator, `true` and `null` are mistakes and not fields of that name."""
    if token.type != "NAME" or token.lower() not in _VALUES:
        return
    nothing = "; for no value: is void" if token.lower() in ("null", "none") else ""
    raise ConditionError(
        f"{quoted(token)} reads as the name of a field",
        place_of(token),
        f'a text is written "{token}"{nothing}',
    )


def _refuse_number_like(token: Token) -> None:
    """Where a literal is usual, `5secs` and `1e3` are mistakes and not fields of that name."""
    error = None
    if token.type == "NUMBER":
        error = unknown_unit(token)
    elif token.type == "NAME":
        error = number_like(token)
    if error:
        raise ConditionError(error.message, place_of(token) + error.position, error.hint)


def _string(token: Token, operator: str) -> str:
    if token.type != "STRING":
        raise ConditionError(
            f"the right side of `{operator}` is a string in quotes",
            place_of(token),
            did_you_mean(f'"{token}"'),
        )
    return _unescaped(token)


def _unescaped(token: Token) -> str:
    # Any other backslash stays: patterns are full of them.
    return re.sub(r"""\\(["'\\])""", r"\1", token[1:-1])
