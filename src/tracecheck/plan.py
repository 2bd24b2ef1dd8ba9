"""All rules of a run together: what they need, one preparation a stretch, one fold, outcomes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from .conditions import Vocabulary
from .events import Needs, Seen, Stretch
from .expression import Condition, Name, Selector, names_in
from .kind import Context, Judgement, Kind, Reading, State
from .lines.places import file_and_line
from .masking import Masking
from .model import (
    SEVERITIES,
    Evidence,
    Finding,
    Input,
    Outcome,
    OutcomeName,
    Reason,
    RuleSet,
    RuleSpec,
    Severity,
    Totals,
    Unseen,
    Verdict,
)

EXIT_CODES: Mapping[OutcomeName, int] = {"pass": 0, "fail": 1, "inconclusive": 3}

_WORTH_MERGING = 200_000
"""Rows that wait to be merged, at the least: one large merge costs less than many small."""

_MOST_NAMES = 1_000
"""Names that no rule asks for which are remembered, to suggest them for one never seen."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of a run with their kinds, compiled for it. `paths` are the files, by number."""

    rules: RuleSet
    contexts: tuple[Context, ...]
    kinds: tuple[Kind, ...]
    vocabulary: Vocabulary
    needs: Needs
    selectors: tuple[Selector, ...]
    keys: tuple[tuple[str, ...], ...]
    paths: tuple[str, ...]

    def prepare(self, stretch: Stretch) -> Prepared:
        """What each rule takes from a stretch of log."""
        reading = Reading(stretch, self.vocabulary, self.selectors, self.keys)
        states = [
            kind.prepare(context, reading)
            for kind, context in zip(self.kinds, self.contexts, strict=True)
        ]
        return Prepared(tuple(states), stretch.totals, stretch.seen)

    def merge(self, parts: Sequence[Prepared]) -> Prepared:
        """Join what was prepared from neighbouring stretches, in order."""
        states = [
            kind.merge(context, [part.states[at] for part in parts])
            for at, (kind, context) in enumerate(zip(self.kinds, self.contexts, strict=True))
        ]
        totals = Totals(
            *(sum(getattr(part.totals, name) for part in parts) for name in Totals.__slots__)
        )
        return Prepared(tuple(states), totals, self._seen(parts))

    def _seen(self, parts: Sequence[Prepared]) -> Seen:
        """The names of all parts: those that rules ask for, and of the others the first few.

        Others only serve as suggestions; a log of made-up names must not fill the memory.
        """

        def bounded(names: frozenset[str], asked: frozenset[str]) -> frozenset[str]:
            others = sorted(names - asked)[:_MOST_NAMES]
            return names & asked | frozenset(others)

        tags = frozenset().union(*(part.seen.tags for part in parts))
        names = frozenset().union(*(part.seen.names for part in parts))
        return Seen(bounded(tags, self.needs.tags), bounded(names, self.needs.spellings))

    def beginning(self) -> Prepared:
        """What is known before the first line: nothing, and that nothing came before."""
        empty = self.prepare(Stretch.empty(self.needs))
        states = tuple(replace(state, anchored=True) for state in empty.states)
        return Prepared(states, empty.totals, empty.seen)

    def judge(self, whole: Prepared, inputs: Sequence[Input], fail_on: Severity) -> Verdict:
        """Close the log: the outcome of each rule, and the verdict of all."""
        outcomes = tuple(
            self._outcome(kind, context, state, whole.seen, fail_on)
            for kind, context, state in zip(self.kinds, self.contexts, whole.states, strict=True)
        )
        verdict = _verdict(outcomes)
        return Verdict(verdict, EXIT_CODES[verdict], tuple(inputs), whole.totals, outcomes)

    def _outcome(
        self, kind: Kind, context: Context, state: State, seen: Seen, fail_on: Severity
    ) -> Outcome:
        judged = kind.judge(context, state)
        name, reason = _called(context.rule, judged)
        shown = [
            self._finding(context, kind, judged, row)
            for row in judged.findings.head(
                judged.findings.height if context.most is None else context.most
            ).iter_rows(named=True)
        ]
        return Outcome(
            rule=context.rule,
            outcome=name,
            reason=reason,
            subjects=judged.subjects,
            violations=judged.violations,
            unattributed=judged.unattributed,
            weak=judged.weak,
            never_seen=tuple(_never_seen(self.rules, context.rule, seen)),
            classes=judged.classes,
            measure=judged.measure,
            findings=tuple(shown),
            findings_omitted=judged.violations - len(shown),
            counted=SEVERITIES.index(context.rule.severity) <= SEVERITIES.index(fail_on),
        )

    def _finding(
        self, context: Context, kind: Kind, judged: Judgement, row: Mapping[str, Any]
    ) -> Finding:
        key = dict(zip(context.rule.key or (), row["key"], strict=bool(row["key"])))
        places = map(file_and_line, row["places"])
        return Finding(
            class_=kind.spec.classes[row["class"]],
            key={
                name: context.masking.value(name, value) if value else value
                for name, value in key.items()
            }
            if row["key"]
            else {},
            message=judged.message(row),
            evidence=tuple(
                Evidence(self.paths[file], line, context.masking.text(text))
                for (file, line), text in zip(places, row["texts"], strict=True)
            ),
        )


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all rules of a plan know of a stretch, with its totals and the names it shows."""

    states: tuple[State, ...]
    totals: Totals
    seen: Seen

    @property
    def height(self) -> int:
        """How many open events the states hold, which is what a merge costs."""
        return sum(state.height for state in self.states)


class Fold:
    """Stretch after stretch into one state, from the beginning of the log.

    Merges when as much is waiting as there is already, so that the whole costs no more than
    sorting it, even where nothing ever settles.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._whole = plan.beginning()
        self._waiting: list[Prepared] = []
        self._height = 0

    def add(self, part: Prepared) -> None:
        """Take the next stretch."""
        self._waiting.append(part)
        self._height += part.height
        if self._height >= max(_WORTH_MERGING, self._whole.height // 2):
            self.whole()

    def whole(self) -> Prepared:
        """All that was taken so far, merged."""
        if self._waiting:
            self._whole = self._plan.merge([self._whole, *self._waiting])
            self._waiting, self._height = [], 0
        return self._whole


def make_plan(
    rules: RuleSet,
    kinds: Mapping[str, Kind],
    paths: Sequence[str],
    *,
    most: int | None,
    zone: str = "UTC",
    interleaved: bool = False,
) -> Plan:
    """Compile the enabled rules of a rule set for files `paths`. `most` findings are kept."""
    enabled = [rule for rule in rules.rules if rule.enabled]
    vocabulary = Vocabulary(rules.void, rules.units, tuple(paths))
    tags = frozenset(
        selector.tag for rule in enabled for selector in _selectors(rule) if selector.tag
    )
    masking = Masking(frozenset(_spellings(rules, rules.personal)))
    names = {name.name for rule in enabled for name in _names(rule)}
    keys = {name for rule in enabled if kinds[rule.kind].spec.keyed for name in rule.key or ()}
    fields = sorted({name for name in names | keys if not name.startswith("@")})
    timed = any("within" in rule.parameters for rule in enabled)
    needs = Needs(
        tags=tags,
        fields={name: (name, *rules.aliases.get(name, ())) for name in fields},
        time=interleaved or timed or "@time" in names,
        level="@level" in names,
        logger="@logger" in names,
        zone=zone,
    )
    return Plan(
        rules,
        tuple(Context(rule, vocabulary, most, tags, masking) for rule in enabled),
        tuple(kinds[rule.kind] for rule in enabled),
        vocabulary,
        needs,
        tuple(dict.fromkeys(selector for rule in enabled for selector in _selectors(rule))),
        tuple(dict.fromkeys(rule.key or () for rule in enabled if kinds[rule.kind].spec.keyed)),
        tuple(paths),
    )


def _called(rule: RuleSpec, judged: Judgement) -> tuple[OutcomeName, Reason | None]:
    """An outcome's name, and the first reason that stands against a pass (section 5)."""
    if judged.violations:
        return "fail", None
    if judged.unattributed and not rule.allow_unattributed:
        return "inconclusive", "unattributed"
    if not judged.subjects and not rule.allow_empty:
        return "inconclusive", "no_evidence"
    if judged.too_few and judged.subjects:
        return "inconclusive", "too_few"
    if judged.incomparable:
        return "inconclusive", "incomparable"
    if judged.no_time:
        return "inconclusive", "no_time"
    return "pass", None


def _verdict(outcomes: Iterable[Outcome]) -> OutcomeName:
    names = [outcome.outcome for outcome in outcomes if outcome.counted]
    if "fail" in names:
        return "fail"
    return "inconclusive" if "inconclusive" in names or not names else "pass"


def _selectors(rule: RuleSpec) -> list[Selector]:
    found: list[Selector] = []
    for value in rule.parameters.values():
        candidates = value if isinstance(value, tuple) else (value,)
        found += [candidate for candidate in candidates if isinstance(candidate, Selector)]
    return found


def _names(rule: RuleSpec) -> list[Name]:
    """Fields and attributes the rule itself names: in conditions, `fields`, its own key."""
    conditions: list[Condition | None] = [selector.where for selector in _selectors(rule)]
    conditions.append(rule.parameters.get("expect"))
    fields = rule.parameters.get("fields", ()) + ((rule.key or ()) if rule.own_key else ())
    return [name for condition in conditions for name in names_in(condition)] + [
        Name(name) for name in fields
    ]


def _spellings(rules: RuleSet, names: Iterable[str]) -> list[str]:
    return sorted({spelling for name in names for spelling in (name, *rules.aliases.get(name, ()))})


def _never_seen(rules: RuleSet, rule: RuleSpec, seen: Seen) -> Iterable[Unseen]:
    tags = {selector.tag for selector in _selectors(rule) if selector.tag}
    for tag in sorted(tags - seen.tags):
        yield Unseen("tag", tag, _nearest(tag, seen.tags))
    names = {name.name for name in _names(rule) if not name.is_attribute}
    for name in sorted(names):
        if not seen.names.intersection(_spellings(rules, [name])):
            yield Unseen("field", name, _nearest(name, seen.names))


def _nearest(name: str, names: Iterable[str]) -> str | None:
    found = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.75)
    return found[0] if found else None
