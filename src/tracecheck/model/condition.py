"""The typed tree of selectors and conditions (contract, section 6), as the grammar reads it.

What was typed stays beside what it means (`text`), so that messages can quote the author.
White space, parentheses and the names of events play no part in whether two trees are equal.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

Side = Literal["", "from", "to"]
Operator = Literal["==", "!=", "<", "<=", ">", ">="]

LINE_ATTRIBUTES = ("@tag", "@text", "@level", "@logger", "@time", "@source", "@line")


@dataclass(frozen=True, slots=True)
class Name:
    """A field (`count`) or an attribute of the line (`@tag`); `side` is set in an `expect`."""

    name: str
    side: Side = ""


@dataclass(frozen=True, slots=True)
class Text:
    """A quoted string."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number literal, exact and in base units (seconds, bytes, share of 1, per second)."""

    value: Fraction
    text: str


Operand = Name | Text | Number


@dataclass(frozen=True, slots=True, kw_only=True)
class _Typed:
    """A condition; `text` is what was typed, of a whole condition and not of its parts."""

    text: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Comparison(_Typed):
    """`left operator right`; at least one side is a Name."""

    operator: Operator
    left: Operand
    right: Operand


@dataclass(frozen=True, slots=True)
class Membership(_Typed):
    """`name in [items]`: equal to one of the items, by the rules of `==`."""

    name: Name
    items: tuple[Operand, ...]


@dataclass(frozen=True, slots=True)
class Like(_Typed):
    """`name like "glob"`: the whole value matches, with `*` and `?`."""

    name: Name
    glob: str


@dataclass(frozen=True, slots=True)
class Matches(_Typed):
    """`name matches "regex"`: the pattern is found anywhere in the value."""

    name: Name
    pattern: str


@dataclass(frozen=True, slots=True)
class IsMissing(_Typed):
    """`name is missing`: the line has no such field."""

    name: Name


@dataclass(frozen=True, slots=True)
class IsVoid(_Typed):
    """`name is void`: missing, or one of the declared void values."""

    name: Name


@dataclass(frozen=True, slots=True)
class Not(_Typed):
    """`not term`."""

    term: Condition


@dataclass(frozen=True, slots=True)
class And(_Typed):
    """Terms joined by `and`."""

    terms: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Or(_Typed):
    """Terms joined by `or`."""

    terms: tuple[Condition, ...]


Condition = Comparison | Membership | Like | Matches | IsMissing | IsVoid | Not | And | Or


@dataclass(frozen=True, slots=True)
class Selector:
    """`TAG where CONDITION`; `tag` is None for `*`, `where` is None without a condition.

    `base` is the named event that the text begins with; what it says is part of `where`.
    """

    tag: str | None
    where: Condition | None
    text: str = field(compare=False)
    base: Selector | None = field(default=None, compare=False, repr=False)

    @property
    def head(self) -> str:
        """The first word of the text: where there is a `base`, its name."""
        return self.text.split(maxsplit=1)[0]


def texts_in(tree: Condition | None) -> tuple[tuple[str, str], ...]:
    """Every text that a field is compared with by `==` or `in`, behind the name of the field."""
    match tree:
        case Comparison("==", Name(name), Text(text)):
            found = [(name, text)]
        case Membership(Name(name), items):
            found = [(name, item.value) for item in items if isinstance(item, Text)]
        case Not():
            return texts_in(tree.term)
        case And() | Or():
            return tuple(pair for term in tree.terms for pair in texts_in(term))
        case _:
            return ()
    return tuple(pair for pair in found if pair[0] not in LINE_ATTRIBUTES)


def names_in(tree: Condition | None) -> tuple[Name, ...]:
    """Every name the condition reads, in order of appearance, repeats kept."""
    match tree:
        case None:
            return ()
        case Comparison():
            return tuple(side for side in (tree.left, tree.right) if isinstance(side, Name))
        case Membership():
            return (tree.name, *(item for item in tree.items if isinstance(item, Name)))
        case Not():
            return names_in(tree.term)
        case And() | Or():
            return tuple(name for term in tree.terms for name in names_in(term))
        case _:
            return (tree.name,)
