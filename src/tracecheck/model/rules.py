"""What a rule says: the frozen values between rule files, kinds and reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from .condition import Selector

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

ParameterType = Literal[
    "selector",  # Selector
    "selectors",  # tuple[Selector, ...], at least `at_least` of them
    "expectation",  # Condition over from.x and to.x
    "regex",  # str, compiles as a linear-time pattern
    "duration",  # int, nanoseconds
    "count",  # int, at least `at_least`
    "percent",  # Percent
    "count_or_percent",  # int | Percent
    "fields",  # tuple[str, ...], at least `at_least` of them, no repeats
    "choices",  # tuple[str, ...] out of `choices`, no repeats
    "budget",  # Budget
]


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of 1, exact, with the text the author wrote (`95%`)."""

    share: Fraction
    text: str


Budget = Literal["violate", "allow"] | int | Percent
"""What a rule tolerates of a class: none, all, so many, or a share of its subjects."""


def within_budget(budget: Budget, count: int, subjects: int) -> bool:
    """Whether a rule tolerates `count` of a class, of so many subjects."""
    if isinstance(budget, Percent):
        return count <= budget.share * subjects
    if isinstance(budget, int):
        return count <= budget
    return budget == "allow" or not count


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of a kind: how the rule file may write it, and what it defaults to.

    A parameter that is absent and has no default is left out of `RuleSpec.parameters`.
    """

    name: str
    type: ParameterType
    about: str
    required: bool = False
    default: Any = None
    at_least: int = 0
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class KindSpec:
    """What a rule file needs to know of a kind: its parameters and classes, as data.

    `one_of`: groups of parameters of which exactly one must be given.
    `keyed`: the kind joins events by the rule's key.
    `check`: what the parameters alone cannot say; yields (parameter, complaint) pairs.
    """

    name: str
    about: str
    classes: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    keyed: bool = False
    check: Callable[[Mapping[str, Any]], list[tuple[str, str]]] = field(default=lambda _: [])


@dataclass(frozen=True, slots=True)
class Example:
    """A log inside a rule file that must hold, or break with exact counts a class."""

    log: str
    holds: bool
    classes: Mapping[str, int]
    path: str
    line: int


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """One rule as declared, its parameters parsed into the types of `ParameterType`.

    `key` is the resolved key (the rule's own, else the file's); None for `key: none`.
    With `own_key` the rule itself named it, and it is `key_ignored` where the kind joins nothing.
    """

    id: str
    kind: str
    severity: Severity
    parameters: Mapping[str, Any]
    key: tuple[str, ...] | None
    own_key: bool = False
    key_ignored: bool = False
    title: str = ""
    why: str = ""
    remedy: str = ""
    enabled: bool = True
    allow_unattributed: bool = False
    allow_empty: bool = False
    examples: tuple[Example, ...] = ()
    path: str = ""
    line: int = 0

    @property
    def selectors(self) -> list[Selector]:
        """The selectors among its parameters."""
        values = self.parameters.values()
        each = [one for value in values for one in (value if isinstance(value, tuple) else [value])]
        return [one for one in each if isinstance(one, Selector)]


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules of a run and the vocabulary they share (contract, section 10).

    `aliases`: canonical name to its other spellings, in order. `units`: field name to the
    factor that brings a bare value into base units (`ms` is 1/1000).
    """

    rules: tuple[RuleSpec, ...]
    aliases: Mapping[str, tuple[str, ...]]
    void: frozenset[str]
    personal: tuple[str, ...] = ("phone",)
    units: Mapping[str, Fraction] = field(default_factory=dict)
    name: str = ""
    about: str = ""
    paths: tuple[str, ...] = ()
