"""The rules that need a person: first those that fail, then those that cannot honestly be called.

Each says what it claims, why it is here, what to do, and its findings.
"""

from __future__ import annotations

from rich.text import Text

from ..model import Finding, Outcome, Verdict
from . import pieces, words
from .measured import counts
from .page import LIST, Page

_SHORT = 200  # characters of one part of a key: more is no help in finding it


def concerns(page: Page, verdict: Verdict) -> None:
    """All rules that fail or cannot be called, each sort in the order of the file."""
    for wanted in ("fail", "inconclusive"):
        for outcome in verdict.outcomes:
            if outcome.outcome == wanted:
                _alone(page, outcome)


def _alone(page: Page, outcome: Outcome) -> None:
    rule = outcome.rule
    page.blank()
    aside = "" if outcome.counted else "  (not counted by --fail-on)"
    label = (words.LABELS[outcome.outcome], pieces.COLORS[outcome.outcome])
    head = Text.assemble(label, "  ", (pieces.name(page, rule.id), "bold"), aside)
    page.say(head, hang="    ")
    if rule.title:
        page.say(page.foreign(rule.title), lead="  ")
    facts = [f"{rule.severity} {rule.kind}"]
    facts += [words.plural(outcome.subjects, "subject"), counts(outcome)]
    page.say(page.foreign(page.symbols.dot.join(filter(None, facts))), lead="  ", breaks=LIST)
    _reason(page, outcome)
    if outcome.outcome == "fail":
        pieces.labelled(page, "Why it matters", rule.why)
        pieces.labelled(page, "What to do", rule.remedy)
        pieces.labelled(page, "Note", words.weak(outcome))
    pieces.labelled(page, words.NEVER_SEEN, pieces.never_seen(page, outcome))
    _findings(page, outcome)


def _reason(page: Page, outcome: Outcome) -> None:
    if outcome.reason is None:
        return
    why, what = words.REASONS[outcome.reason](outcome)
    pieces.labelled(page, "Why not called", why)
    if outcome.doubt is not None:
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
        page.say(Text.assemble(class_, _key(page, finding)), lead="  ", hang="    ")
        page.say(message, lead="    ", hang="      ")
    else:
        page.say(Text.assemble(class_, message), lead="  ", hang="    ")
    for line in finding.evidence:
        pieces.evidence(page, line)


def _key(page: Page, finding: Finding) -> str:
    return " ".join(
        f"{pieces.name(page, name)} missing"
        if value is None
        else f"{pieces.name(page, name)}={_value(page.foreign(value, _SHORT))}"
        for name, value in finding.key.items()
    )


def _value(value: str) -> str:
    """A part of a key, quoted where it would not be seen as one."""
    return value if value and " " not in value else f'"{value}"'
