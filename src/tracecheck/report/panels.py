"""The parts of a live screen but the table of rules: the head, the last minutes, the findings.

Each is some lines, none of them wider than the screen. All text of a log is made safe by the page.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from ..model.live import Snapshot, Violation, Window
from ..model.rules import RuleSpec
from ..model.verdict import DEFECTS
from ..text import amounts
from . import elements, layout, sentences
from .layout import LIST, Column, Page, Row
from .measured import percent

_LEAST_LABEL = 12

# --- the head and the foot ------------------------------------------------------------------


def head(page: Page, snapshot: Snapshot, *, paused: bool) -> Text:
    """The verdict so far and why."""
    verdict = snapshot.verdict
    overdue = sum(snapshot.overdue.values())
    parts = [elements.label(verdict.verdict, " so far")]
    parts += [("paused", "bold reverse")] if paused else []
    parts += [(sentences.headline(verdict), "bold")]
    parts += [(sentences.overdue(overdue), "")] if overdue else []
    line = Text(page.symbols.dot).join(Text(*part) for part in parts)
    return page.cut(line)


def facts(page: Page, snapshot: Snapshot, rows: int) -> list[Text]:
    """Where the run is in the log, how fast it reads, and how much it has read."""
    speed, time, totals = snapshot.lines_per_second, snapshot.log_time, snapshot.verdict.totals
    parts = [
        "no time in the log yet" if time is None else amounts.clock(time),
        f"{sentences.plural(snapshot.lag, 'byte')} behind the end",
        f"{speed:,.0f} lines/s" if speed >= 10 else f"{speed:.1f} lines/s",
        sentences.plural(snapshot.late_arrivals, "late arrival"),
        sentences.size(snapshot.verdict),
        *(f"{count:,} {name}" for name in DEFECTS if (count := getattr(totals, name))),
    ]
    lines = layout.folded(page.symbols.dot.join(parts), page.width, breaks=LIST)
    # The last row takes the rest in, and is cut where it ends.
    return list(map(page.cut, [*lines[: rows - 1], Text(" ").join(lines[rows - 1 :])]))


def troubles(page: Page, snapshot: Snapshot, rows: int) -> list[Text]:
    """What stands in the way of reading, storing or notifying."""
    lines = [
        Text.assemble(
            ("TROUBLE", "bold yellow"), f"  {elements.path(page, one.about)}: ",
            page.foreign(one.message),
        )
        for one in snapshot.troubles
    ]  # fmt: skip
    if len(lines) > rows:
        more = sentences.plural(len(lines) - rows + 1, "trouble")
        lines[rows - 1 :] = [Text(f"and {more} more")]
    return list(map(page.cut, lines[:rows]))


def keys(page: Page, *, paused: bool, selected: bool) -> Text:
    """Which keys do what."""
    parts = ["q quit", "p go on" if paused else "p pause", f"{page.symbols.arrows} findings"]
    parts += ["Esc back"] if selected else []
    return page.cut(Text("  ".join(parts), "dim"))


# --- the last minutes -----------------------------------------------------------------------


def windows(page: Page, snapshot: Snapshot) -> list[Text]:
    """How many events the last minutes of log time had, and what share of each rate they met."""
    rows = _shares(page, snapshot) if snapshot.windows else []
    if snapshot.volume:
        numbers = f"now {snapshot.volume[-1]:,}, peak {max(snapshot.volume):,}"
        label = "events/min"
        room = page.width - len(label) - len(numbers) - 2 * layout.GAP
        bars = layout.sparkline(snapshot.volume, room, page.symbols.bars)
        rows.append(Text("  ".join(filter(None, (label, bars, numbers)))))
    return [Text(), *map(page.cut, rows)] if rows else []


def _shares(page: Page, snapshot: Snapshot) -> list[Text]:
    """With the counts; where that is too wide, without them, and then without the longest times."""
    label = Column("last")
    times = [Column(f"{window.minutes} min", right=True) for window in snapshot.windows]
    rows: list[Row] = []
    widths: dict[Column, int] = {}
    for shown in range(len(times) + 1, 0, -1):
        rows = _share_rows(page, snapshot, label, times, counts=shown > len(times))
        widths = layout.natural(rows, [label, *times[:shown]])
        whole = widths.pop(label)
        room = page.width - sum(widths.values()) - layout.GAP * len(widths)
        widths = {label: max(min(whole, room), 1), **widths}
        if room >= min(_LEAST_LABEL, whole):
            break
    return [layout.cut_row(row, widths, page.symbols.more) for row in rows]


def _share_rows(
    page: Page, snapshot: Snapshot, label: Column, times: Sequence[Column], *, counts: bool
) -> list[Row]:
    """A head, the events of each window, and each rule that has a share in one of them."""
    windows = snapshot.windows
    rules = [
        outcome.rule
        for outcome in snapshot.verdict.outcomes
        if any(outcome.rule.id in window.shares for window in windows)
    ]
    cells = [
        ["events", *(f"{window.events:,}" for window in windows)],
        *(
            [elements.name(page, one.id), *(_share(one, window, counts) for window in windows)]
            for one in rules
        ),
    ]
    columns = [label, *times]
    return [
        {column: Text(column.header, "dim") for column in columns},
        *(dict(zip(columns, map(Text, row), strict=True)) for row in cells),
    ]


def _share(rule: RuleSpec, window: Window, counts: bool) -> str:
    of, over = window.shares.get(rule.id, (0, 0))
    if not over:
        return "none"
    return percent(rule, of, over) + (f" of {over:,}" if counts else "")


# --- findings -------------------------------------------------------------------------------


def findings(
    page: Page, recent: Sequence[Violation], selected: int | None, rows: int
) -> list[Text]:
    """The last findings, the newest first, around the selected one; nothing in too few rows."""
    if not recent or rows < 3:
        return []
    shown = min(len(recent), rows - 2)
    # How many of the newest have to be scrolled past so that the selected one is in sight.
    past = 0 if selected is None else max(0, len(recent) - selected - shown)
    newest = range(len(recent) - 1 - past, len(recent) - 1 - past - shown, -1)
    lines = [_listed(page, recent[at], chosen=at == selected) for at in newest]
    title = Text(f"last {sentences.plural(len(recent), 'finding')}, the newest first", "dim")
    return [Text(), *map(page.cut, [title, *lines])]


def _listed(page: Page, found: Violation, *, chosen: bool) -> Text:
    finding = found.finding
    parts = [elements.time(finding), found.rule.severity, elements.name(page, found.rule.id)]
    parts += [elements.name(page, finding.class_)]
    parts += [f"and {found.more:,} more"] if found.more else []
    parts += [elements.key(page, finding)]
    parts += [elements.place(page, line) for line in finding.evidence[:1]]
    parts += [page.foreign(finding.message)]
    line = "  ".join(filter(None, parts))
    return Text(f"> {line}", "reverse") if chosen else Text(f"  {line}")


def detail(page: Page, found: Violation) -> list[Text]:
    """One finding in full, with its lines of the log."""
    rule, finding = found.rule, found.finding
    when = f"{elements.time(finding)}  {rule.severity}  ".lstrip()
    name = Text.assemble(when, (elements.name(page, rule.id), "bold"))
    class_ = Text(elements.name(page, finding.class_), "bold")
    class_.append(f"  {elements.key(page, finding)}".rstrip())
    texts = [(name, ""), (class_, ""), (Text(page.foreign(finding.message)), "  ")]
    for one in finding.evidence:
        texts += [(Text(elements.place(page, one), "cyan"), "  ")]
        texts += [(Text(page.foreign(one.text)), f"  {page.symbols.mark}")]
    if found.more:
        texts += [(Text(f"and {found.more:,} more of this rule settled with it"), "")]
    if remedy := elements.paragraph(page, rule.remedy):
        texts += [(Text.assemble(("What to do: ", "italic"), remedy), "")]
    lines = [line for text, lead in texts for line in layout.folded(text, page.width, lead, lead)]
    return list(map(page.cut, lines))
