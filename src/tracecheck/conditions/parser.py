"""Selectors and conditions: text to tree (contract, section 6). The grammar is condition.lark."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from lark import Lark, Token
from lark.exceptions import UnexpectedCharacters, UnexpectedToken, VisitError

from ..events.trace_line.grammar import character_class
from ..grammars import Grammar
from ..model.condition import And, Condition, Selector
from ..text.wording import quoted, suggestion
from .builder import place_of, tree_builder
from .mistakes import ConditionError, stray_character, unexpected_word

CONDITION = Grammar(__package__, "condition", ("selector", "condition"), "basic")
TAG = re.compile(character_class("TAG_WORD"))

_DEEPEST = 64
_LONGEST = 64 * 1024
_NO_EVENTS: Mapping[str, Selector] = MappingProxyType({})


def parse_condition(text: str, sides: bool = False) -> Condition:
    """The condition that `text` is; with `sides`, over `from.x` and `to.x` (an `expect`).

    Raises ConditionError.
    """
    condition: Condition = _parse(text, "condition", sides)
    return replace(condition, text=text.strip())


def parse_selector(text: str, events: Mapping[str, Selector] = _NO_EVENTS) -> Selector:
    """The selector that `text` is; `events` are the named selectors it may begin with.

    Raises ConditionError.
    """
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
    for token in _parser().lex(text):
        if token.type == "NAME":
            yield str(token), place_of(token)


def _parse(text: str, start: str, sides: bool) -> Any:
    if len(text) > _LONGEST:
        raise ConditionError(f"a condition has at most {_LONGEST} characters", _LONGEST)
    parser: Any = _parser().parse_interactive(text, start=start)
    nesting: list[str] = []
    words = [""]
    try:
        for token in parser.iter_parse():
            words.append(str(token))
            _nest(nesting, token)
        return tree_builder(sides=sides).transform(parser.feed_eof())
    except VisitError as error:
        raise error.orig_exc from None
    except UnexpectedCharacters as error:
        raise stray_character(text, error.pos_in_stream or 0, parser.accepts()) from None
    except UnexpectedToken as error:
        at_end = error.token.type == "$END"
        place = len(text.rstrip()) if at_end else place_of(error.token)
        before, word = (words[-1], "") if at_end else words[-2:]
        raise unexpected_word(text, word, place, parser.accepts(), before) from None


@cache
def _parser() -> Lark:
    return CONDITION.parser()


def _nest(nesting: list[str], token: Token) -> None:
    """Keep the open `(` and `not`s; what is too deep would exhaust the stack of its readers."""
    if token in ("(", "not"):
        nesting.append(str(token))
        if len(nesting) > _DEEPEST:
            raise ConditionError(f"nested more than {_DEEPEST} deep", place_of(token))
        return
    if token == ")" and "(" in nesting:
        while nesting.pop() != "(":
            pass
    while nesting and nesting[-1] == "not":
        nesting.pop()


def _both(left: Condition | None, right: Condition | None) -> Condition | None:
    """Both conditions, on one level: a chain of named events must not grow deep."""
    if left is None or right is None:
        return left or right
    terms = (term.terms if isinstance(term, And) else (term,) for term in (left, right))
    return And(tuple(term for group in terms for term in group))


def _unknown_head(head: Token, events: Mapping[str, Selector]) -> ConditionError:
    hint = suggestion(head, events)
    if hint is None and TAG.fullmatch(head.upper()):
        hint = f"a TAG is upper case: {head.upper()}"
    return ConditionError(
        f"{quoted(head)} is neither a TAG nor a named event", place_of(head), hint
    )
