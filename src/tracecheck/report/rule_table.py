"""The table of rules: each with its outcome, what it measured, and how much there was to judge.

A page too narrow for a table gets a list that says the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from rich.text import Text

from ..model.live import Snapshot
from ..model.verdict import Outcome, OutcomeName
from ..text import amounts
from . import elements, layout, sentences
from .layout import LIST, NAME, Column, Page, cell_len
from .measured import measured

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
    name = elements.name(page, outcome.rule.id)
    return [
        _label(outcome),
        Text(name if outcome.counted else f"{name} {sentences.NOT_COUNTED}"),
        Text(elements.name(page, measured(outcome, page.symbols))),
        Text(f"{outcome.subjects:,}"),
        Text(f"{outcome.violations:,}", "bold" if outcome.violations else ""),
    ]


def _label(outcome: Outcome) -> Text:
    name = outcome.outcome
    return Text("FAIL" if name == "fail" else name, elements.COLORS[name])


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
        found = f"{sentences.plural(outcome.subjects, 'subject')}, " + sentences.plural(
            outcome.violations, "violation"
        )
        page.say(Text.assemble(measure, page.symbols.dot, found), lead="    ", breaks=LIST)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    right: bool = False
    least: int | None = None  # cells below which it is better left out; None: it never shrinks


_OPEN = "open, oldest"
_RULE, _OUTCOME = _Column("rule", least=20), _Column("outcome")
_COLUMNS = (
    _OUTCOME,
    _RULE,
    _Column("measured", least=18),
    _Column(_OPEN),
    _Column("subjects", right=True),
    _Column("violations", right=True),
)
_GIVEN_UP = ("subjects", "measured", _OPEN, "violations")
"""Which columns a narrow screen does without, the first first."""

_WORST: Sequence[OutcomeName] = ("fail", "inconclusive", "pass")


def rules(page: Page, snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    """A line for each rule in the order of the file, under a head if there is room for it.

    Where there is not, what does not pass stays, and the rest is counted in one line.
    """
    outcomes = snapshot.verdict.outcomes
    if not outcomes or rows <= 0:
        return []
    if len(outcomes) > rows:
        return _fewer(page, snapshot, width, rows)
    lines = _standing_table(page, snapshot, outcomes, width)
    lines = lines if len(lines) <= rows else lines[1:]
    return [Text(), *lines] if len(lines) < rows else lines


def _fewer(page: Page, snapshot: Snapshot, width: int, rows: int) -> list[Text]:
    outcomes = snapshot.verdict.outcomes
    worst = sorted(
        (at for at, one in enumerate(outcomes) if one.outcome != "pass"),
        key=lambda at: _WORST.index(outcomes[at].outcome),
    )
    kept = sorted(worst[: rows - 1])
    rest = [one for at, one in enumerate(outcomes) if at not in set(kept)]
    shown = [outcomes[at] for at in kept]
    lines = _standing_table(page, snapshot, shown, width)[1:] if shown else []
    return [*lines, layout.cut(Text(_counted(rest, bool(kept)), "dim"), width, page.symbols.more)]


def _counted(rest: Sequence[Outcome], some_are_shown: bool) -> str:
    names = [one.outcome for one in rest]
    failed, unsure, passed = (names.count(one) for one in _WORST)
    parts = [sentences.fail(failed)] if failed else []
    parts += [sentences.be(unsure, "inconclusive")] if unsure else []
    more = " more" if some_are_shown and not parts else ""
    parts += [f"{passed:,}{more} {'passes' if passed == 1 else 'pass'}"] if passed else []
    return ("and " if some_are_shown else "") + ", ".join(parts)


# --- the table ------------------------------------------------------------------------------


def _standing_table(
    page: Page, snapshot: Snapshot, outcomes: Sequence[Outcome], width: int
) -> list[Text]:
    cells = [{column.name: Text(column.name, "dim") for column in _COLUMNS}]
    cells += [_standing_row(page, snapshot, outcome) for outcome in outcomes]
    natural = {
        column.name: max(cell_len(row[column.name].plain) for row in cells) for column in _COLUMNS
    }
    columns, widths = _fitting(natural, width)
    right = [column.right for column in columns]
    return [
        layout.row([row[column.name] for column in columns], widths, right, page.symbols.more)
        for row in cells
    ]


def _standing_row(page: Page, snapshot: Snapshot, outcome: Outcome) -> dict[str, Text]:
    name = elements.name(page, outcome.rule.id)
    return {
        "outcome": _standing_label(outcome),
        "rule": Text(name if outcome.counted else f"{name} {sentences.NOT_COUNTED}"),
        "measured": Text(elements.name(page, measured(outcome, page.symbols))),
        _OPEN: Text(_open(outcome, snapshot)),
        "subjects": Text(f"{outcome.subjects:,}"),
        "violations": Text(f"{outcome.violations:,}", "bold" if outcome.violations else ""),
    }


def _standing_label(outcome: Outcome) -> Text:
    style = elements.COLORS[outcome.outcome]
    if outcome.reason == "pending":
        return Text("pending", style)
    return Text("FAIL" if outcome.outcome == "fail" else outcome.outcome, style)


def _open(outcome: Outcome, snapshot: Snapshot) -> str:
    overdue = snapshot.overdue.get(outcome.rule.id, 0)
    age = amounts.age_of(outcome.oldest_open, snapshot.log_time)
    parts = [f"{outcome.open:,}"] if outcome.open or overdue else []
    parts += [amounts.age(age)] if outcome.open and age is not None else []
    parts += [f"{overdue:,} overdue"] if overdue else []
    return ", ".join(parts)


def _fitting(natural: dict[str, int], width: int) -> tuple[list[_Column], list[int]]:
    """The columns that there is room for, and how wide each is."""
    for given_up in range(len(_GIVEN_UP) + 1):
        columns = [one for one in _COLUMNS if one.name not in _GIVEN_UP[:given_up]]
        widths = _shrunk(columns, natural, width)
        if widths is not None:
            return columns, widths
    room = width - natural[_OUTCOME.name] - layout.GAP
    if room > 0:
        return [_OUTCOME, _RULE], [natural[_OUTCOME.name], room]
    return [_OUTCOME], [width]


def _shrunk(columns: Sequence[_Column], natural: dict[str, int], width: int) -> list[int] | None:
    """The widths that fit, each column shrunk by its share of what they can give; else None."""
    widths = [natural[column.name] for column in columns]
    over = max(sum(widths) + layout.GAP * (len(columns) - 1) - width, 0)
    spare = [
        0 if column.least is None else max(wide - column.least, 0)
        for column, wide in zip(columns, widths, strict=True)
    ]
    if over > sum(spare):
        return None
    share = Fraction(over, sum(spare) or 1)
    return [wide - ceil(part * share) for wide, part in zip(widths, spare, strict=True)]
