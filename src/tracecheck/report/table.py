"""The table of rules: each with its outcome, what it measured, and how much there was to judge.

A page too narrow for a table gets a list that says the same.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..model import Outcome
from . import pieces, words
from .measured import measured
from .page import LIST, NAME, Column, Page, cell_len

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


def table(page: Page, outcomes: Sequence[Outcome]) -> None:
    """A row for each rule, in the order of the file; nothing, if there is no rule."""
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
    name = pieces.name(page, outcome.rule.id)
    return [
        _label(outcome),
        Text(name if outcome.counted else f"{name} {words.NOT_COUNTED}"),
        Text(pieces.name(page, measured(outcome, page.symbols))),
        Text(f"{outcome.subjects:,}"),
        Text(f"{outcome.violations:,}", "bold" if outcome.violations else ""),
    ]


def _label(outcome: Outcome) -> Text:
    name = outcome.outcome
    return Text("FAIL" if name == "fail" else name, pieces.COLORS[name])


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
