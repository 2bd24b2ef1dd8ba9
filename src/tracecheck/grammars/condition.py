"""Selectors and conditions: text to tree (contract, section 6). The grammar is condition.lark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any, get_args

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from ..expression import (
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
    Selector,
    Side,
    Text,
)
from ..patterns import glob_pattern, pattern_problem
from ..wording import nearest, quoted
from .mistakes import ConditionError, stray_character, unexpected_word
from .quantities import number_like, parse_number, unknown_unit
from .trace_line import character_class

TAG = re.compile(character_class("TAG_WORD"))
NAME = re.compile(character_class("NAME"))

_DEEPEST = 64
_LONGEST = 64 * 1024
_FLIPPED: Mapping[str, Operator] = {
    "==": "==",
    "!=": "!=",
    "<": ">",
    "<=": ">=",
    ">": "<",
    ">=": "<=",
}
_NO_EVENTS: Mapping[str, Selector] = MappingProxyType({})


def parse_condition(text: str, sides: bool = False) -> Condition:
    """The condition that `text` is; with `sides`, over `from.x` and `to.x` (an `expect`)."""
    condition: Condition = _parse(text, "condition", sides)
    return replace(condition, text=text.strip())


def parse_selector(text: str, events: Mapping[str, Selector] = _NO_EVENTS) -> Selector:
    """The selector that `text` is; `events` are the named selectors it may begin with."""
    head, where = _parse(text, "selector", sides=False)
    shown = text.strip()
    if head == "*":
        return Selector(None, where, shown)
    if head in events:
        event = events[head]
        return Selector(event.tag, _both(event.where, where), shown, event)
    if TAG.fullmatch(head):
        return Selector(str(head), where, shown)
    raise _unknown_head(head, events)


def names_with_places(text: str) -> Iterator[tuple[str, int]]:
    """The names in a text that parses, with their offsets; also the head of a selector."""
    for token in _parser(sides=False).lex(text):
        if token.type == "NAME":
            yield str(token), _place(token)


def _parse(text: str, start: str, sides: bool) -> Any:
    if len(text) > _LONGEST:
        raise ConditionError(f"a condition has at most {_LONGEST} characters", _LONGEST)
    parser: Any = _parser(sides).parse_interactive(text, start=start)
    nesting: list[str] = []
    words = [""]
    try:
        for token in parser.iter_parse():
            words.append(str(token))
            _nest(nesting, token)
        return parser.feed_eof()
    except UnexpectedCharacters as error:
        raise stray_character(text, error.pos_in_stream or 0, parser.accepts()) from None
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        place = len(text.rstrip()) if at_end else _place(error.token)
        before, word = (words[-1], "") if at_end else words[-2:]
        raise unexpected_word(word, place, parser.accepts(), before) from None


@cache
def _parser(sides: bool) -> Lark:
    return Lark.open(
        "condition.lark",
        rel_to=__file__,
        start=["selector", "condition"],
        parser="lalr",
        lexer="basic",
        transformer=_Builder(sides),
    )


def _nest(nesting: list[str], token: Token) -> None:
    """Keep the open `(` and `not`s; what is too deep would exhaust the stack of its readers."""
    if token in ("(", "not"):
        nesting.append(str(token))
        if len(nesting) > _DEEPEST:
            raise ConditionError(f"nested more than {_DEEPEST} deep", _place(token))
        return
    if token == ")" and "(" in nesting:
        while nesting.pop() != "(":
            pass
    while nesting and nesting[-1] == "not":
        nesting.pop()


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Makes the tree while the parser reduces; refuses what the grammar cannot."""

    def __init__(self, sides: bool) -> None:
        super().__init__()
        self._sides = sides

    def selector(self, head: Token, where: Condition | None) -> tuple[Token, Condition | None]:
        return head, where

    def condition(self, condition: Condition) -> Condition:
        return condition

    def any_of(self, *terms: Condition) -> Condition:
        return Or(terms)

    def all_of(self, *terms: Condition) -> Condition:
        return And(terms)

    def negated(self, term: Condition) -> Condition:
        return Not(term)

    def compared(self, left: Token, operator: Token, right: Token) -> Condition:
        sign: Operator = next(sign for sign in get_args(Operator) if sign == operator)
        first = self._read(left)
        if isinstance(first, Name):
            _refuse_number_like(right)
        second = self._read(right)
        if not isinstance(first, Name):
            if not isinstance(second, Name):
                raise ConditionError(
                    "two literals compare always the same", _place(left), "one side is a field"
                )
            left, right = right, left
            first, second, sign = second, first, _FLIPPED[sign]
        if sign not in ("==", "!=") and isinstance(second, Text):
            bare = parse_number(second.value)
            raise ConditionError(
                f"`{sign}` compares numbers, not strings",
                _place(right),
                f"without the quotes: {second.value}" if bare else "==",
            )
        return Comparison(sign, first, second)

    def member(self, name: Token, *items: Token) -> Condition:
        for item in items:
            _refuse_number_like(item)
        return Membership(self._name(name, "in"), tuple(self._read(item) for item in items))

    def like(self, name: Token, glob: Token) -> Condition:
        text = _string(glob, "like")
        if problem := pattern_problem(glob_pattern(text)):
            raise ConditionError(f"this glob cannot be used: {problem}", _place(glob))
        return Like(self._name(name, "like"), text)

    def matches(self, name: Token, pattern: Token) -> Condition:
        regex = _string(pattern, "matches")
        if problem := pattern_problem(regex):
            raise ConditionError(f"this pattern cannot be used: {problem}", _place(pattern))
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
            raise ConditionError(f"the left side of `{operator}` is a field", _place(token))
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
                f"{quoted(token)} is on neither side", _place(token), f"from.{bare} or to.{bare}"
            )
        if token.type == "SIDED" and not side:
            raise ConditionError(
                f"{quoted(token)} has a side, which only an `expect` has",
                _place(token),
                token[token.index("@") :],
            )
        if name.startswith("@") and name not in LINE_ATTRIBUTES:
            raise ConditionError(
                f"{quoted(name)} is no attribute of a line",
                _place(token),
                nearest(name, LINE_ATTRIBUTES) or " ".join(LINE_ATTRIBUTES),
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
        raise ConditionError(error.message, _place(token)) from None
    if number is None and not NAME.fullmatch(token):
        _refuse_number_like(token)
    return number


def _refuse_number_like(token: Token) -> None:
    """Where a literal is usual, `5secs` and `1e3` are mistakes and not fields of that name."""
    error = None
    if token.type == "NUMBER":
        error = unknown_unit(token)
    elif token.type == "NAME":
        error = number_like(token)
    if error:
        raise ConditionError(error.message, _place(token) + error.position, error.hint)


def _string(token: Token, operator: str) -> str:
    if token.type != "STRING":
        raise ConditionError(
            f"the right side of `{operator}` is a string in quotes", _place(token), f'"{token}"'
        )
    return _unescaped(token)


def _unescaped(token: Token) -> str:
    # Any other backslash stays: patterns are full of them.
    return re.sub(r"""\\(["'\\])""", r"\1", token[1:-1])


def _place(token: Token) -> int:
    return token.start_pos or 0


def _both(left: Condition | None, right: Condition | None) -> Condition | None:
    """Both conditions, on one level: a chain of named events must not grow deep."""
    if left is None or right is None:
        return left or right
    terms = (term.terms if isinstance(term, And) else (term,) for term in (left, right))
    return And(tuple(term for group in terms for term in group))


def _unknown_head(head: Token, events: Mapping[str, Selector]) -> ConditionError:
    hint = nearest(head, events)
    if hint is None and TAG.fullmatch(head.upper()):
        hint = f"a TAG is upper case: {head.upper()}"
    return ConditionError(f"{quoted(head)} is neither a TAG nor a named event", _place(head), hint)
