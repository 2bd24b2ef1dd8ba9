"""What a kind of rule is: how it prepares a batch of events, merges and judges.

A kind never says how it is run. `prepare` makes a small state out of a batch of events; `merge`
joins the states of neighbouring parts of the log, in order, and is associative; `judge` reads the
outcome off a state, of a log that is closed or that may go on. A check folds part after part; any
other tree of merges gives the same. `expire` lets go of what a log that goes on for days must not
keep.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from ..conditions.compiler import Vocabulary
from ..model.condition import Name, Selector, names_in
from ..model.rules import KindSpec, RuleSpec
from ..model.verdict import Evidence, Measure
from ..reading.lines.places import file_and_line
from ..text.masking import MASK, Masking
from ..text.wording import quoted
from .projection import ProjectedBatch
from .state import State


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rule may keep in memory, None for all there is.

    `open_keys` are keys under which something is not settled; `closed_keys` are those that are
    remembered to tell a duplicate from an orphan.
    """

    open_keys: int | None = None
    closed_keys: int | None = None


UNBOUNDED = Bounds()


@dataclass(frozen=True, slots=True)
class Context:
    """One rule in one run.

    `most` is how many findings are kept, None for all; `tags` are those the run's rules name;
    `masking` knows the fields whose values no report may show.
    """

    rule: RuleSpec
    vocabulary: Vocabulary
    max_findings: int | None = None
    bounds: Bounds = UNBOUNDED
    tags: frozenset[str] = frozenset()
    masking: Masking = field(default_factory=Masking)

    def shown(self, name: str, value: str | None) -> str:
        """A field's value for a message: quoted, masked where it is personal."""
        if value is None:
            return "missing"
        shown = self.masking.value(name, value)
        return shown if shown == MASK else f'"{shown}"'

    def evidence(self, place: int, text: str) -> Evidence:
        """A line as a report may show it."""
        file, line = file_and_line(place)
        return Evidence(self.vocabulary.paths[file], line, self.masking.text(text))

    @property
    def wanted(self) -> str:
        """What `where` or `text` looks for, in the author's words, for a message."""
        if "text" in self.parameters:
            return f"a line that matches {quoted(self.parameters['text'])}"
        return quoted(self.parameters["where"].text)

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The rule's parameters, by name."""
        return self.rule.parameters


Message = Callable[[Mapping[str, Any]], str]
"""The words for a finding, a row of `findings.FINDINGS` by column name."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule finds in a log, before it becomes an outcome.

    In a log that may go on, `violations` are those that are settled; `pending` tells that what
    is not settled yet may decide, `open` (Int64) are the times of the subjects that are not
    settled, null where there is none, and `due` those after which they violate, first that of
    the line `first_due` (place and text). `evicted` counts
    keys that were let go of unsettled, `late_arrivals` what came after it was settled otherwise.

    `incomparable` and `no_time` tell that some subject could not be called; `too_few` that a
    share was not judged at all; `reason_evidence` (columns `findings.REASON_EVIDENCE`) which
    lines say so first. `findings` (columns `findings.FINDINGS`) are the first in event order;
    `message` makes the words for one of its rows. `excused` (likewise) are the first that a rule
    tolerates: what is read later may stand before them, and then they violate.
    """

    subjects: int
    classes: Mapping[str, int]
    violations: int
    findings: pl.DataFrame
    message: Message
    unattributed: int = 0
    weak: int = 0
    incomparable: bool = False
    no_time: bool = False
    too_few: bool = False
    reason_evidence: pl.DataFrame | None = None
    excused: pl.DataFrame | None = None
    measure: Measure | None = None
    pending: bool = False
    open: pl.Series | None = None
    due: pl.Series | None = None
    first_due: tuple[int, str] | None = None
    evicted: int = 0
    late_arrivals: int = 0


class Judge(Protocol):
    """Reads off a state what a rule finds."""

    def __call__(self, context: Context, state: State, *, closed: bool) -> Judgement:
        """Judge a log that is `closed`, or one that may go on."""


def _kept(context: Context) -> int | None:
    return context.max_findings


def _nothing_expired(_context: Context, state: State, _until: int | None) -> State:
    return state


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule: what a rule file may say of it, and its steps.

    `expire` is asked of a merged state: what `log_time` (ns, None
    without one) has passed is settled, and what exceeds the bounds goes. What became overdue is
    in the table `overdue` (FINDINGS, provisional) of what it returns.

    `kept` is how many rows of its table of findings a state needs. Where `gathers`, these rows
    are the evidence of one violation, else a violation each.
    """

    spec: KindSpec
    prepare: Callable[[Context, ProjectedBatch], State]
    merge: Callable[[Context, Sequence[State]], State]
    judge: Judge
    expire: Callable[[Context, State, int | None], State] = _nothing_expired
    kept: Callable[[Context], int | None] = _kept
    gathers: bool = False


def selectors_of(rule: RuleSpec) -> list[Selector]:
    """The selectors among the rule's parameters."""
    values = rule.parameters.values()
    each = [one for value in values for one in (value if isinstance(value, tuple) else (value,))]
    return [one for one in each if isinstance(one, Selector)]


def names_of(rule: RuleSpec, spec: KindSpec) -> list[Name]:
    """Fields and attributes the rule itself names: in conditions, as fields, in its own key."""
    names = [name for selector in selectors_of(rule) for name in names_in(selector.where)]
    for parameter in spec.parameters:
        value = rule.parameters.get(parameter.name)
        if parameter.type == "expectation":
            names += names_in(value)
        elif parameter.type == "fields":
            names += map(Name, value or ())
    return names + [Name(name) for name in (rule.key or () if rule.own_key else ())]
