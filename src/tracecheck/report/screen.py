"""The live screen of a run that follows: as much as fits of a snapshot, the verdict first.

A pure function: `cli.terminal.screen` has the terminal. Where there is little room, this is left
out, in this order: findings but the last three, the last minutes, the rules that pass, these
three. The rest makes room for a finding that is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.text import Text

from ..model.live import Snapshot
from . import layout, panels, rule_table
from .layout import Page
from .style import Style

_KEPT = 3
_FEWEST = 8
"""The last findings that are shown, if so many rows are left for the rules."""

_LISTED = 7
"""Rows for a list of findings above the one that is looked at."""


@dataclass(frozen=True, slots=True)
class View:
    """What a person looks at: `selected` is the place of a finding in `Snapshot.recent`."""

    paused: bool = False
    selected: int | None = None


def screen(snapshot: Snapshot, view: View, width: int, height: int, style: Style) -> Text:
    """Exactly `height` lines, none wider than `width` cells; of `style`, only its symbols."""
    draw = _Drawing(snapshot, view, Page(style, width))
    page = Text("\n", no_wrap=True, overflow="crop", end="")
    return page.join(draw.lines(height))


@dataclass(frozen=True, slots=True)
class _Drawing:
    snapshot: Snapshot
    view: View
    page: Page

    def lines(self, height: int) -> list[Text]:
        """The head above, the keys below, and between them what there is room for."""
        few = max(1, height // 12)
        paused, at = self.view.paused, self._selected()
        top = [
            panels.head(self.page, self.snapshot, paused=paused),
            *panels.troubles(self.page, self.snapshot, few),
            *panels.facts(self.page, self.snapshot, few),
        ]
        top = top[: max(height // 3, 1)]
        room = max(height - 1 - len(top), 0)
        body = self._overview(room) if at is None else self._reading(room, at)
        blank = [Text()] * (room - len(body))
        foot = panels.keys(self.page, paused=paused, selected=at is not None)
        return [*top, *body, *blank, foot][:height]

    def _selected(self) -> int | None:
        at = self.view.selected
        return at if at is not None and 0 <= at < len(self.snapshot.recent) else None

    def _overview(self, room: int) -> list[Text]:
        last = min(len(self.snapshot.recent), _KEPT)
        kept = last + 2 if last and room >= last + 2 + _FEWEST else 0
        rules = rule_table.rules(self.page, self.snapshot, room - kept)
        minutes = self._minutes(room - kept - len(rules))
        left = room - len(rules) - len(minutes)
        return [*rules, *minutes, *self._findings(None, left)]

    def _reading(self, room: int, at: int) -> list[Text]:
        """One finding in full; a row of rules and of others is kept beside it, if one fits."""
        full = panels.detail(self.page, self.snapshot.recent[at])
        full = [Text(), *full] if room > len(full) else full
        own = min(len(full), max(room - _LISTED, room * 2 // 3))
        listed = self._findings(at, min(room - own, _LISTED))
        left = room - own - len(listed)
        rules = rule_table.rules(self.page, self.snapshot, left)
        minutes = self._minutes(left - len(rules))
        left = room - len(rules) - len(minutes) - len(listed)
        return [*rules, *minutes, *listed, *layout.first(full, left, self.page.symbols.more)]

    def _minutes(self, room: int) -> list[Text]:
        lines = panels.windows(self.page, self.snapshot)
        lines = lines if len(lines) <= room else lines[1:]  # the blank one goes first
        return lines if len(lines) <= room else []

    def _findings(self, at: int | None, rows: int) -> list[Text]:
        return panels.findings(self.page, self.snapshot.recent, at, rows)
