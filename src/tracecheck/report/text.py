"""The text report of a verdict, for a person at a terminal.

First the verdict and why, the rule files, the table of rules in file order, and what was wrong
with the order of sources or with lines. Then each rule that fails or cannot be called, with its
findings and what to do. A report of more than a screen ends with the verdict again, where a
terminal stops. Colour adds nothing to the words. All text of a log passes through `Page.foreign`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..model.verdict import Finding, Outcome, Verdict
from . import elements, reasons, sentences
from .layout import LIST, NAME, Page, cell_len
from .measured import counts
from .rule_table import table
from .style import Style

_UNREAD_FILES = 5
"""Files that are named of those that were not read to their end."""

_SCREEN = 40
"""Lines that stay in sight; the verdict of a longer report has left the screen."""


def render(verdict: Verdict, style: Style) -> str:
    """The whole report; with `quiet` only its first line."""
    page = Page(style)
    if style.quiet:
        page.say(_first(page, verdict, sentences.asides(verdict)), hang=_indent(verdict))
        return page.render()
    _head(page, verdict)
    table(page, verdict.outcomes)
    _order(page, verdict)
    _stamps(page, verdict)
    _defects(page, verdict)
    _unfinished(page, verdict)
    _details(page, verdict)
    _unseen_by_passes(page, verdict)
    _ignored_keys(page, verdict)
    if page.height > _SCREEN:
        page.blank()
        _verdict(page, verdict)
    return page.render()


# --- the verdict ----------------------------------------------------------------------------


def _head(page: Page, verdict: Verdict) -> None:
    indent = _indent(verdict)
    if not _verdict(page, verdict):
        page.say(sentences.size(verdict), lead=indent, breaks=LIST)
    if verdict.judged_by:
        files = ", ".join(elements.path(page, one) for one in verdict.judged_by)
        page.say(Text(f"judged by {files}", "dim"), lead=indent, breaks=LIST)
    _unread(page, verdict)
    if nothing := sentences.nothing_read(verdict):
        page.blank()
        page.say(nothing)


def _verdict(page: Page, verdict: Verdict) -> bool:
    """The first line of the report; whether there is room in it for how much was read."""
    warnings = sentences.warnings(verdict)
    whole = _first(page, verdict, [sentences.size(verdict), *warnings])
    fits = cell_len(whole.plain) <= page.width
    page.say(whole if fits else _first(page, verdict, warnings), hang=_indent(verdict))
    return fits


def _first(page: Page, verdict: Verdict, asides: Sequence[str]) -> Text:
    parts = (f"{page.symbols.dot}{aside}" for aside in asides)
    headline = (sentences.headline(verdict), "bold")
    return Text.assemble(elements.label(verdict.verdict), "  ", headline, *parts)


def _indent(verdict: Verdict) -> str:
    return " " * (len(elements.LABELS[verdict.verdict]) + 2)


def _unread(page: Page, verdict: Verdict) -> None:
    files = [one for one in verdict.inputs if one.unread]
    if not files:
        return
    named, others = files[:_UNREAD_FILES], files[_UNREAD_FILES:]
    parts = [
        f"{sentences.plural(one.unread, 'byte')} of {elements.path(page, one.path)}"
        for one in named
    ]
    if others:
        left = sentences.plural(sum(one.unread for one in others), "byte")
        parts.append(f"{left} of {sentences.plural(len(others), 'other file')}")
    page.blank()
    page.say(Text(sentences.UNREAD.format(", ".join(parts)), "bold"), hang="  ", breaks=LIST)


# --- what the run met -----------------------------------------------------------------------


def _order(page: Page, verdict: Verdict) -> None:
    if verdict.untimed is None:
        return
    page.blank()
    by_time = verdict.asked_order == "time"
    page.say(sentences.UNPLACED if by_time else sentences.UNTIMED)
    elements.evidence(page, verdict.untimed)
    means = sentences.UNPLACED_MEANS if by_time else sentences.UNTIMED_MEANS
    elements.labelled(page, "What it means", means)
    elements.labelled(page, "What to do", sentences.UNTIMED_REMEDY)


def _stamps(page: Page, verdict: Verdict) -> None:
    if not_read := sentences.stamps_not_read(verdict):
        page.blank()
        page.say("Some events have a stamp that was not taken for a time:")
        elements.labelled(page, "What was seen", not_read)
        elements.labelled(page, "What is read", sentences.STAMPS_READ)


def _defects(page: Page, verdict: Verdict) -> None:
    if defective := sentences.defects(verdict.totals):
        page.blank()
        page.say(f"Lines with a defect: {defective}", hang="  ", breaks=LIST)


def _unfinished(page: Page, verdict: Verdict) -> None:
    files = [one.path for one in verdict.inputs if one.unfinished]
    if not files:
        return
    page.blank()
    page.say(sentences.UNFINISHED)
    for path in files:
        page.say(elements.path(page, path), lead="  ", hang="    ")


def _unseen_by_passes(page: Page, verdict: Verdict) -> None:
    passes = [one for one in verdict.outcomes if one.outcome == "pass" and one.never_seen]
    if not passes or not verdict.totals.events:
        return
    page.blank()
    page.say("Named by rules that pass, and never seen in this log:")
    for outcome in passes:
        name, unseen = elements.name(page, outcome.rule.id), elements.never_seen(page, outcome)
        page.say(f"{name}: {unseen}", lead="  ", hang="    ")


def _ignored_keys(page: Page, verdict: Verdict) -> None:
    """Whoever wrote a key where it means nothing reads another verdict than the one given."""
    ignored = [one.rule for one in verdict.outcomes if one.rule.key_ignored]
    if not ignored:
        return
    page.blank()
    page.say("Judged over the whole log, although a key is given, which only joining kinds know:")
    for rule in ignored:
        page.say(f"{elements.name(page, rule.id)}: {rule.kind}", lead="  ", hang="    ")


def _details(page: Page, verdict: Verdict) -> None:
    """All rules that fail or cannot be called, each sort in the order of the file."""
    for outcome in verdict.outcomes:
        if outcome.outcome == "fail":
            _alone(page, outcome, verdict)
    # Where no line is an event, no name was ever seen: one sentence says so for all rules.
    names = verdict.totals.events > 0
    for group in _groups(verdict.outcomes):
        if len(group) == 1:
            _alone(page, group[0], verdict, names=names)
        else:
            _together(page, group, names=names)


def _groups(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """The rules that cannot be called; those without findings are grouped by the reason."""
    groups: dict[object, list[Outcome]] = {}
    for at, outcome in enumerate(outcomes):
        if outcome.outcome == "inconclusive":
            reason = None if outcome.findings else outcome.reason
            same = at if reason is None else reasons.why(outcome, reason)
            groups.setdefault(same, []).append(outcome)
    return list(groups.values())


# --- several rules --------------------------------------------------------------------------


def _together(page: Page, group: Sequence[Outcome], *, names: bool) -> None:
    first = group[0]
    shared = len({one.reason_evidence for one in group}) == 1
    page.blank()
    head = (f"{sentences.plural(len(group), 'rule')}, all for the same reason", "bold")
    page.say(Text.assemble(elements.label(first.outcome), "  ", head), hang="    ")
    _reason(page, first, reason_evidence=shared)
    page.blank()
    for one in group:
        aside = "" if one.counted else f" {sentences.NOT_COUNTED}"
        kind = page.foreign(f"{one.rule.severity} {one.rule.kind}")
        line = Text.assemble((elements.name(page, one.rule.id), "bold"), aside, "  ", kind)
        page.say(line, lead="  ", hang="    ", breaks=NAME)
        if one.reason_evidence is not None and not shared:
            elements.evidence(page, one.reason_evidence, sentences.FOR_EXAMPLE, lead="    ")
        if names:
            elements.labelled(
                page, sentences.NEVER_SEEN, elements.never_seen(page, one), lead="    "
            )


# --- one rule -------------------------------------------------------------------------------


def _alone(page: Page, outcome: Outcome, verdict: Verdict, *, names: bool = True) -> None:
    rule = outcome.rule
    page.blank()
    aside = "" if outcome.counted else "  (not counted by --fail-on)"
    name = (elements.name(page, rule.id), "bold")
    page.say(Text.assemble(elements.label(outcome.outcome), "  ", name, aside), hang="    ")
    if rule.title:
        page.say(page.foreign(rule.title), lead="  ")
    facts = [
        f"{rule.severity} {rule.kind}",
        sentences.plural(outcome.subjects, "subject"),
        counts(outcome),
        *sentences.unsettled(outcome),
    ]
    page.say(page.foreign(page.symbols.dot.join(filter(None, facts))), lead="  ", breaks=LIST)
    _reason(page, outcome)
    if outcome.outcome == "fail":
        elements.labelled(page, "Why it matters", rule.why)
        elements.labelled(page, "What to do", rule.remedy)
        elements.labelled(page, "Note", sentences.weak(outcome))
        elements.labelled(page, "Note", sentences.backwards(outcome, verdict))
    if names:
        elements.labelled(page, sentences.NEVER_SEEN, elements.never_seen(page, outcome))
    _findings(page, outcome)


def _reason(page: Page, outcome: Outcome, *, reason_evidence: bool = True) -> None:
    if outcome.reason is None:
        return
    elements.labelled(page, "Why not called", reasons.why(outcome, outcome.reason))
    if reason_evidence and outcome.reason_evidence is not None:
        elements.evidence(page, outcome.reason_evidence, sentences.FOR_EXAMPLE, lead="  ")
    elements.labelled(page, "What to do", reasons.REMEDIES[outcome.reason])


def _findings(page: Page, outcome: Outcome) -> None:
    for finding in outcome.findings:
        page.blank()
        _finding(page, finding)
    if outcome.findings_omitted:
        page.blank()
        more = sentences.OMITTED.format(f"{outcome.findings_omitted:,}")
        page.say(f"{page.symbols.more} {more}", lead="  ")


def _finding(page: Page, finding: Finding) -> None:
    time = (f"{elements.time(finding)}  ".lstrip(), "dim")
    class_ = Text.assemble(time, (elements.name(page, finding.class_), "bold"), "  ")
    message = page.foreign(finding.message)
    if finding.key:
        page.say(Text.assemble(class_, elements.key(page, finding)), lead="  ", hang="    ")
        page.say(message, lead="    ", hang="      ")
    else:
        page.say(Text.assemble(class_, message), lead="  ", hang="    ")
    for line in finding.evidence:
        elements.evidence(page, line)
