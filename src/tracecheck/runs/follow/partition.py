"""A partition: one order of events, folded while it grows, and kept small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import polars as pl

from ...engine.findings import first_findings, none_found
from ...engine.plan import Plan
from ...engine.state import Partial, State, added, tables_of
from ...events.table import Seen
from ...model.verdict import Totals

_FINDINGS = "findings"
_OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class NewFindings:
    """What came of a rule by the last batches: findings, and those that became overdue."""

    findings: pl.DataFrame
    overdue: pl.DataFrame


class Partition:
    """The state of all rules over one order of events.

    What was found first is kept; what is found later is handed out once, and only counted then.
    """

    def __init__(self, whole: Partial, kept: Sequence[pl.DataFrame] = ()) -> None:
        """Go on from what is known, and from what was found first by each rule."""
        self._whole = whole
        self._kept = list(kept) or [none_found() for _ in whole.states]

    def advance(
        self,
        plan: Plan,
        parts: Sequence[Partial],
        log_time: int | None,
        keep: Sequence[int | None],
    ) -> list[NewFindings]:
        """Take batches that follow, at `log_time`; of each rule, what is new.

        `keep` is how many findings each rule needs in the end; `plan` says how many at a time.
        """
        whole = plan.merge([self._whole, *parts]) if parts else self._whole
        states, fresh = [], []
        for at, (rule, state) in enumerate(zip(plan.rules, whole.states, strict=True)):
            expired = rule.kind.expire(rule.context, state, log_time)
            tables = dict(expired.tables)
            found = tables[_FINDINGS]
            fresh.append(NewFindings(found, tables.pop(_OVERDUE, none_found())))
            if found.height:
                self._kept[at] = first_findings([self._kept[at], found], keep[at])
                tables[_FINDINGS] = none_found()
            states.append(replace(expired, tables=tables))
        self._whole = replace(whole, states=tuple(states))
        return fresh

    @property
    def untold(self) -> Partial:
        """All that is known but the findings, which were handed out."""
        return self._whole

    @property
    def whole(self) -> Partial:
        """All that is known of the partition."""
        states = tuple(
            replace(state, tables={**state.tables, _FINDINGS: kept})
            for state, kept in zip(self._whole.states, self._kept, strict=True)
        )
        return replace(self._whole, states=states)

    def state(self) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
        """All that is known, as plain values and tables that a later run can go on with."""
        whole = self.whole
        tables = {
            f"{at}.{name}": table
            for at, state in enumerate(whole.states)
            for name, table in state.tables.items()
        }
        document = {
            "tallies": [dict(state.tallies) for state in whole.states],
            "anchored": [state.anchored for state in whole.states],
            "totals": asdict(whole.totals),
            "tags": sorted(whole.seen.tags),
            "names": sorted(whole.seen.names),
            "late_arrivals": whole.late_arrivals,
        }
        return document, tables

    @classmethod
    def resumed(
        cls, plan: Plan, document: Mapping[str, Any], tables: Mapping[str, pl.DataFrame]
    ) -> Partition:
        """Go on where another partition was when it told its state."""
        own: list[dict[str, pl.DataFrame]] = [{} for _ in plan.rules]
        for name, table in tables.items():
            at, _, what = name.partition(".")
            own[int(at)][what] = table
        kept = [table.pop(_FINDINGS) for table in own]
        states = tuple(
            State(tallies, {**table, _FINDINGS: none_found()}, anchored=anchored)
            for tallies, table, anchored in zip(
                document["tallies"], own, document["anchored"], strict=True
            )
        )
        seen = Seen(frozenset(document["tags"]), frozenset(document["names"]))
        totals = Totals(**document["totals"])
        return cls(Partial(states, totals, seen, document["late_arrivals"]), kept)


def side_by_side(plan: Plan, partitions: Sequence[Partition]) -> Partial:
    """What is settled within partitions, and open in them, without what one is to another."""
    if len(partitions) == 1:
        return partitions[0].whole
    parts = [partition.whole for partition in partitions]
    states = []
    for at, rule in enumerate(plan.rules):
        each = [part.states[at] for part in parts]
        tables = {
            name: pl.concat(tables_of(each, name))
            for name in ("rows", "reasons")
            if any(name in state.tables for state in each)
        }
        max_findings = rule.kind.kept(rule.context)
        findings = first_findings(tables_of(each, _FINDINGS), max_findings)
        states.append(State(added(each), {**tables, _FINDINGS: findings}))
    return plan.gathered(states, parts)
