"""Lines of a report: folding and cutting to a width, columns, colour. The door to rich.

Two promises hold for every page, whatever its texts are. No line is wider than the page, but one
that was added by `put`. No line starts, blanks aside, with what a CI runner would obey.
Text is never read as markup: only `rich.text.Text` is ever built, never a markup string.
"""

from __future__ import annotations

import io
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, zip_longest

from rich import cells
from rich.console import Console
from rich.text import Text

from ..text.safe import LONGEST, STARTS, clipped
from .style import NARROWEST, Style


@dataclass(frozen=True, slots=True)
class Symbols:
    """The few signs of a report that are not ASCII, and what stands for them where they must."""

    more: str
    dot: str
    least: str
    most: str
    mark: str
    arrows: str
    bars: str


UNICODE = Symbols("…", " · ", "≥", "≤", "│ ", "↑↓", "▁▂▃▄▅▆▇█")
ASCII = Symbols("...", ", ", ">=", "<=", "> ", "up/down", "_.:-=+*#")

Breaks = Sequence[Sequence[str]]
"""After which signs a line may end: any of the first group, else any of the next."""

PROSE: Breaks = ((" ", "|"),)
NAME: Breaks = ((" ", "-"),)
LIST: Breaks = ((", ", "· "), (" ",))

# One table of widths whatever the environment says, so that a report stays a pure function.
_WIDTHS = "latest"


def cell_len(text: str) -> int:
    """How many cells of a terminal the text takes: two for a wide character."""
    return cells.cell_len(text, _WIDTHS)


def fold(text: str, first: int, rest: int, breaks: Breaks = PROSE) -> list[tuple[int, int]]:
    """Where the lines of a text start and stop: the first of `first` cells, others of `rest`.

    A line ends after its last break, unless that leaves most of it empty; else where it is full.
    Blanks at its end take no room: they are not printed.
    """
    begins, filled = _measures(text)
    lines: list[tuple[int, int]] = []
    start, room = 0, first
    while (full := _full(text, start, room, begins, filled)) < len(text):
        stop = _soft(text, start, full, breaks)
        lines.append((start, stop))
        start, room = stop, rest
    lines.append((start, len(text)))
    return lines


def _measures(text: str) -> tuple[Sequence[int], Sequence[int]]:
    """Where each visible character begins, and how many cells stand before it; then the end."""
    if text.isascii():
        return range(len(text) + 1), range(len(text) + 1)
    spans, _ = cells.split_graphemes(text, _WIDTHS)
    begins = [begin for begin, _, _ in spans]
    return [*begins, len(text)], [0, *accumulate(width for _, _, width in spans)]


def _full(text: str, start: int, room: int, begins: Sequence[int], filled: Sequence[int]) -> int:
    """Where a line that begins at `start` is full, blanks after it included."""
    at = bisect_left(begins, start)
    full = begins[bisect_right(filled, filled[at] + room) - 1]
    if full <= start < len(text):
        full = begins[at + 1]  # wider than the room: it must stand somewhere
    while text.startswith(" ", full):
        full += 1
    return full


def _soft(text: str, start: int, full: int, breaks: Breaks) -> int:
    """Where the last break is, but for the first third of the line; else where it is full."""
    early = start + (full - start) // 3
    for signs in breaks:
        found = [(text.rfind(sign, early, full), len(sign)) for sign in signs]
        ends = [at + length for at, length in found if at >= 0]
        if ends:
            return max(ends)
    return full


def folded(
    text: Text | str, width: int, lead: str = "", hang: str | None = None, breaks: Breaks = PROSE
) -> list[Text]:
    """A text as lines of `width` cells, `lead` before the first, `hang` before the others."""
    text = Text(text) if isinstance(text, str) else text
    hang = " " * cell_len(lead) if hang is None else hang
    first, rest = (max(width - cell_len(before), 2) for before in (lead, hang))
    lines = [
        Text.assemble(hang if start else lead, text[start:stop])
        for start, stop in fold(text.plain, first, rest, breaks)
    ]
    for line in lines:
        line.rstrip()
    return lines


