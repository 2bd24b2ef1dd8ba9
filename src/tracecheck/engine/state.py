"""What rules know of a part of the log: tallies and tables that merge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from ..events.table import Seen
from ..model.verdict import Totals


@dataclass(frozen=True, slots=True)
class State:
    """What a rule knows of a part of the log: integer tallies, and tables (findings, open events).

    `anchored`: the part begins where the log begins, so nothing can come before it.
    """

    tallies: Mapping[str, int] = field(default_factory=dict)
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    anchored: bool = False

    def tally(self, name: str) -> int:
        """A tally; 0 if nothing was counted."""
        return self.tallies.get(name, 0)

    @property
    def height(self) -> int:
        """How many open events it holds: those that a merge looks at again."""
        return self.tables["rows"].height if "rows" in self.tables else 0


def added(states: Sequence[State]) -> dict[str, int]:
    """The tallies of several states, added."""
    names = {name for state in states for name in state.tallies}
    return {name: sum(state.tally(name) for state in states) for name in sorted(names)}


def tables_of(states: Sequence[State], name: str) -> list[pl.DataFrame]:
    """One table of several states, in their order, where it is there."""
    return [state.tables[name] for state in states if name in state.tables]


@dataclass(frozen=True, slots=True)
class Partial:
    """What all rules of a plan know of a part of the log, with its totals and the names it shows.

    `late_arrivals` are events that came after their turn in the order of several sources.
    """

    states: tuple[State, ...]
    totals: Totals
    seen: Seen
    late_arrivals: int = 0

    def anchored(self) -> Partial:
        """The same where nothing comes before the part."""
        return replace(self, states=tuple(replace(one, anchored=True) for one in self.states))

    @property
    def height(self) -> int:
        """How many open events the states hold, which is what a merge costs."""
        return sum(state.height for state in self.states)
