"""All rules of a run together: what they need, one preparation a batch, merges, outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..conditions.compiler import Vocabulary
from ..events.table import EventBatch, Needs
from ..model.rules import RuleSet, Severity
from ..model.tuning import DEFAULT_TUNING, Tuning
from ..model.verdict import Evidence, Input, Totals, Verdict
from ..text.masking import Masking
from .kind import UNBOUNDED, Bounds, Context, Judgement, Kind, names_of
from .outcomes import outcome_of, verdict_of
from .projection import ProjectedBatch, Projection
from .seen import Asked, texts_of
from .state import Partial, State


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
    asked: Asked
    tuning: Tuning = DEFAULT_TUNING

    def project(self, batch: EventBatch) -> ProjectedBatch:
        """A batch with the answers to all that the rules ask of it."""
        return ProjectedBatch(batch, self.projection)

    def prepare(self, projected: ProjectedBatch) -> Partial:
        """What each rule takes from a part of the log."""
        batch = projected.batch
        states = tuple(rule.kind.prepare(rule.context, projected) for rule in self.rules)
        return Partial(states, batch.totals, self.asked.noted(projected), batch.late_arrivals)

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
            tuple(states), totals, self.asked.joined(part.seen for part in parts), late_arrivals
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
        asking = [(rule.kind.spec, rule.context) for rule in self.rules]
        never_seen = self.asked.never_seen(asking, whole.seen)
        outcomes = tuple(
            outcome_of(rule.kind, rule.context, found, unseen, fail_on)
            for rule, found, unseen in zip(self.rules, judged, never_seen, strict=True)
        )
        return Verdict(verdict_of(outcomes), tuple(inputs), whole.totals, outcomes)

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
    projection = Projection.of(selectors, keys, vocabulary)
    texts = (pair for kind, rule in enabled for pair in texts_of(rule, kind.spec))
    return Plan(planned, vocabulary, needs, projection, Asked.of(needs, texts, tuning), tuning)
