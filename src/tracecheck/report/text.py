"""The text report: one screen that says whether, then for each rule what, where and what next.

First the verdict and why, the table of rules in file order, and what was wrong with lines.
Then the rules that need a person: those that fail, then those that cannot honestly be called.
Nothing is said by colour alone. All that is not our own text passes through `Page.foreign`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..model import Evidence, Finding, Outcome, Verdict
from . import words
from .measured import counts, measured
from .page import LIST, NAME, Column, Page, cell_len
from .style import Style

_COLORS = {"pass": "bold green", "fail": "bold red", "inconclusive": "bold yellow"}
_TABLE = (
    Column("outcome"),
    Column("rule", NAME),
    Column("measured", LIST),
    Column("subjects", right=True),
    Column("violations", right=True),
)
_LEAST_MEASURED = 18  # below this, what was measured folds into a ragged strip
_LEAST_RULE = 16
_GAP = 2
_SHORT = 200  # characters of one part of a key: more is no help in finding it
_PATH = 5000  # longer than any system allows: a cut path leads nowhere
_NAME = 120  # characters of an id, tag or field


def render(verdict: Verdict, style: Style) -> str:
    """The whole report; with `quiet` only its first line."""
    page = Page(style)
    _head(page, verdict, style.quiet)
    if style.quiet:
        return page.render()
    _rules(page, verdict.outcomes)
    if defective := words.defects(verdict.totals):
        page.blank()
        page.say(f"Lines with a defect: {defective}", hang="  ", breaks=LIST)
    for wanted in ("fail", "inconclusive"):
        for outcome in verdict.outcomes:
            if outcome.outcome == wanted:
                _group(page, outcome)
    _unseen_by_passes(page, verdict.outcomes)
    return page.render()


def _head(page: Page, verdict: Verdict, quiet: bool) -> None:
    label = words.LABELS[verdict.verdict]
    lead = Text.assemble((label, _COLORS[verdict.verdict]), "  ", (words.headline(verdict), "bold"))
    size = words.size(verdict)
    whole = Text.assemble(lead, page.symbols.dot, size)
    if quiet or cell_len(whole.plain) > page.width:
        page.say(lead, hang=" " * (len(label) + _GAP))
    else:
        page.say(whole)
    if not quiet and cell_len(whole.plain) > page.width:
        page.say(size, lead=" " * (len(label) + _GAP))


# --- the table of rules ---------------------------------------------------------------------


def _rules(page: Page, outcomes: Sequence[Outcome]) -> None:
    if not outcomes:
        return
    rows = [[Text(column.header, "dim") for column in _TABLE]]
    rows += [_row(page, outcome) for outcome in outcomes]
    page.blank()
    widths = _widths(page.width, rows)
    if widths is None:
        _stacked(page, outcomes, rows[1:])
        return
    for row in rows:
        page.row(row, widths, _TABLE)


def _row(page: Page, outcome: Outcome) -> list[Text]:
    name = page.foreign(outcome.rule.id, _NAME)
    return [
        _label(outcome),
        Text(name if outcome.counted else f"{name} {words.NOT_COUNTED}"),
        Text(page.foreign(measured(outcome, page.symbols), _NAME)),
        Text(f"{outcome.subjects:,}"),
        Text(f"{outcome.violations:,}", "bold" if outcome.violations else ""),
    ]


def _label(outcome: Outcome) -> Text:
    name = outcome.outcome
    return Text("FAIL" if name == "fail" else name, _COLORS[name])


def _widths(width: int, rows: Sequence[Sequence[Text]]) -> list[int] | None:
    """The width of each column; None where the page is too narrow for a table."""
    natural = [max(cell_len(row[at].plain) for row in rows) for at in range(len(_TABLE))]
    outcome, rule, measure, subjects, violations = natural
    room = width - outcome - subjects - violations - _GAP * (len(_TABLE) - 1)
    if rule + measure > room:
        rule = min(rule, max(room - measure, room - _LEAST_MEASURED))
        measure = room - rule
    if rule < min(natural[1], _LEAST_RULE):
        return None
    return [outcome, rule, measure, subjects, violations]


def _stacked(page: Page, outcomes: Sequence[Outcome], rows: Sequence[Sequence[Text]]) -> None:
    for outcome, (label, rule, measure, _, _) in zip(outcomes, rows, strict=True):
        page.say(Text.assemble(label, "  ", rule), hang="    ")
        found = f"{words.plural(outcome.subjects, 'subject')}, " + words.plural(
            outcome.violations, "violation"
        )
        page.say(Text.assemble(measure, page.symbols.dot, found), lead="    ", breaks=LIST)


# --- the rules that need a person -----------------------------------------------------------


def _group(page: Page, outcome: Outcome) -> None:
    rule = outcome.rule
    page.blank()
    aside = "" if outcome.counted else "  (not counted by --fail-on)"
    label = (words.LABELS[outcome.outcome], _COLORS[outcome.outcome])
    head = Text.assemble(label, "  ", (page.foreign(rule.id, _NAME), "bold"), aside)
    page.say(head, hang="    ")
    if rule.title:
        page.say(page.foreign(rule.title), lead="  ")
    facts = [f"{rule.severity} {rule.kind}"]
    facts += [words.plural(outcome.subjects, "subject"), counts(outcome)]
    page.say(page.foreign(page.symbols.dot.join(filter(None, facts))), lead="  ", breaks=LIST)
    _advice(page, outcome)
    _findings(page, outcome)


def _advice(page: Page, outcome: Outcome) -> None:
    rule = outcome.rule
    if outcome.reason is not None:
        why, what = words.REASONS[outcome.reason](outcome)
        _labelled(page, "Why not called", why)
        _labelled(page, "What to do", what)
    if outcome.outcome == "fail":
        _labelled(page, "Why it matters", rule.why)
        _labelled(page, "What to do", rule.remedy)
        _labelled(page, "Note", words.weak(outcome))
    _labelled(page, "Never seen in this log", _never_seen(page, outcome))


def _never_seen(page: Page, outcome: Outcome) -> str:
    return words.never_seen(outcome.never_seen, lambda name: page.foreign(name, _NAME))


def _labelled(page: Page, label: str, text: str) -> None:
    # A rule file folds long texts over lines; here they are one paragraph again.
    if said := page.foreign(" ".join(text.split())):
        page.say(Text.assemble((f"{label}: ", "italic"), said), lead="  ", hang="    ")


def _findings(page: Page, outcome: Outcome) -> None:
    for finding in outcome.findings:
        page.blank()
        _finding(page, finding)
    if outcome.findings_omitted:
        page.blank()
        more = words.OMITTED.format(f"{outcome.findings_omitted:,}")
        page.say(f"{page.symbols.more} {more}", lead="  ")


def _finding(page: Page, finding: Finding) -> None:
    class_ = Text.assemble((page.foreign(finding.class_, _NAME), "bold"), "  ")
    message = page.foreign(finding.message)
    if finding.key:
        page.say(Text.assemble(class_, _key(page, finding)), lead="  ", hang="    ")
        page.say(message, lead="    ", hang="      ")
    else:
        page.say(Text.assemble(class_, message), lead="  ", hang="    ")
    for evidence in finding.evidence:
        _evidence(page, evidence)


def _key(page: Page, finding: Finding) -> str:
    return " ".join(
        f"{page.foreign(name, _NAME)} missing"
        if value is None
        else f"{page.foreign(name, _NAME)}={_value(page.foreign(value, _SHORT))}"
        for name, value in finding.key.items()
    )


def _value(value: str) -> str:
    """A part of a key, quoted where it would not be seen as one."""
    return value if value and " " not in value else f'"{value}"'


def _evidence(page: Page, evidence: Evidence) -> None:
    where = Text(f"{page.foreign(evidence.path, _PATH)}:{evidence.line}", "cyan")
    text = page.foreign(evidence.text)
    lead, mark = "    ", f"    {page.symbols.mark}"
    if cell_len(where.plain) * 2 <= page.width:
        page.say(Text.assemble(where, "  ", text), lead=lead, hang=mark)
        return
    # A long path stays whole, so that an editor can follow it, even past the edge.
    page.put(Text.assemble(lead, where))
    page.say(text, lead=mark, hang=mark)


# --- what passes never saw ------------------------------------------------------------------


def _unseen_by_passes(page: Page, outcomes: Sequence[Outcome]) -> None:
    passes = [one for one in outcomes if one.outcome == "pass" and one.never_seen]
    if not passes:
        return
    page.blank()
    page.say("Named by rules that pass, and never seen in this log:")
    for outcome in passes:
        said = f"{page.foreign(outcome.rule.id, _NAME)}: {_never_seen(page, outcome)}"
        page.say(said, lead="  ", hang="    ")
