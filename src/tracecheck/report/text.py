"""The text report: one screen that says whether, then for each rule what, where and what next.

First the verdict and why, who judged, the table of rules in file order, and what was wrong with
the order of sources or with lines. Then the rules that need a person. A report of more than a
screen says the verdict again at its end, where a terminal stops.
Nothing is said by colour alone. All that is not our own text passes through `Page.foreign`.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..model import Verdict
from . import pieces, words
from .concerns import concerns
from .page import LIST, Page, cell_len
from .style import Style
from .table import table

_SCREEN = 40
"""Lines that stay in sight; the verdict of a longer report has left the screen."""


def render(verdict: Verdict, style: Style) -> str:
    """The whole report; with `quiet` only its first line."""
    page = Page(style)
    if style.quiet:
        page.say(_first(page, verdict, words.asides(verdict)), hang=_indent(verdict))
        return page.render()
    _head(page, verdict)
    table(page, verdict.outcomes)
    _order(page, verdict)
    _defects(page, verdict)
    concerns(page, verdict)
    _unseen_by_passes(page, verdict)
    if page.height > _SCREEN:
        page.blank()
        _verdict(page, verdict)
    return page.render()


# --- the verdict ----------------------------------------------------------------------------


def _head(page: Page, verdict: Verdict) -> None:
    indent = _indent(verdict)
    if not _verdict(page, verdict):
        page.say(words.size(verdict), lead=indent, breaks=LIST)
    if verdict.judged_by:
        files = ", ".join(pieces.path(page, one) for one in verdict.judged_by)
        page.say(Text(f"judged by {files}", "dim"), lead=indent, breaks=LIST)
    if nothing := words.nothing_read(verdict.totals):
        page.blank()
        page.say(nothing)


def _verdict(page: Page, verdict: Verdict) -> bool:
    """The first line of the report; whether there is room in it for how much was read."""
    misspelt = words.misspelt(verdict)
    whole = _first(page, verdict, [words.size(verdict), *misspelt])
    fits = cell_len(whole.plain) <= page.width
    page.say(whole if fits else _first(page, verdict, misspelt), hang=_indent(verdict))
    return fits


def _first(page: Page, verdict: Verdict, asides: Sequence[str]) -> Text:
    label = (words.LABELS[verdict.verdict], pieces.COLORS[verdict.verdict])
    said = Text.assemble(label, "  ", (words.headline(verdict), "bold"))
    return Text.assemble(said, *(f"{page.symbols.dot}{aside}" for aside in asides))


def _indent(verdict: Verdict) -> str:
    return " " * (len(words.LABELS[verdict.verdict]) + 2)


# --- what the run met -----------------------------------------------------------------------


def _order(page: Page, verdict: Verdict) -> None:
    if verdict.untimed is None:
        return
    page.blank()
    page.say(words.UNTIMED)
    pieces.evidence(page, verdict.untimed)
    pieces.labelled(page, "What it means", words.UNTIMED_MEANS)
    pieces.labelled(page, "What to do", words.UNTIMED_REMEDY)


def _defects(page: Page, verdict: Verdict) -> None:
    if defective := words.defects(verdict.totals):
        page.blank()
        page.say(f"Lines with a defect: {defective}", hang="  ", breaks=LIST)


def _unseen_by_passes(page: Page, verdict: Verdict) -> None:
    passes = [one for one in verdict.outcomes if one.outcome == "pass" and one.never_seen]
    if not passes or not verdict.totals.events:
        return
    page.blank()
    page.say("Named by rules that pass, and never seen in this log:")
    for outcome in passes:
        said = f"{pieces.name(page, outcome.rule.id)}: {pieces.never_seen(page, outcome)}"
        page.say(said, lead="  ", hang="    ")
