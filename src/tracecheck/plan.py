"""All rules of a run together: what they need, one preparation a stretch, one fold, outcomes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from .conditions import Vocabulary
from .events import Needs, Seen, Stretch
from .expression import Selector
from .kind import Context, Kind, Reading, State, names_of, selectors_of
from .masking import Masking
from .model import Evidence, Input, RuleSet, RuleSpec, Severity, Totals, Unseen, Verdict
from .outcomes import outcome_of, verdict_of
from .wording import nearest

_WORTH_MERGING = 200_000
"""Rows that wait to be merged, at the least: one large merge costs less than many small."""

_ROWS_OF_A_PART = 12_500
"""What a stretch counts for beside its open events: its findings and names take room too."""

_MOST_NAMES = 1_000
"""Names that no rule asks for which are remembered, to suggest them for one never seen."""

_NEAR = 0.75
"""How alike a name that is there must be to be suggested for one that is not."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A rule in its run, and the kind that judges it."""

    kind: Kind
    context: Context


@dataclass(frozen=True, slots=True)
class Plan:
    """The rules of a run, compiled for it; `selectors` and `keys` are all that they ask for."""

    rules: tuple[Planned, ...]
    vocabulary: Vocabulary
    needs: Needs
    selectors: tuple[Selector, ...]
    keys: tuple[tuple[str, ...], ...]

    def prepare(self, stretch: Stretch) -> Prepared:
        """What each rule takes from a stretch of log."""
        reading = Reading(stretch, self.vocabulary, self.selectors, self.keys)
        states = tuple(rule.kind.prepare(rule.context, reading) for rule in self.rules)
        return Prepared(states, stretch.totals, self._seen([stretch.seen]))

    def merge(self, parts: Sequence[Prepared]) -> Prepared:
        """Join what was prepared from neighbouring stretches, in order."""
        states = tuple(
            rule.kind.merge(rule.context, [part.states[at] for part in parts])
            for at, rule in enumerate(self.rules)
        )
        totals = Totals.added(part.totals for part in parts)
        return Prepared(states, totals, self._seen(part.seen for part in parts))

    def _seen(self, parts: Iterable[Seen]) -> Seen:
        """The names of all parts: those that rules ask for, and of the others the first few.

        Others only serve as suggestions; a log of made-up names must not fill the memory.
        """

        def bounded(names: frozenset[str], asked: frozenset[str]) -> frozenset[str]:
            others = sorted(names - asked)[:_MOST_NAMES]
            return names & asked | frozenset(others)

        seen = Seen.joined(parts)
        return Seen(bounded(seen.tags, self.needs.tags), bounded(seen.names, self.needs.spellings))

    def beginning(self) -> Prepared:
        """What is known before the first line: nothing, and that nothing came before."""
        return self.prepare(Stretch.empty(self.needs)).anchored()

    def judge(self, whole: Prepared, inputs: Sequence[Input], fail_on: Severity) -> Verdict:
        """Close the log: the outcome of each rule, and the verdict of all."""
        outcomes = tuple(
            outcome_of(rule.kind, rule.context, state, self._never_seen(rule, whole.seen), fail_on)
            for rule, state in zip(self.rules, whole.states, strict=True)
        )
        return Verdict(verdict_of(outcomes), tuple(inputs), whole.totals, outcomes)

    def untimed(self, place: int, text: str) -> Evidence | None:
        """An event that stands in no order of time, if some rule asks for that order."""
        ordered = (rule for rule in self.rules if rule.kind.spec.keyed)
        return next((rule.context.evidence(place, text) for rule in ordered), None)

    def _never_seen(self, rule: Planned, seen: Seen) -> Iterator[Unseen]:
        """The tags, then the fields, that a rule names and the log never shows."""
        named = rule.context.rule
        tags = {selector.tag for selector in selectors_of(named) if selector.tag}
        for tag in sorted(tags - seen.tags):
            yield Unseen("tag", tag, _nearest(tag, seen.tags))
        names = {name.name for name in names_of(named, rule.kind.spec) if not name.is_attribute}
        for name in sorted(names):
            if not seen.names.intersection(self.needs.fields[name]):
                yield Unseen("field", name, _nearest(name, seen.names))


@dataclass(frozen=True, slots=True)
class Prepared:
    """What all rules of a plan know of a stretch, with its totals and the names it shows."""

    states: tuple[State, ...]
    totals: Totals
    seen: Seen

    def anchored(self) -> Prepared:
        """The same where nothing comes before the stretch."""
        return replace(self, states=tuple(replace(one, anchored=True) for one in self.states))

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
        self._whole: Prepared | None = None
        self._waiting: list[Prepared] = []
        self._height = 0

    def add(self, part: Prepared) -> None:
        """Take the next stretch."""
        if self._whole is None:
            self._whole = part.anchored()
            return
        self._waiting.append(part)
        self._height += part.height + _ROWS_OF_A_PART
        if self._height >= max(_WORTH_MERGING, self._whole.height // 2):
            self.whole()

    def whole(self) -> Prepared:
        """All that was taken so far, merged."""
        if self._whole is None:
            return self._plan.beginning()
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

    def spellings(name: str) -> tuple[str, ...]:
        return (name, *rules.aliases.get(name, ()))

    enabled = [(kinds[rule.kind], rule) for rule in rules.rules if rule.enabled]
    keys = dict.fromkeys(rule.key or () for kind, rule in enabled if kind.spec.keyed)
    selectors = dict.fromkeys(one for _, rule in enabled for one in selectors_of(rule))
    names = {name.name for kind, rule in enabled for name in names_of(rule, kind.spec)}
    fields = {name for name in names if not name.startswith("@")}.union(*keys)
    needs = Needs(
        tags=frozenset(selector.tag for selector in selectors if selector.tag),
        fields={name: spellings(name) for name in sorted(fields)},
        time=interleaved or "@time" in names or any(_is_timed(*one) for one in enabled),
        level="@level" in names,
        logger="@logger" in names,
        zone=zone,
    )
    vocabulary = Vocabulary(rules.void, rules.units, tuple(paths))
    masking = Masking(frozenset(name for one in rules.personal for name in spellings(one)))
    planned = tuple(
        Planned(kind, Context(rule, vocabulary, most, needs.tags, masking))
        for kind, rule in enabled
    )
    return Plan(planned, vocabulary, needs, tuple(selectors), tuple(keys))


def _is_timed(kind: Kind, rule: RuleSpec) -> bool:
    """Whether the rule compares times."""
    durations = [one.name for one in kind.spec.parameters if one.type == "duration"]
    return any(rule.parameters.get(name) is not None for name in durations)


def _nearest(name: str, names: Collection[str]) -> str | None:
    return nearest(name, sorted(names), cutoff=_NEAR, among=len(names))
