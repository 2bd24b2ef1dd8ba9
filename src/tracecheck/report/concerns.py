"""The rules that need a person: first those that fail, then those that cannot honestly be called.

A rule is told by itself: what it claims, why it is here, what to do, and its findings. Rules that
cannot be called for one reason, in the same words, are told together.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..model import Finding, Outcome, Verdict
from . import pieces, words
from .measured import counts
from .page import LIST, NAME, Page


def concerns(page: Page, verdict: Verdict) -> None:
    """All rules that fail or cannot be called, each sort in the order of the file."""
    for outcome in verdict.outcomes:
        if outcome.outcome == "fail":
            _alone(page, outcome)
    # Where no line is an event, no name was ever seen: that is said once, for all rules.
    names = verdict.totals.events > 0
    for group in _groups(verdict.outcomes):
        if len(group) == 1:
            _alone(page, group[0], names=names)
        else:
            _together(page, group, names=names)


def _groups(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """The rules that cannot be called; those without findings by what is to be said of them."""
    groups: dict[object, list[Outcome]] = {}
    for at, outcome in enumerate(outcomes):
        if outcome.outcome == "inconclusive":
            same = at if outcome.findings or outcome.reason is None else words.reason(outcome)
            groups.setdefault(same, []).append(outcome)
    return list(groups.values())


# --- several rules --------------------------------------------------------------------------


def _together(page: Page, group: Sequence[Outcome], *, names: bool) -> None:
    first = group[0]
    shared = len({one.doubt for one in group}) == 1
    page.blank()
    label = (words.LABELS[first.outcome], pieces.COLORS[first.outcome])
    page.say(Text.assemble(label, "  ", (words.one_reason(len(group)), "bold")), hang="    ")
    _reason(page, first, doubt=shared)
    page.blank()
    for one in group:
        aside = "" if one.counted else f" {words.NOT_COUNTED}"
        kind = page.foreign(f"{one.rule.severity} {one.rule.kind}")
        said = Text.assemble((pieces.name(page, one.rule.id), "bold"), aside, "  ", kind)
        page.say(said, lead="  ", hang="    ", breaks=NAME)
        if one.doubt is not None and not shared:
            pieces.evidence(page, one.doubt, words.DOUBT, lead="    ")
        if names:
            pieces.labelled(page, words.NEVER_SEEN, pieces.never_seen(page, one), lead="    ")


# --- one rule -------------------------------------------------------------------------------


def _alone(page: Page, outcome: Outcome, *, names: bool = True) -> None:
    rule = outcome.rule
    page.blank()
    aside = "" if outcome.counted else "  (not counted by --fail-on)"
    label = (words.LABELS[outcome.outcome], pieces.COLORS[outcome.outcome])
    head = Text.assemble(label, "  ", (pieces.name(page, rule.id), "bold"), aside)
    page.say(head, hang="    ")
    if rule.title:
        page.say(page.foreign(rule.title), lead="  ")
    facts = [f"{rule.severity} {rule.kind}"]
    facts += [words.plural(outcome.subjects, "subject"), counts(outcome), *words.unsettled(outcome)]
    page.say(page.foreign(page.symbols.dot.join(filter(None, facts))), lead="  ", breaks=LIST)
    _reason(page, outcome)
    if outcome.outcome == "fail":
        pieces.labelled(page, "Why it matters", rule.why)
        pieces.labelled(page, "What to do", rule.remedy)
        pieces.labelled(page, "Note", words.weak(outcome))
    if names:
        pieces.labelled(page, words.NEVER_SEEN, pieces.never_seen(page, outcome))
    _findings(page, outcome)


def _reason(page: Page, outcome: Outcome, *, doubt: bool = True) -> None:
    if outcome.reason is None:
        return
    why, what = words.reason(outcome)
    pieces.labelled(page, "Why not called", why)
    if doubt and outcome.doubt is not None:
        pieces.evidence(page, outcome.doubt, words.DOUBT, lead="  ")
    pieces.labelled(page, "What to do", what)


def _findings(page: Page, outcome: Outcome) -> None:
    for finding in outcome.findings:
        page.blank()
        _finding(page, finding)
    if outcome.findings_omitted:
        page.blank()
        more = words.OMITTED.format(f"{outcome.findings_omitted:,}")
        page.say(f"{page.symbols.more} {more}", lead="  ")


def _finding(page: Page, finding: Finding) -> None:
    class_ = Text.assemble((pieces.name(page, finding.class_), "bold"), "  ")
    message = page.foreign(finding.message)
    if finding.key:
        page.say(Text.assemble(class_, pieces.key(page, finding)), lead="  ", hang="    ")
        page.say(message, lead="    ", hang="      ")
    else:
        page.say(Text.assemble(class_, message), lead="  ", hang="    ")
    for line in finding.evidence:
        pieces.evidence(page, line)
