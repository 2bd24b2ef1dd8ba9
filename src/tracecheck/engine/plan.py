"""All rules of a run together: what they need, one preparation a batch, merges, outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ..conditions.compiler import Vocabulary
from ..events.clocks import Clocks
from ..events.table import EventBatch, Needs
from ..model.bounds import UNBOUNDED, Bounds
from ..model.rules import RuleSet, Severity
from ..model.tuning import DEFAULT_TUNING, Tuning
from ..model.verdict import AskedOrder, Evidence, Input, Order, Totals, Verdict
from ..text.masking import Masking
from .findings import none_found
from .kind import Context, End, Judgement, Kind, Since, names_of
from .origins import Origin, Origins
from .outcomes import of_what_was_read, outcome_of, verdict_of
from .projection import ProjectedBatch, Projection
from .seen import Asked, texts_of
from .state import Chain, Partial, State


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule in its run, and the kind that judges it."""

    kind: Kind
    context: Context


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of a run, compiled for it; `projection` are all that they ask of events.

    `order` is the one that the run was asked to put events in, if it was.
    """

    rules: tuple[Planned, ...]
    vocabulary: Vocabulary
    needs: Needs
    projection: Projection
    asked: Asked
    tuning: Tuning = DEFAULT_TUNING
    order: AskedOrder | None = None

    def project(self, batch: EventBatch) -> ProjectedBatch:
        """A batch with the answers to all that the rules ask of it."""
        return ProjectedBatch(batch, self.projection)

    def prepare(self, projected: ProjectedBatch, origin: Origin | None = None) -> Partial:
        """What each rule takes from a part of the log.

        Where the order of events is not known, `origin` is an expression over chain events, as
        `origins` has them.
        """
        batch = projected.batch
        unread = {rule.context.since.waited for rule in self.rules}
        own = {ranges: projected.without(ranges) for ranges in unread}
        states = tuple(
            rule.kind.prepare(rule.context, own[rule.context.since.waited]) for rule in self.rules
        )
        origins = () if origin is None else tuple(_origins(state, origin) for state in states)
        return Partial(
            states,
            batch.totals,
            self.asked.noted(projected),
            batch.late_arrivals,
            _last_event(batch.events),
            batch.clocks,
            origins,
        )

    def merge(self, parts: Sequence[Partial]) -> Partial:
        """Join what was prepared from neighbouring parts of the log, in order."""
        states = tuple(
            rule.kind.merge(rule.context, [part.states[at] for part in parts])
            for at, rule in enumerate(self.rules)
        )
        return self.gathered(states, parts)

    def gathered(self, states: Iterable[State], parts: Sequence[Partial]) -> Partial:
        """States made of those of several parts, with what is counted beside the rules."""
        known = [part.last for part in parts if part.last is not None]
        return Partial(
            tuple(states),
            Totals.added(part.totals for part in parts),
            self.asked.joined(part.seen for part in parts),
            sum(part.late_arrivals for part in parts),
            max(known, key=lambda last: last[:2], default=None),
            Clocks.joined(part.clocks for part in parts),
            self._origins([part.origins for part in parts if part.origins]),
        )

    def _origins(self, parts: Sequence[tuple[Origins, ...]]) -> tuple[Origins, ...]:
        return tuple(
            Origins.joined([part[at] for part in parts], rule.context.bounds.open_keys)
            for at, rule in enumerate(self.rules if parts else ())
        )

    def beginning(self, *, anchored: bool = True) -> Partial:
        """What is known before the first line: nothing, and, if `anchored`, that nothing came.

        Sources begin with it in any case.
        """
        nothing = self.prepare(self.project(EventBatch.empty(self.needs)))
        start = replace(nothing, clocks=nothing.clocks.at_the_start())
        return self.merge([start.anchored() if anchored else start])

    def judge(
        self, whole: Partial, *, closed: bool, undecided: bool = False
    ) -> tuple[Judgement, ...]:
        """What each rule finds in a log that is closed, or may go on.

        `undecided`: the log goes on, and the order of what it has may turn out to be unknown.
        """
        found = []
        end = End(whole.last[2] if whole.last else None) if closed else None
        for at, (rule, state) in enumerate(zip(self.rules, whole.states, strict=True)):
            judged = rule.kind.judge(rule.context, state, end)
            if rule.kind.spec.keyed:  # to which order matters
                before = rule.context.since.late_arrivals
                late = Counter(late_arrivals=whole.late_arrivals - before)
                judged = replace(judged, counts=judged.counts + late)
                origins = whole.origins[at] if whole.origins else Origins()
                if origins.mixed or origins.lost:
                    counts = Counter(no_order=int(origins.mixed), evicted=origins.lost)
                    judged = _uncalled(replace(judged, pending=False, open=None), counts)
                elif undecided:
                    judged = _uncalled(replace(judged, pending=True), Counter())
            found.append(judged)
        return tuple(found)

    def verdict(
        self,
        whole: Partial,
        judged: Sequence[Judgement],
        inputs: Sequence[Input],
        fail_on: Severity,
    ) -> Verdict:
        """The outcome of each rule, and the verdict of all. Where bytes are unread, none passes."""
        judged = of_what_was_read(judged, inputs)
        asking = [(rule.kind.spec, rule.context) for rule in self.rules]
        never_seen = self.asked.never_seen(asking, whole.seen)
        outcomes = tuple(
            outcome_of(rule.kind, rule.context, found, unseen, fail_on)
            for rule, found, unseen in zip(self.rules, judged, never_seen, strict=True)
        )
        order = self._order(whole.clocks)
        return Verdict(
            verdict_of(outcomes),
            tuple(inputs),
            replace(whole.totals, time_goes_back=whole.clocks.back),
            outcomes,
            untimed=self._untimed(whole.clocks) if order == "unknown" else None,
            order=order,
            asked_order=self.order,
            span=whole.clocks.span,
            stamps_not_read=tuple(sorted(whole.seen.stamps)),
        )

    def _order(self, clocks: Clocks) -> Order:
        if self.order != "time" and len(clocks.by_source) < 2:
            return "lines"
        if self.order == "given":
            return "given"
        return "unknown" if clocks.untimed else "time"

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

    def beginning_at(self, since: Sequence[Since]) -> Plan:
        """The same plan, of whose rules each began there."""
        begun = (
            replace(rule, context=replace(rule.context, since=one))
            for rule, one in zip(self.rules, since, strict=True)
        )
        return replace(self, rules=tuple(begun))

    def _with(self, **context: Any) -> Plan:
        rules = (replace(rule, context=replace(rule.context, **context)) for rule in self.rules)
        return replace(self, rules=tuple(rules))

    def _untimed(self, clocks: Clocks) -> Evidence | None:
        """The first event that stands in no order of time, if some rule asks for that order."""
        ordered = (rule.context for rule in self.rules if rule.kind.spec.keyed)
        found = clocks.untimed
        return next((context.evidence(*found) for context in ordered if found), None)


def make_plan(  # noqa: PLR0913 - by keyword, most of them
    rules: RuleSet,
    kinds: Mapping[str, Kind],
    paths: Mapping[int, str],
    *,
    max_findings: int | None,
    bounds: Bounds = UNBOUNDED,
    timezone: str = "UTC",
    tuning: Tuning = DEFAULT_TUNING,
    order: AskedOrder | None = None,
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
        Planned(
            kind,
            Context(
                rule=rule,
                vocabulary=vocabulary,
                max_findings=max_findings,
                bounds=bounds,
                tags=needs.tags,
                fields=needs.spellings,
                masking=masking,
                tuning=tuning,
                timezone=timezone,
            ),
        )
        for kind, rule in enabled
    )
    projection = Projection.of(selectors, keys, vocabulary)
    texts = (pair for kind, rule in enabled for pair in texts_of(rule, kind.spec))
    asked = Asked.of(needs, texts, tuning)
    return Plan(planned, vocabulary, needs, projection, asked, tuning, order)


def _origins(state: State, origin: Origin) -> Origins:
    return Origins.of(state.rows, origin) if isinstance(state, Chain) else Origins()


def _uncalled(judged: Judgement, counts: Counter[str]) -> Judgement:
    """A judgement that tells its subjects, and nothing of what was found."""
    return replace(
        judged,
        classes=dict.fromkeys(judged.classes, 0),
        findings=none_found(),
        excused=None,
        counts=judged.counts + counts,
        due=None,
        first_due=None,
    )


def _last_event(events: pl.DataFrame) -> tuple[int, int, int | None] | None:
    """The order of the last of the events (EVENT), and its time."""
    latest = events.select("@when", "@place", "@time")
    if (when := latest["@when"]).n_unique() > 1:
        latest = latest.filter(when == when.max())
    at = latest["@place"].arg_max()
    return None if at is None else latest.row(at)
