"""What a rule measured, and against which limit, in a few words for the table of rules.

Computed in integers from what the outcome carries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..model.rules import Percent, RuleSpec
from ..model.verdict import Measure, Outcome
from ..text.amounts import duration, share
from .layout import Symbols
from .sentences import unsettled

_NOTHING_WRONG = {"handoff": "all handed over", "consistent": "all equal",
                  "sequence": "all in order"}  # fmt: skip

_UNJUDGED = {
    "no_evidence": "nothing to judge",
    "incomparable": "a value is no number",
    "no_time": "times are missing",
    "no_order": "the order is unknown",
}

_FOLLOWED = ("unread", "evicted", "late_arrivals", "pending")
"""Reasons of a log that goes on, or was not read to its end: what a rule found is shown, but never
that all is well."""


def measured(outcome: Outcome, symbols: Symbols) -> str:
    """The cell of the table: measured against limit, or why there is nothing to say."""
    if outcome.reason == "unattributed":
        return f"{outcome.unattributed:,} without a key"
    if outcome.reason in _UNJUDGED:
        return _UNJUDGED[outcome.reason]
    missing = unsettled(replace(outcome, open=0))
    if outcome.measure is not None:
        known = _share(outcome, outcome.measure, symbols)
    elif outcome.reason in _FOLLOWED:
        known = counts(outcome) or ("" if missing else "nothing wrong so far")
    else:
        known = _KINDS.get(outcome.rule.kind, _counts)(outcome, symbols)
    return ", ".join(filter(None, [*missing, known]))


def counts(outcome: Outcome) -> str:
    """Every class that was found, and how far the rule allows it; empty if none was."""
    parameters = outcome.rule.parameters
    return ", ".join(
        f"{count:,} {name}{_allowed(parameters.get(name))}"
        for name, count in outcome.classes.items()
        if count
    )


def _allowed(policy: object) -> str:
    """What a rule says of a class: that it violates, is allowed, or up to which number or share."""
    if isinstance(policy, int | Percent):
        return f" of at most {policy.text if isinstance(policy, Percent) else f'{policy:,}'}"
    return " allowed" if policy == "allow" else ""


def _counts(outcome: Outcome, _: Symbols) -> str:
    well = _NOTHING_WRONG.get(outcome.rule.kind, "none found")
    known = counts(outcome) or (well if outcome.subjects else "nothing to judge")
    within = outcome.rule.parameters.get("within")
    known += f", within {duration(within)}" if isinstance(within, int) else ""
    return known + (f", {outcome.unattributed:,} without a key" if outcome.unattributed else "")


def _share(outcome: Outcome, measure: Measure, symbols: Symbols) -> str:
    parameters = outcome.rule.parameters
    if not measure.over:
        return "nothing to judge"
    if outcome.reason == "too_few":
        return f"{measure.of:,} of {measure.over:,}, {parameters.get('min_events'):,} needed"
    sign = symbols.least if parameters.get("at_least") is not None else symbols.most
    part = percent(outcome.rule, measure.of, measure.over)
    return f"{part} of {measure.over:,}, limit {sign} {measure.limit}"


def percent(rule: RuleSpec, of: int, over: int) -> str:
    """A share in percent, with as many decimals as set it apart from the limit of the rule."""
    limits = (rule.parameters.get("at_least"), rule.parameters.get("at_most"))
    return f"{share(of, over, [one.share for one in limits if isinstance(one, Percent)])}%"


def _forbid(outcome: Outcome, _: Symbols) -> str:
    allow = outcome.rule.parameters.get("allow", 0)
    if outcome.violations or not allow:
        # A violation is a match beyond the allowed ones, so all of those were found too.
        return f"{outcome.violations + (allow if outcome.violations else 0):,} found, limit {allow}"
    return f"within limit {allow:,}"


def _require(outcome: Outcome, symbols: Symbols) -> str:
    least = outcome.rule.parameters.get("at_least", 1)
    most = outcome.rule.parameters.get("at_most")
    limit = f"limit {symbols.least} {least:,}"
    limit += f" and {symbols.most} {most:,}" if isinstance(most, int) else ""
    wrong = [name.replace("_", " ") for name, count in outcome.classes.items() if count]
    return f"{', '.join(wrong) or 'enough'}, {limit}"


def _wellformed(outcome: Outcome, _: Symbols) -> str:
    limit = outcome.rule.parameters.get("at_most", 0)
    written = limit.text if isinstance(limit, Percent) else f"{limit:,}"
    if not outcome.violations:
        return f"within limit {written}" if limit else "0 found, limit 0"
    return f"{counts(outcome)}, limit {written}"


_KINDS: Mapping[str, Callable[[Outcome, Symbols], str]] = {
    "forbid": _forbid,
    "require": _require,
    "wellformed": _wellformed,
}
