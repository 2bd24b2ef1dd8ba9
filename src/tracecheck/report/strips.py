"""Lines that never pass the edge of a screen: cut, folded, in columns, and a sparkline.

A report folds what is too long, as a page has no end. A screen has, so here most is cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from rich.text import Text

from .page import PROSE, Breaks, cell_len, fold

_BARS = "▁▂▃▄▅▆▇█"
_ASCII_BARS = "_.:-=+*#"
GAP = 2
"""Blanks between two columns."""


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


def folded(text: Text, width: int, lead: str, breaks: Breaks = PROSE) -> list[Text]:
    """The whole text over as many lines as it takes, `lead` before each."""
    room = max(width - cell_len(lead), 2)
    pieces = (text[slice(*piece)] for piece in fold(text.plain, room, room, breaks))
    lines = [Text.assemble(lead, piece) for piece in pieces]
    for line in lines:
        line.rstrip()
    return lines


def first(lines: Sequence[Text], rows: int, more: str) -> list[Text]:
    """As many lines as there are rows; the last row tells how many are missing."""
    if len(lines) <= rows:
        return list(lines)
    missing = len(lines) - rows + 1
    return [*lines[: rows - 1], Text(f"{more} {missing:,} more lines", "dim")] if rows > 0 else []


def row(cells: Sequence[Text], widths: Sequence[int], right: Sequence[bool], more: str) -> Text:
    """One line of a table, each cell in its width."""
    line = Text()
    for at, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        kept = cut(cell, width, more)
        blanks = " " * (width - cell_len(kept.plain))
        line.append(" " * GAP if at else "")
        for part in (blanks, kept) if right[at] else (kept, blanks):
            line.append(part)
    line.rstrip()
    return line


def sparkline(values: Sequence[int], width: int, *, ascii: bool) -> str:
    """The last values as bars; the lowest bar is 0, and nothing else is."""
    bars = _ASCII_BARS if ascii else _BARS
    shown = values[-width:] if width > 0 else ()
    peak = max(shown, default=0)
    highest = len(bars) - 1
    return "".join(bars[-(-value * highest // peak) if value > 0 else 0] for value in shown)
