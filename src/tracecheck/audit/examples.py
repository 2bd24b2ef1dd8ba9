"""Runs the examples inside a rule file, each through the very engine that judges real logs."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ..engine.kind import Kind
from ..errors import SourceError
from ..model.rules import Example, RuleSet, RuleSpec
from ..model.tuning import Tuning
from ..model.verdict import Outcome
from ..reading.sources.discovery import STDIN, Source
from ..report.sentences import counts
from ..runs.batch import run
from ..runs.options import RunOptions


@dataclass(frozen=True, slots=True)
class Trial:
    """One example that was run: what it promises, what the engine says, and whether they agree."""

    rule: RuleSpec
    example: Example
    expected: str
    got: str
    kept: bool


def try_examples(rules: RuleSet, kinds: Mapping[str, Kind]) -> Iterator[Trial]:
    """Every example of every rule, in file order; of a rule that is not enabled, too."""
    for at, rule in enumerate(rules.rules):
        for example in rule.examples:
            yield _try(at, example, rules, kinds)


def lacks(rule: RuleSpec) -> list[str]:
    """What a rule that is shipped must have, and this one has not."""
    wanted = {
        "title": bool(rule.title),
        "why": bool(rule.why),
        "remedy": bool(rule.remedy),
        "example that holds": any(example.holds for example in rule.examples),
        "example that breaks": any(not example.holds for example in rule.examples),
    }
    return [what for what, there in wanted.items() if not there]


def _try(at: int, example: Example, rules: RuleSet, kinds: Mapping[str, Kind]) -> Trial:
    rule = rules.rules[at]
    promised = "pass" if example.holds else _failed(example.classes)
    try:
        outcome = _outcome(at, example, rules, kinds)
    except SourceError as error:  # what stands there looks like no log
        return Trial(rule, example, promised, f"no verdict: {error}", kept=False)
    return Trial(rule, example, promised, _result(outcome), _keeps(example, outcome))


def _outcome(at: int, example: Example, rules: RuleSet, kinds: Mapping[str, Kind]) -> Outcome:
    """What the rule says of the example.

    The others of its file run beside it, as in a real run: the tags that they name decide which
    lines are malformed.
    """
    judged = replace(rules.rules[at], enabled=True)
    together = replace(rules, rules=(*rules.rules[:at], judged, *rules.rules[at + 1 :]))
    log = io.BytesIO(example.log.encode("utf-8", "surrogatepass"))
    options = RunOptions(max_findings=0, stdin=log, tuning=Tuning(workers=1))
    verdict = run((Source((STDIN,)),), together, kinds, options)
    return next(one for one in verdict.outcomes if one.rule.id == judged.id)


def _keeps(example: Example, outcome: Outcome) -> bool:
    if example.holds:
        return outcome.outcome == "pass"
    if outcome.outcome != "fail":
        return False
    return not example.classes or _found(example.classes) == _found(outcome.classes)


def _found(classes: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in classes.items() if count}


def _result(outcome: Outcome) -> str:
    if outcome.outcome == "fail":
        return _failed(outcome.classes)
    return outcome.outcome if outcome.reason is None else f"{outcome.outcome} ({outcome.reason})"


def _failed(classes: Mapping[str, int]) -> str:
    return f"fail with {counts(classes) or 'any violation'}"
