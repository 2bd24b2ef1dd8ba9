"""The frozen values that pass between rooms: what a rule says, and what a run yields.

Words are the contract's (section 1). Nothing here reads a log or prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

Severity = Literal["critical", "high", "medium", "low"]
SEVERITIES: tuple[Severity, ...] = ("critical", "high", "medium", "low")

OutcomeName = Literal["pass", "fail", "inconclusive"]
_EXIT_CODES: Mapping[OutcomeName, int] = {"pass": 0, "fail": 1, "inconclusive": 3}
Reason = Literal[
    "evicted",  # these three only while a log is followed
    "late_arrivals",
    "pending",
    "unattributed",
    "no_evidence",
    "too_few",
    "incomparable",
    "no_time",
]

DEFECTS = ("malformed", "undecodable", "too_long", "duplicate_field")
"""The classes of a defective line, first that applies first (contract, section 7)."""

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
    "choice",  # str, one of `choices`
]


@dataclass(frozen=True, slots=True)
class Percent:
    """A share of 1, exact, with the text the author wrote (`95%`)."""

    share: Fraction
    text: str


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
    `own_key` tells that the rule itself named it.
    """

    id: str
    kind: str
    severity: Severity
    parameters: Mapping[str, Any]
    key: tuple[str, ...] | None
    own_key: bool = False
    title: str = ""
    why: str = ""
    remedy: str = ""
    enabled: bool = True
    allow_unattributed: bool = False
    allow_empty: bool = False
    examples: tuple[Example, ...] = ()
    path: str = ""
    line: int = 0


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


@dataclass(frozen=True, slots=True)
class Evidence:
    """One line that shows a violation: the file as given or found, the 1-based line, its text."""

    path: str
    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One violation. `key` maps each key field to its value, None where it is missing."""

    class_: str
    key: Mapping[str, str | None]
    message: str
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Unseen:
    """A tag or field a rule names that the log never shows, with the nearest that it does."""

    what: Literal["tag", "field"]
    name: str
    nearest: str | None


@dataclass(frozen=True, slots=True)
class Measure:
    """What a rate measured: `of` out of `over` events, against the limit as written."""

    of: int
    over: int
    limit: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one rule yields (contract, section 5). `counted`: it can fail the run.

    `doubt` is the first line that the reason speaks of, where it speaks of lines. While a log is
    followed, `open` counts the subjects that are not settled yet, `oldest_open` is the time (ns
    since the epoch) of the oldest that has one, and `evicted` and `late_arrivals` count what the
    reasons of these names are about. A `fail` is settled; all else may still change.
    """

    rule: RuleSpec
    outcome: OutcomeName
    reason: Reason | None
    subjects: int
    violations: int
    unattributed: int
    weak: int
    never_seen: tuple[Unseen, ...]
    classes: Mapping[str, int]
    measure: Measure | None
    findings: tuple[Finding, ...]
    findings_omitted: int
    counted: bool = True
    doubt: Evidence | None = None
    open: int = 0
    oldest_open: int | None = None
    evicted: int = 0
    late_arrivals: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """One file that was read: its path as given or found, its lines, its bytes decompressed."""

    path: str
    lines: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts over all lines; lines = events + plain + malformed."""

    lines: int = 0
    events: int = 0
    plain: int = 0
    malformed: int = 0
    undecodable: int = 0
    too_long: int = 0
    duplicate_field: int = 0

    @staticmethod
    def added(parts: Iterable[Totals]) -> Totals:
        """The counts of several stretches together."""
        several = list(parts)
        return Totals(*(sum(getattr(one, name) for one in several) for name in Totals.__slots__))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the run yields, and everything behind it.

    `judged_by` are the rule files, as given or by their shipped names. `untimed` is the event
    without a time for which several sources were not interleaved, but follow each other.
    """

    verdict: OutcomeName
    inputs: tuple[Input, ...]
    totals: Totals
    outcomes: tuple[Outcome, ...]
    judged_by: tuple[str, ...] = ()
    untimed: Evidence | None = None

    @property
    def exit_code(self) -> int:
        """What the verdict maps to (contract, section 5)."""
        return _EXIT_CODES[self.verdict]
