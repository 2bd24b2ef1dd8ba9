"""What a kind of rule is: how it prepares a batch of events, merges and judges.

A kind never says how it is run. `prepare` makes a small state out of a batch of events; `merge`
joins the states of neighbouring parts of the log, in order, and is associative; `judge` reads the
outcome off a state, of a log that is closed or that may go on. A check folds part after part; any
other tree of merges gives the same. `expire` drops what a log that goes on for days must not keep.
Kinds are made by `tallies.tally_kind` and `chain_kind.chain_kind`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from ..conditions.compiler import Vocabulary
from ..model.bounds import UNBOUNDED, Bounds
from ..model.condition import Condition, Name, names_in
from ..model.rules import Budget, KindSpec, RuleSpec
from ..model.tuning import DEFAULT_TUNING, Tuning
from ..model.verdict import Evidence, Measure
from ..reading.lines.places import file_and_line
from ..text.masking import MASK, Masking
from ..text.wording import quoted
from .findings import no_reasons, none_found
from .projection import ProjectedBatch
from .state import State


@dataclass(frozen=True, slots=True)
class End:
    """The end of a log that is closed: the time (ns) of its last event, None if it has none."""

    time: int | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """Where a rule began that did not begin with its run: behind so many `lines`.

    `late_arrivals` had come by then. `waited` are ranges of places (first, last), of events that
    had been read and waited for their turn: they are not the rule's.
    """

    lines: int
    late_arrivals: int = 0
    waited: tuple[tuple[int, int], ...] = ()


FROM_THE_START = Since(0)


@dataclass(frozen=True, slots=True)
class Context:
    """One rule in one run.

    `max_findings` of each class are kept, all if None; `tags` are those the run's rules name,
    `fields` those that they read, by all their spellings;
    `masking` knows the fields whose values no report may show; `timezone` is that of naive times.
    `since` is where the rule began.
    """

    rule: RuleSpec
    vocabulary: Vocabulary
    max_findings: int | None = None
    bounds: Bounds = UNBOUNDED
    tags: frozenset[str] = frozenset()
    masking: Masking = field(default_factory=Masking)
    tuning: Tuning = DEFAULT_TUNING
    timezone: str = "UTC"
    fields: frozenset[str] = frozenset()
    since: Since = FROM_THE_START

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
    def key(self) -> tuple[str, ...]:
        """The fields that tell subjects apart; none where the rule joins nothing."""
        return self.rule.key or ()

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The rule's parameters, by name."""
        return self.rule.parameters

    def budget(self, class_: str) -> Budget | None:
        """What the rule tolerates of a class; None: what is `open` is no finding, and no pass."""
        default = None if class_ == "open" else "violate"
        budget: Budget | None = self.parameters.get(class_, default)
        return budget

    def finds(self, class_: str) -> bool:
        """Whether there are findings of this class, and not a count alone."""
        return self.budget(class_) not in (None, "allow")


Message = Callable[[Mapping[str, Any]], str]
"""The words for a finding, a row of `findings.FINDINGS` by column name."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a rule finds in a log, before it becomes an outcome.

    `classes` counts by class what is settled; those in `allowed` are no violations, so far.
    `findings` (FINDINGS) are the first in event order; `message` makes the words for one of its
    rows. `excused` (likewise) are the first that a rule tolerates: by what is read later they may
    violate.

    `counts` are those of the state: `unattributed`, `weak`, `incomparable` and `no_time` subjects,
    keys that were `evicted` while open, `late_arrivals` that came after they were settled
    otherwise; and bytes that were left `unread` when the run ended. `reasons` (REASON_EVIDENCE) are
    the lines that gave some of these first. `too_few` tells that a share was not judged at all, and
    `ends_open` that the log ends too early to say.

    In a log that may go on, `pending` tells that a limit is not kept, and what follows may mend it.
    `open` (Int64, ns) are the times of the subjects that are not settled, null where there is none,
    and `harmless` tells that nothing that these may become stands against a pass;
    `due` (Int128, ns) those after which they violate, first that of `first_due` (place, text).
    """

    subjects: int
    classes: Mapping[str, int]
    findings: pl.DataFrame
    message: Message
    counts: Counter[str] = field(default_factory=Counter)
    reasons: pl.DataFrame = field(default_factory=no_reasons)
    allowed: Collection[str] = ()
    excused: pl.DataFrame | None = None
    too_few: bool = False
    ends_open: bool = False
    measure: Measure | None = None
    pending: bool = False
    open: pl.Series | None = None
    harmless: bool = False
    due: pl.Series | None = None
    first_due: tuple[int, str] | None = None

    @property
    def violations(self) -> int:
        """How many subjects violate the rule, for good."""
        return sum(count for name, count in self.classes.items() if name not in self.allowed)


Judge = Callable[[Context, Any, End | None], Judgement]
"""Reads off a state what a rule finds, in a log that is closed, or may go on (None)."""


def max_findings(context: Context) -> int | None:
    """As many as the run keeps of each rule."""
    return context.max_findings


Expired = tuple[State, pl.DataFrame]
"""A state, and findings (FINDINGS) of what became overdue, whose class may still change."""


def _nothing_expired(_context: Context, state: State, _log_time: int | None) -> Expired:
    return state, none_found()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of rule: what a rule file may say of it, and its steps.

    Each kind has its own type of `State`, and is given no other. `expire` is asked of a merged
    state: what is open for too long at `log_time` (ns, None without one) is marked, and what
    exceeds the bounds is dropped.

    `kept` is how many findings of each class a state needs. Where `gathers`, these are the evidence
    of one violation, else a violation each.
    """

    spec: KindSpec
    prepare: Callable[[Context, ProjectedBatch], State]
    merge: Callable[[Context, Sequence[Any]], State]
    judge: Judge
    expire: Callable[[Context, Any, int | None], Expired] = _nothing_expired
    kept: Callable[[Context], int | None] = max_findings
    gathers: bool = False


def conditions_of(rule: RuleSpec, spec: KindSpec) -> list[Condition | None]:
    """The conditions of a rule: those of its selectors, and what it expects."""
    expected = (
        rule.parameters.get(one.name) for one in spec.parameters if one.type == "expectation"
    )
    return [*(selector.where for selector in rule.selectors), *expected]


def names_of(rule: RuleSpec, spec: KindSpec) -> list[Name]:
    """Fields and attributes the rule itself names: in conditions, as fields, in its own key."""
    names = [name for condition in conditions_of(rule, spec) for name in names_in(condition)]
    for parameter in spec.parameters:
        if parameter.type == "fields":
            names += map(Name, rule.parameters.get(parameter.name) or ())
    return names + [Name(name) for name in (rule.key or () if rule.own_key else ())]