def cut(text: Text, width: int, more: str) -> Text:
    """The text in `width` cells; `more` at its end, if something is missing."""
    plain = text.plain
    if (len(plain) <= width and plain.isascii()) or cell_len(plain) <= width:
        return text
    room = width - cell_len(more)
    if room <= 0:
        return Text(more[:width])
    stop = fold(plain, room, room, ())[0][1]
    while cell_len(plain[:stop].rstrip(" ")) > room:  # its first character is wider than the room
        stop -= 1
    kept = text[:stop]
    kept.rstrip()
    return Text.assemble(kept, more)


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: its header, and how its cells stand, fold and shrink."""

    header: str
    breaks: Breaks = PROSE
    right: bool = False
    least: int | None = None  # cells below which it is better left out; None: it never shrinks


Row = Mapping[Column, Text]
Widths = Mapping[Column, int]
"""The columns that are shown, in order, and the cells that each is wide."""

GAP = 2
"""Blanks between two columns."""


def natural(rows: Sequence[Row], columns: Iterable[Column]) -> dict[Column, int]:
    """How wide each column is where nothing in it is cut or folded."""
    return {column: max(cell_len(row[column].plain) for row in rows) for column in columns}


def cut_row(row: Row, widths: Widths, more: str) -> Text:
    """A row of a table as one line, each cell cut to its width, with `more` at its end."""
    line = _joined((cut(row[column], width, more) for column, width in widths.items()), widths)
    line.rstrip()
    return line


def folded_row(row: Row, widths: Widths) -> list[Text]:
    """A row of a table, each cell folded to its width."""
    cells = [folded(row[column], width, breaks=column.breaks) for column, width in widths.items()]
    return [_joined(line, widths) for line in zip_longest(*cells, fillvalue=Text())]


def _joined(cells: Iterable[Text], widths: Widths) -> Text:
    columns = zip(cells, widths.items(), strict=True)
    return Text(" " * GAP).join(_padded(cell, width, one.right) for cell, (one, width) in columns)


def _padded(text: Text, width: int, right: bool) -> Text:
    text = text.copy()
    text.rstrip()
    blanks = " " * (width - cell_len(text.plain))
    return Text.assemble(blanks, text) if right else Text.assemble(text, blanks)


class Page:
    """The lines of one report, added from top to bottom."""

    def __init__(self, style: Style, width: int | None = None) -> None:
        """Start an empty page as wide as the style says, or of exactly this width."""
        self.width = max(NARROWEST, style.width) if width is None else width
        self.symbols = ASCII if style.ascii else UNICODE
        self._style = style
        self._lines: list[Text] = []

    @property
    def height(self) -> int:
        """How many lines there are by now."""
        return len(self._lines)

    def foreign(self, text: str, limit: int = LONGEST) -> str:
        """A text that is not our own, safe and short enough to be put on the page."""
        return clipped(text, limit, ascii=self._style.ascii)

    def cut(self, line: Text) -> Text:
        """A line cut to the page."""
        return cut(line, self.width, self.symbols.more)

    def put(self, line: Text | str) -> None:
        """Add one whole line as it is, however wide."""
        line = Text(line) if isinstance(line, str) else line.copy()
        line.rstrip()
        if line.plain.lstrip().startswith(STARTS):
            # The mark takes the place of the first blank: the width stays what it was.
            rest = line[1:] if line.plain.startswith(" ") else line
            line = Text.assemble(self.symbols.mark.rstrip(), rest)
        self._lines.append(line)

    def row(self, row: Row, widths: Widths) -> None:
        """Add one row of a table; what is wider than its column is folded."""
        for line in folded_row(row, widths):
            self.put(line)

    def blank(self) -> None:
        """Add an empty line."""
        self._lines.append(Text())

    def say(
        self, text: Text | str, lead: str = "", hang: str | None = None, breaks: Breaks = PROSE
    ) -> None:
        """Add a text folded to the page, `lead` before its first line, `hang` before others."""
        for line in folded(text, self.width, lead, hang, breaks):
            self.put(line)

    def render(self) -> str:
        """The page as one string with a newline at its end."""
        if not self._style.color:
            return "".join(f"{line.plain}\n" for line in self._lines)
        # All is given and nothing is read from the environment: the page is a pure function.
        console = Console(
            file=io.StringIO(), force_terminal=True, color_system="standard", width=self.width,
            no_color=False, legacy_windows=False, markup=False, highlight=False, emoji=False,
            _environ={},
        )  # fmt: skip
        with console.capture() as captured:
            console.print(Text("\n").join(self._lines), soft_wrap=True)
        return captured.get()


def first(lines: Sequence[Text], rows: int, more: str) -> list[Text]:
    """As many lines as there are rows; the last row says how many are missing."""
    if len(lines) <= rows:
        return list(lines)
    missing = len(lines) - rows + 1
    return [*lines[: rows - 1], Text(f"{more} {missing:,} more lines", "dim")] if rows > 0 else []


def sparkline(values: Sequence[int], width: int, bars: str) -> str:
    """The last values as bars; the lowest bar is 0, and nothing else is."""
    shown = values[-width:] if width > 0 else ()
    peak = max(shown, default=0)
    highest = len(bars) - 1
    return "".join(bars[-(-value * highest // peak) if value > 0 else 0] for value in shown)
