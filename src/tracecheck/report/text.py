"""The text report: one screen that says whether, then for each rule what, where and what next.

First the verdict and why, the table of rules in file order, and what was wrong with lines. Then
the rules that need a person.
Nothing is said by colour alone. All that is not our own text passes through `Page.foreign`.
"""

from __future__ import annotations

from rich.text import Text

from ..model import Verdict
from . import pieces, words
from .concerns import concerns
from .page import LIST, Page, cell_len
from .style import Style
from .table import table


def render(verdict: Verdict, style: Style) -> str:
    """The whole report; with `quiet` only its first line."""
    page = Page(style)
    _head(page, verdict, style.quiet)
    if style.quiet:
        return page.render()
    table(page, verdict.outcomes)
    _defects(page, verdict)
    concerns(page, verdict)
    _unseen_by_passes(page, verdict)
    return page.render()


def _head(page: Page, verdict: Verdict, quiet: bool) -> None:
    label = words.LABELS[verdict.verdict]
    color, indent = pieces.COLORS[verdict.verdict], " " * (len(label) + 2)
    lead = Text.assemble((label, color), "  ", (words.headline(verdict), "bold"))
    size = words.size(verdict)
    whole = Text.assemble(lead, page.symbols.dot, size)
    if quiet or cell_len(whole.plain) > page.width:
        page.say(lead, hang=indent)
    else:
        page.say(whole)
    if not quiet and cell_len(whole.plain) > page.width:
        page.say(size, lead=indent)


def _defects(page: Page, verdict: Verdict) -> None:
    if defective := words.defects(verdict.totals):
        page.blank()
        page.say(f"Lines with a defect: {defective}", hang="  ", breaks=LIST)


def _unseen_by_passes(page: Page, verdict: Verdict) -> None:
    passes = [one for one in verdict.outcomes if one.outcome == "pass" and one.never_seen]
    if not passes:
        return
    page.blank()
    page.say("Named by rules that pass, and never seen in this log:")
    for outcome in passes:
        said = f"{pieces.name(page, outcome.rule.id)}: {pieces.never_seen(page, outcome)}"
        page.say(said, lead="  ", hang="    ")
