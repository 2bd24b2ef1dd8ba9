"""All rules of a run together: what they need, one preparation a batch, merges, outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..conditions.compiler import Vocabulary
from ..events.table import EventBatch, Needs, Seen
from ..model.rules import RuleSet, Severity
from ..model.tuning import DEFAULT_TUNING, Tuning
from ..model.verdict import Evidence, Input, Totals, Unseen, Verdict
from ..text.masking import Masking
from ..text.wording import nearest
from .kind import UNBOUNDED, Bounds, Context, Judgement, Kind, names_of
from .outcomes import outcome_of, verdict_of
from .projection import ProjectedBatch, Projection
from .state import Partial, State

_NEAR = 0.75
"""How alike a name that is there must be to be suggested for one that is not."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule in its run, and the kind that judges it."""

    kind: Kind
    context: Context


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of a run, compiled for it; `projection` are all that they ask of events."""

    rules: tuple[Planned, ...]
    vocabulary: Vocabulary
    needs: Needs
    projection: Projection
    tuning: Tuning = DEFAULT_TUNING

    def project(self, batch: EventBatch) -> ProjectedBatch:
        """A batch with the answers to all that the rules ask of it."""
        return ProjectedBatch(batch, self.projection)

    def prepare(self, projected: ProjectedBatch) -> Partial:
        """What each rule takes from a part of the log."""
        batch = projected.batch
        states = tuple(rule.kind.prepare(rule.context, projected) for rule in self.rules)
        return Partial(states, batch.totals, self._seen([batch.seen]), batch.late_arrivals)

    def merge(self, parts: Sequence[Partial]) -> Partial:
        """Join what was prepared from neighbouring parts of the log, in order."""
        states = tuple(
            rule.kind.merge(rule.context, [part.states[at] for part in parts])
            for at, rule in enumerate(self.rules)
        )
        return self.gathered(states, parts)

    def gathered(self, states: Iterable[State], parts: Sequence[Partial]) -> Partial:
        """States made of those of several parts, with what is counted beside the rules."""
        totals = Totals.added(part.totals for part in parts)
        late_arrivals = sum(part.late_arrivals for part in parts)
        return Partial(
            tuple(states), totals, self._seen(part.seen for part in parts), late_arrivals
        )

    def _seen(self, parts: Iterable[Seen]) -> Seen:
        """The names of all parts: those that rules ask for, and of the others the first few.

        Others only serve as suggestions; a log of made-up names must not fill the memory.
        """

        def bounded(names: frozenset[str], asked: frozenset[str]) -> frozenset[str]:
            others = sorted(names - asked)[: self.tuning.names]
            return names & asked | frozenset(others)

        seen = Seen.joined(parts)
        return Seen(
            bounded(seen.tags, self.needs.tags),
            bounded(seen.names, self.needs.spellings),
            seen.stamps,
        )

    def beginning(self, *, anchored: bool = True) -> Partial:
        """What is known before the first line: nothing, and, if `anchored`, that nothing came."""
        nothing = self.prepare(self.project(EventBatch.empty(self.needs)))
        return self.merge([nothing.anchored() if anchored else nothing])

    def judge(self, whole: Partial, *, closed: bool) -> tuple[Judgement, ...]:
        """What each rule finds in a log that is closed, or may go on."""
        found = []
        for rule, state in zip(self.rules, whole.states, strict=True):
            judged = rule.kind.judge(rule.context, state, closed)
            if whole.late_arrivals and rule.kind.spec.keyed:  # to which order matters
                late = Counter(late_arrivals=whole.late_arrivals)
                judged = replace(judged, counts=judged.counts + late)
            found.append(judged)
        return tuple(found)

    def verdict(
        self,
        whole: Partial,
        judged: Sequence[Judgement],
        inputs: Sequence[Input],
        fail_on: Severity,
    ) -> Verdict:
        """The outcome of each rule, and the verdict of all."""
        outcomes = tuple(
            outcome_of(rule.kind, rule.context, one, self._never_seen(rule, whole.seen), fail_on)
            for rule, one in zip(self.rules, judged, strict=True)
        )
        return Verdict(
            verdict_of(outcomes),
            tuple(inputs),
            whole.totals,
            outcomes,
            stamps_not_read=tuple(sorted(whole.seen.stamps)),
        )

    def of_files(self, paths: Mapping[int, str]) -> Plan:
        """The same plan for other files."""
        vocabulary = replace(self.vocabulary, paths=paths)
        projection = Projection.of(self.projection.truths, self.projection.keyed, vocabulary)
        return replace(
            self._with(vocabulary=vocabulary), vocabulary=vocabulary, projection=projection
        )

    def keeping(self, max_findings: int | None) -> Plan:
        """The same plan, that keeps another number of findings."""
        return self._with(max_findings=max_findings)

    def _with(self, **context: Any) -> Plan:
        rules = (replace(rule, context=replace(rule.context, **context)) for rule in self.rules)
        return replace(self, rules=tuple(rules))

    def untimed(self, place: int, text: str) -> Evidence | None:
        """An event that stands in no order of time, if some rule asks for that order."""
        ordered = (rule for rule in self.rules if rule.kind.spec.keyed)
        return next((rule.context.evidence(place, text) for rule in ordered), None)

    def _never_seen(self, rule: Planned, seen: Seen) -> Iterator[Unseen]:
        """The tags, then the fields, that a rule names and the log never shows."""
        named = rule.context.rule
        tags = {selector.tag for selector in named.selectors if selector.tag}
        for tag in sorted(tags - seen.tags):
            yield Unseen("tag", tag, _nearest(tag, seen.tags))
        names = {name.name for name in names_of(named, rule.kind.spec)}
        for name in sorted(names & self.needs.fields.keys()):
            if not seen.names.intersection(self.needs.fields[name]):
                yield Unseen("field", name, _nearest(name, seen.names))


def make_plan(  # noqa: PLR0913 - by keyword, most of them
    rules: RuleSet,
    kinds: Mapping[str, Kind],
    paths: Mapping[int, str],
    *,
    max_findings: int | None,
    bounds: Bounds = UNBOUNDED,
    timezone: str = "UTC",
    tuning: Tuning = DEFAULT_TUNING,
) -> Plan:
    """Compile the enabled rules of a rule set for files `paths`. `max_findings` are kept."""

    def spellings(name: str) -> tuple[str, ...]:
        return (name, *rules.aliases.get(name, ()))

    enabled = [(kinds[rule.kind], rule) for rule in rules.rules if rule.enabled]
    keys = dict.fromkeys(rule.key or () for kind, rule in enabled if kind.spec.keyed)
    selectors = dict.fromkeys(one for _, rule in enabled for one in rule.selectors)
    names = {name.name for kind, rule in enabled for name in names_of(rule, kind.spec)}
    fields = {name for name in names if not name.startswith("@")}.union(*keys)
    needs = Needs(
        tags=frozenset(selector.tag for selector in selectors if selector.tag),
        fields={name: spellings(name) for name in sorted(fields)},
        level="@level" in names,
        logger="@logger" in names,
        timezone=timezone,
    )
    vocabulary = Vocabulary(rules.void, rules.units, paths)
    masking = Masking(frozenset(name for one in rules.personal for name in spellings(one)))
    planned = tuple(
        Planned(kind, Context(rule, vocabulary, max_findings, bounds, needs.tags, masking, tuning))
        for kind, rule in enabled
    )
    return Plan(planned, vocabulary, needs, Projection.of(selectors, keys, vocabulary), tuning)


def _nearest(name: str, names: Collection[str]) -> str | None:
    return nearest(name, sorted(names), cutoff=_NEAR, among=len(names))
