"""What a log shows of what rules name, and what of it is never seen (contract, section 5).

What is noted of a part of the log stays small: of the names that no rule asks for, and of the
values of a field, only the least few. It is the same for the whole, however the log was cut.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from ..events.table import ATTRIBUTES, Needs, Seen
from ..events.trace_line.grammar import character_class
from ..model.condition import texts_in
from ..model.rules import KindSpec, RuleSpec
from ..model.tuning import Tuning
from ..model.verdict import Unseen
from ..text.wording import nearest
from .kind import Context, conditions_of, names_of
from .projection import ProjectedBatch

_NEAR = 0.75
"""How alike what is there must be to be suggested for what is not."""

_LONGEST = 120  # characters of a value that is remembered: a longer one is no suggestion
_SAMPLE = 1_000  # values of a batch that are looked at one by one: most have no others
_TOLD = 6
_TAG = re.compile(character_class("TAG_WORD"))
_COMPARISONS = 100_000  # of names that are alike, in one run


def texts_of(rule: RuleSpec, spec: KindSpec) -> set[tuple[str, str]]:
    """The texts that a rule compares fields with by `==` or `in`, behind the fields."""
    return {pair for condition in conditions_of(rule, spec) for pair in texts_in(condition)}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the rules of a run name, which is looked for in the log.

    `texts`: by field, those that some rule compares it with by `==` or `in`.
    """

    needs: Needs
    texts: Mapping[str, frozenset[str]]
    tuning: Tuning

    @staticmethod
    def of(needs: Needs, texts: Iterable[tuple[str, str]], tuning: Tuning) -> Asked:
        """What rules ask for that compare fields with these texts, and need these names."""
        by_field = {name: frozenset(found) for name, found in _by_field(texts).items()}
        return Asked(needs, by_field, tuning)

    def noted(self, projected: ProjectedBatch) -> Seen:
        """What is seen in a part of the log."""
        events = projected.events
        there = (name for name in ATTRIBUTES if name in events.columns)
        attributes = frozenset(name for name in there if events[name].count())
        values = frozenset(
            (name, value)
            for name, texts in self.texts.items()
            for value in _values(events[name].drop_nulls(), texts, self.tuning.values)
        )
        return self.joined([replace(projected.batch.seen, attributes=attributes, values=values)])

    def joined(self, parts: Iterable[Seen]) -> Seen:
        """What is seen in any of the parts: what rules ask for, and of all else the first few.

        The rest only serves as suggestions; a log of made-up names must not fill the memory.
        """
        seen = Seen.joined(parts)
        kept = (
            (name, value)
            for name, values in _by_field(seen.values).items()
            if name in self.texts  # as it may not be, where rules changed since it was seen
            for value in _kept(values, self.texts[name], self.tuning.values)
        )
        return Seen(
            _bounded(seen.tags, self.needs.tags, self.tuning.names),
            _bounded(seen.names, self.needs.spellings, self.tuning.names),
            seen.attributes,
            frozenset(kept),
            seen.stamps,
        )

    def never_seen(
        self, rules: Iterable[tuple[KindSpec, Context]], seen: Seen
    ) -> list[tuple[Unseen, ...]]:
        """Of each rule the tags, fields, attributes and values it names and the log never shows."""
        values = _by_field(seen.values)
        return [tuple(self._never_seen(spec, one, seen, values)) for spec, one in rules]

    def _never_seen(
        self, spec: KindSpec, context: Context, seen: Seen, values: Mapping[str, set[str]]
    ) -> Iterator[Unseen]:
        rule, masking = context.rule, context.masking
        for tag in sorted({one.tag for one in rule.selectors if one.tag} - seen.tags):
            few = sorted(seen.tags)[:_TOLD]
            yield Unseen(
                "tag",
                tag,
                self._nearest(tag, seen.tags),
                None,
                tuple(few),
                len(seen.tags) > len(few),
            )
        names = {name.name for name in names_of(rule, spec)}
        spellings = {name: self.needs.fields[name] for name in names & self.needs.fields.keys()}
        unseen = {name for name, every in spellings.items() if not seen.names.intersection(every)}
        for name in sorted(unseen):
            yield Unseen("field", name, self._nearest(name, seen.names))
        for name in sorted(names & ATTRIBUTES.keys() - seen.attributes):
            yield Unseen("attribute", name, None)
        for name, text in sorted(texts_of(rule, spec) - seen.values):
            if name in unseen:
                continue
            there = {one for one in values.get(name, ()) if not self._holds_tag(one)}
            near = self._nearest(text, there)
            hidden = near is None or masking.value(name, near) != near
            few = list(dict.fromkeys(masking.value(name, one) for one in sorted(there)[:_TOLD]))
            yield Unseen(
                "value", text, None if hidden else near, name, tuple(few), len(there) > _TOLD
            )

    def _holds_tag(self, value: str) -> bool:
        """Whether a value holds more than its field's, the start of a second event: no example."""
        return value not in self.needs.tags and not self.needs.tags.isdisjoint(_TAG.findall(value))

    def _nearest(self, name: str, there: Collection[str]) -> str | None:
        """What is most alike; where much is asked for, only what stands near it in the alphabet."""
        names = sorted(there)
        asked = len(self.needs.tags) + len(self.needs.fields) + sum(map(len, self.texts.values()))
        among = max(2, _COMPARISONS // max(1, asked))
        first = max(0, min(bisect_left(names, name) - among // 2, len(names) - among))
        return nearest(name, names[first : first + among], cutoff=_NEAR, among=among)


def _by_field(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    by_field: dict[str, set[str]] = {}
    for name, value in pairs:
        by_field.setdefault(name, set()).add(value)
    return by_field


def _values(values: pl.Series, texts: frozenset[str], most: int) -> frozenset[str]:
    """Of the values of a field, the texts that rules ask for, and the least few if one lacks."""
    first = set(values.head(_SAMPLE).to_list())
    if len(values) <= _SAMPLE or texts <= first:
        return _kept(first, texts, most)
    lacking = sorted(texts - first)
    found = set(values.filter(values.is_in(lacking)).unique().to_list())
    return _kept(first | found | _least(values, first, most), texts, most)


def _least(values: pl.Series, first: set[str], most: int) -> set[str]:
    """The least of the short values; `first` are some, which spare a look at most others."""
    least = _first_short(first, most)
    if least and len(least) == most:
        values = values.filter(values < least[-1])
    distinct = values.unique()
    short = distinct.filter(distinct.str.len_chars() <= _LONGEST)
    return {*least, *short.sort().head(most).to_list()}


def _kept(values: set[str], texts: frozenset[str], most: int) -> frozenset[str]:
    """What is remembered of these values: of a field that has every text, nothing else."""
    if texts <= values:
        return texts
    return (texts & values).union(_first_short(values, most))


def _first_short(values: set[str], most: int) -> list[str]:
    return sorted(value for value in values if len(value) <= _LONGEST)[:most]


def _bounded(names: frozenset[str], asked: frozenset[str], most: int) -> frozenset[str]:
    others = sorted(names - asked)[:most]
    return names & asked | frozenset(others)
