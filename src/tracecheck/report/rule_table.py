"""The table of rules: each with its outcome, what it measured, and how much there was to judge.

A report folds what is wider than its column, and lists the rules where even that does not fit. A
live screen cuts it, and leaves out columns, and then the rules that pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import ceil

from rich.text import Text

from ..model.live import Snapshot
from ..model.verdict import Outcome, OutcomeName
from ..text import amounts
from . import elements, layout, sentences
from .layout import GAP, LIST, NAME, Column, Page, Row
from .measured import measured

_OUTCOME = Column("outcome")
_RULE = Column("rule", NAME, least=20)
_MEASURED = Column("measured", LIST, least=18)
_OPEN = Column("open, oldest")
_SUBJECTS = Column("subjects", right=True)
_VIOLATIONS = Column("violations", right=True)

_COLUMNS = (_OUTCOME, _RULE, _MEASURED, _OPEN, _SUBJECTS, _VIOLATIONS)
_OF_A_REPORT = tuple(column for column in _COLUMNS if column is not _OPEN)
_LEFT_OUT = (_SUBJECTS, _MEASURED, _OPEN, _VIOLATIONS)
"""Which columns a narrow screen does without, the first first."""

_FOLDED_RULE = 16
"""Cells below which the ids of rules do not fold any more: a list of them reads better."""

_WORST: Sequence[OutcomeName] = ("fail", "inconclusive", "pass")


def _rows(page: Page, outcomes: Sequence[Outcome], snapshot: Snapshot | None = None) -> list[Row]:
    """The head, and a row for each rule."""
    head = {column: Text(column.header, "dim") for column in _COLUMNS}
    return [head, *(_row(page, outcome, snapshot) for outcome in outcomes)]


def _row(page: Page, outcome: Outcome, snapshot: Snapshot | None) -> Row:
    name = elements.name(page, outcome.rule.id)
    return {
        _OUTCOME: _label(outcome),
        _RULE: Text(name if outcome.counted else f"{name} {sentences.NOT_COUNTED}"),
        _MEASURED: Text(elements.name(page, measured(outcome, page.symbols))),
        _OPEN: Text(_open(outcome, snapshot) if snapshot else ""),
        _SUBJECTS: Text(f"{outcome.subjects:,}"),
        _VIOLATIONS: Text(f"{outcome.violations:,}", "bold" if outcome.violations else ""),
    }


def _label(outcome: Outcome) -> Text:
    name = "pending" if outcome.reason == "pending" else outcome.outcome
    return Text("FAIL" if name == "fail" else name, elements.COLORS[outcome.outcome])


def _open(outcome: Outcome, snapshot: Snapshot) -> str:
    overdue = snapshot.overdue.get(outcome.rule.id, 0)
    age = amounts.age_of(outcome.oldest_open, snapshot.log_time)
    parts = [f"{outcome.open:,}"] if outcome.open or overdue else []
    parts += [amounts.age(age)] if outcome.open and age is not None else []
    parts += [f"{overdue:,} overdue"] if overdue else []
    return ", ".join(parts)


# --- in a report: folded --------------------------------------------------------------------


def table(page: Page, outcomes: Sequence[Outcome]) -> None:
    """A row for each rule, in the order of the file; nothing, if there is no rule."""
    if not outcomes:
        return
    rows = _rows(page, outcomes)
    page.blank()
    widths = _folded_widths(page.width, layout.natural(rows, _OF_A_REPORT))
    for row, outcome in zip(rows, (None, *outcomes), strict=True):
        if widths is not None:
            page.row(row, widths)
        elif outcome is not None:
            _listed(page, outcome, row)


def _folded_widths(width: int, natural: dict[Column, int]) -> dict[Column, int] | None:
    """The width of each column; None where the page is too narrow for a table."""
    rule, measure = natural[_RULE], natural[_MEASURED]
    room = width - GAP * (len(natural) - 1) - sum(natural.values()) + rule + measure
    if rule + measure > room:
        rule = min(rule, max(room - measure, room - (_MEASURED.least or 0)))
        measure = room - rule
    if rule < min(natural[_RULE], _FOLDED_RULE):
        return None
    return natural | {_RULE: rule, _MEASURED: measure}


def _listed(page: Page, outcome: Outcome, row: Row) -> None:
    page.say(Text.assemble(row[_OUTCOME], "  ", row[_RULE]), hang="    ")
    subjects = sentences.plural(outcome.subjects, "subject")
    found = f"{subjects}, {sentences.plural(outcome.violations, 'violation')}"
    page.say(Text.assemble(row[_MEASURED], page.symbols.dot, found), lead="    ", breaks=LIST)


# --- on a live screen: cut ------------------------------------------------------------------


def rules(page: Page, snapshot: Snapshot, rows: int) -> list[Text]:
    """A line for each rule in the order of the file, under a head if there is room for it.

    Where there is not, what does not pass stays, and the rest is counted in one line.
    """
    outcomes = snapshot.verdict.outcomes
    if not outcomes or rows <= 0:
        return []
    if len(outcomes) > rows:
        return _fewer(page, snapshot, rows)
    lines = _cut_table(page, snapshot, outcomes)
    lines = lines if len(lines) <= rows else lines[1:]
    return [Text(), *lines] if len(lines) < rows else lines


def _fewer(page: Page, snapshot: Snapshot, rows: int) -> list[Text]:
    outcomes = snapshot.verdict.outcomes
    worst = sorted(
        (number for number, outcome in enumerate(outcomes) if outcome.outcome != "pass"),
        key=lambda number: _WORST.index(outcomes[number].outcome),
    )
    kept = sorted(worst[: rows - 1])
    rest = [outcome for number, outcome in enumerate(outcomes) if number not in set(kept)]
    lines = _cut_table(page, snapshot, [outcomes[number] for number in kept])[1:]
    return [*lines, page.cut(Text(_counted(rest, bool(kept)), "dim"))]


def _counted(rest: Sequence[Outcome], some_are_shown: bool) -> str:
    names = [outcome.outcome for outcome in rest]
    failed, unsure, passed = map(names.count, _WORST)
    parts = sentences.not_passing(failed, unsure)
    more = " more" if some_are_shown and not parts else ""
    parts += [f"{passed:,}{more} {'passes' if passed == 1 else 'pass'}"] if passed else []
    return ("and " if some_are_shown else "") + ", ".join(parts)


def _cut_table(page: Page, snapshot: Snapshot, outcomes: Sequence[Outcome]) -> list[Text]:
    rows = _rows(page, outcomes, snapshot)
    widths = _cut_widths(page.width, layout.natural(rows, _COLUMNS))
    return [layout.cut_row(row, widths, page.symbols.more) for row in rows]


def _cut_widths(width: int, natural: dict[Column, int]) -> dict[Column, int]:
    """The columns that there is room for, and how wide each is."""
    for left_out in range(len(_LEFT_OUT) + 1):
        kept = {one: cells for one, cells in natural.items() if one not in _LEFT_OUT[:left_out]}
        widths = _shrunk(kept, width)
        if widths is not None:
            return widths
    room = width - natural[_OUTCOME] - GAP
    return {_OUTCOME: natural[_OUTCOME], _RULE: room} if room > 0 else {_OUTCOME: width}


def _shrunk(natural: dict[Column, int], width: int) -> dict[Column, int] | None:
    """The widths that fit, each column shrunk by its share of what they can give; else None."""
    over = max(sum(natural.values()) + GAP * (len(natural) - 1) - width, 0)
    spare = {
        column: 0 if column.least is None else max(cells - column.least, 0)
        for column, cells in natural.items()
    }
    if over > sum(spare.values()):
        return None
    share = Fraction(over, sum(spare.values()) or 1)
    return {column: cells - ceil(spare[column] * share) for column, cells in natural.items()}
