"""What rules know of a part of the log: counts and tables that merge, and can be written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self, TypeVar

import polars as pl

from ..events.clocks import RISING, Clocks
from ..events.table import Seen
from ..model.verdict import Totals
from .findings import first_findings, first_reasons, no_reasons, none_found
from .origins import Origins

_RISING, _KEYS = "rising", "keys"
"""Names of tables that no state has."""

AnyState = TypeVar("AnyState", bound="State")


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a rule knows of a part of the log; enough for kinds to which order does not matter.

    `findings` (FINDINGS) are the first in event order, `reasons` (REASON_EVIDENCE) the first line
    of each reason. `anchored`: the part begins where the log begins, so nothing comes before it.
    """

    counts: Counter[str] = field(default_factory=Counter)
    findings: pl.DataFrame = field(default_factory=none_found)
    reasons: pl.DataFrame = field(default_factory=no_reasons)
    anchored: bool = False

    @property
    def height(self) -> int:
        """How many open events it holds: those that a merge looks at again."""
        return 0

    def at_the_start(self) -> Self:
        """The same where nothing comes before the part."""
        return replace(self, anchored=True)

    @property
    def tables(self) -> dict[str, pl.DataFrame]:
        """Its tables by name."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: table for name, table in values.items() if isinstance(table, pl.DataFrame)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain(State):
    """What a rule knows to which the order of events matters.

    `rows` (`chains.CHAIN`) are the events whose neighbours may still matter. `settled`: these come
    of a merge, so that nothing more is to be said of a key before another event of it comes.
    """

    rows: pl.DataFrame
    settled: bool = False

    def at_the_start(self) -> Self:
        """The same where nothing comes before the part, which settles more."""
        return replace(self, anchored=True, settled=False)

    @property
    def height(self) -> int:
        """How many open events it holds: those that a merge looks at again."""
        return self.rows.height


def combined(state: AnyState, parts: Sequence[State], max_findings: int | None) -> AnyState:
    """The state with the counts, reasons and first findings of all parts, anchored as the first."""
    return replace(
        state,
        counts=sum((part.counts for part in parts), Counter()),
        findings=first_findings([part.findings for part in parts], max_findings),
        reasons=first_reasons([part.reasons for part in parts]),
        anchored=parts[0].anchored,
    )


@dataclass(frozen=True, slots=True)
class Partial:
    """What all rules of a plan know of a part of the log, with its totals and the names it shows.

    `late_arrivals` counts events that came after later ones of other sources were judged. `last` is
    the order of the last event (`@when`, `@place`), and its time (ns, None without one). `origins`
    are those of each rule where the order of sources is unknown, else there are none.
    """

    states: tuple[State, ...]
    totals: Totals
    seen: Seen
    late_arrivals: int = 0
    last: tuple[int, int, int | None] | None = None
    clocks: Clocks = field(default_factory=Clocks)
    origins: tuple[Origins, ...] = ()

    def anchored(self) -> Partial:
        """The same where nothing comes before the part."""
        states = tuple(one.at_the_start() for one in self.states)
        return replace(self, states=states, clocks=self.clocks.at_the_start())

    @property
    def height(self) -> int:
        """How many open events, and origins, it holds, which is what a merge costs."""
        held = sum(origins.keys.height for origins in self.origins)
        return held + sum(state.height for state in self.states)

    def written(self) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
        """The same as plain values, and tables by name: for `read`, in this run or another."""
        clocks, rising = self.clocks.written()
        values = {
            "states": [{"counts": one.counts, "anchored": one.anchored} for one in self.states],
            "totals": asdict(self.totals),
            "seen": {name: sorted(names) for name, names in asdict(self.seen).items()},
            "late_arrivals": self.late_arrivals,
            "last": self.last,
            "clocks": clocks,
            "origins": [
                {"ends": one.ends, "mixed": one.mixed, "forgotten": one.forgotten}
                for one in self.origins
            ],
        }
        tables = {
            f"{number}.{name}": table
            for number, state in enumerate(self.states)
            for name, table in state.tables.items()
        }
        tables[_RISING] = rising
        tables |= {f"{at}.{_KEYS}": one.keys for at, one in enumerate(self.origins)}
        return values, tables

    @classmethod
    def read(
        cls,
        beginning: Partial,
        values: Mapping[str, Any],
        tables: Mapping[str, pl.DataFrame],
        before: Sequence[int | None] | None = None,
    ) -> Self:
        """What was `written`; `beginning` is that of the same plan: its states are of the types.

        Of another plan if `before` is given, the number that each rule has in what was written:
        one that has none begins.
        """
        before = range(len(values["states"])) if before is None else before
        own: list[dict[str, Any]] = [
            {**state, "counts": Counter(state["counts"])} for state in values["states"]
        ]
        origins: list[dict[str, Any]] = [
            {**one, "ends": tuple(one["ends"])} for one in values["origins"]
        ]
        for path, table in tables.items():
            number, _, name = path.partition(".")
            if path != _RISING:
                (origins if name == _KEYS else own)[int(number)][name] = table
        states = tuple(zip(before, beginning.states, strict=True))
        for at, state in states:
            if at is not None:
                _ensure_same(state.tables, own[at])
        for one in origins:
            _ensure_same({_KEYS: Origins().keys}, one)
        _ensure_same({_RISING: pl.DataFrame(schema=RISING)}, tables)
        seen = dict(values["seen"])
        pairs = frozenset((name, value) for name, value in seen.pop("values"))
        return cls(
            states=tuple(
                state if number is None else type(state)(**own[number]) for number, state in states
            ),
            totals=Totals(**values["totals"]),
            seen=Seen(**{name: frozenset(names) for name, names in seen.items()}, values=pairs),
            late_arrivals=values["late_arrivals"],
            last=None if values["last"] is None else tuple(values["last"]),
            clocks=Clocks.read(values["clocks"], tables[_RISING]),
            origins=tuple(
                Origins() if number is None else Origins(**origins[number])
                for number in (before if origins else ())
            ),
        )


def _ensure_same(wanted: Mapping[str, pl.DataFrame], found: Mapping[str, Any]) -> None:
    """Refuse tables of other columns, where they have any. Raises TypeError."""
    for name, table in wanted.items():
        if name in found and found[name].schema not in (table.schema, {}):
            raise TypeError(f"{name} has other columns")
