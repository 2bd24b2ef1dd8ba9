"""What a rule file says and hardly means: it can be read, and some of it would never match."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ..engine.kind import conditions_of, names_of
from ..model.condition import And, Comparison, Condition, Membership, Name, Not, Or, Selector
from ..model.rules import KindSpec, RuleSet, RuleSpec
from ..text.wording import quoted


@dataclass(frozen=True, slots=True)
class Doubt:
    """A warning about a rule, in one line, and how to mend what it is about."""

    rule: RuleSpec
    message: str
    hint: str

    def __str__(self) -> str:
        place = f"{self.rule.path}:{self.rule.line}: [{self.rule.id}]"
        return f"{place} warning: {self.message} ({self.hint})"


def doubts(rules: RuleSet, kinds: Mapping[str, KindSpec]) -> Iterator[Doubt]:
    """Everything doubtful about the rules, in file order."""
    words = _bare_words(rules, kinds)
    for rule in rules.rules:
        if rule.key_ignored:
            joins_nothing = f"`key` is ignored: a {rule.kind} joins no events"
            yield Doubt(rule, joins_nothing, "handoff, consistent and sequence judge by key")
        own = {word for one in conditions_of(rule, kinds[rule.kind]) for word in _compared(one)}
        for word in sorted(own & words):
            words.discard(word)  # once is enough, where several rules begin with one event
            field = f"{quoted(word)} right of an operator is a field, which nothing else names"
            yield Doubt(rule, field, f'a text is written "{word}"')
        yield from _never_reached(rule)


def _bare_words(rules: RuleSet, kinds: Mapping[str, KindSpec]) -> set[str]:
    """The names that are used as those of fields only where a value is usual."""
    named = Counter[str]([*rules.aliases, *rules.units, *rules.personal])
    compared = Counter[str]()
    for rule in rules.rules:
        kind = kinds[rule.kind]
        named.update([*(name.name for name in names_of(rule, kind)), *(rule.key or ())])
        compared.update(word for one in conditions_of(rule, kind) for word in _compared(one))
    return {word for word, count in compared.items() if named[word] == count}


def _compared(tree: Condition | None) -> list[str]:
    """The bare names right of `==` and `!=`, and in lists; in an `expect` none is bare."""
    match tree:
        case Comparison("==" | "!=", _, Name(word, "")):
            words = [word]
        case Membership(_, items):
            words = [one.name for one in items if isinstance(one, Name) and not one.side]
        case Not(term):
            return _compared(term)
        case And(terms) | Or(terms):
            return [word for term in terms for word in _compared(term)]
        case _:
            return []
    return [word for word in words if not word.startswith("@")]


def _never_reached(rule: RuleSpec) -> Iterator[Doubt]:
    """Selectors of which an earlier one of the rule takes every event."""
    parameters = rule.parameters
    steps = parameters.get("steps") or (parameters.get("from"), parameters.get("to"))
    names = [f"step {at}" for at in range(1, 1 + len(steps))]
    if "steps" not in parameters:
        names = ["`from`", "`to`"]
    for at, later in enumerate(steps):
        for before, earlier in enumerate(steps[:at]):
            if _takes_all(earlier, later):
                taken = f"every event of {names[at]} is also one of {names[before]}"
                never = f"{taken}, as which it counts: {names[at]} never matches"
                yield Doubt(rule, never, f"let {names[before]} exclude it: and not (\u2026)")
                break


def _takes_all(wide: Selector | None, narrow: Selector | None) -> bool:
    """Whether one selector takes every event that the other takes, as far as is plain to see."""
    if wide is None or narrow is None or wide.tag not in (None, narrow.tag):
        return False
    return set(_terms(wide)) <= set(_terms(narrow))


def _terms(selector: Selector) -> tuple[Condition, ...]:
    where = selector.where
    if where is None:
        return ()
    return where.terms if isinstance(where, And) else (where,)
