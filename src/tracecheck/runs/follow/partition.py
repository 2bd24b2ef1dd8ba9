"""Partitions: each one order of events, folded while it grows, and kept small."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ...engine.chains import joined_rows
from ...engine.findings import first_findings, none_found
from ...engine.kind import Judgement
from ...engine.plan import Plan
from ...engine.state import Chain, Partial, State, combined
from .checkpoints import named, prefixed


@dataclass(frozen=True, slots=True)
class NewFindings:
    """What the last batches showed of a rule (FINDINGS): findings, and what became overdue."""

    findings: pl.DataFrame
    overdue: pl.DataFrame


def told_later(plan: Plan, new: Sequence[NewFindings]) -> list[NewFindings]:
    """What is new of the rules to which order does not matter; the others are told at the end."""
    nothing = NewFindings(none_found(), none_found())
    return [
        nothing if rule.kind.spec.keyed else one for rule, one in zip(plan.rules, new, strict=True)
    ]


class Partition:
    """The state of all rules over one order of events.

    The first findings are kept beside the states; those found later are handed out once, and from
    then on only counted.
    """

    def __init__(self, whole: Partial) -> None:
        """Go on from what is known."""
        self._kept = [state.findings for state in whole.states]
        self._rest = replace(whole, states=tuple(map(_without_findings, whole.states)))

    def advance(
        self,
        plan: Plan,
        parts: Sequence[Partial],
        log_time: int | None,
        keep: Sequence[int | None],
    ) -> list[NewFindings]:
        """Take batches that follow, at `log_time` (ns); of each rule, what is new.

        `keep` is how many findings each rule needs in the end; `plan` says how many at a time.
        """
        whole = plan.merge([self._rest, *parts]) if parts else self._rest
        states, fresh = [], []
        for at, (rule, state) in enumerate(zip(plan.rules, whole.states, strict=True)):
            expired, overdue = rule.kind.expire(rule.context, state, log_time)
            fresh.append(NewFindings(expired.findings, overdue))
            if expired.findings.height:
                self._kept[at] = first_findings([self._kept[at], expired.findings], keep[at])
            states.append(_without_findings(expired))
        self._rest = replace(whole, states=tuple(states))
        return fresh

    @property
    def without_findings(self) -> Partial:
        """All that is known but the findings."""
        return self._rest

    @property
    def whole(self) -> Partial:
        """All that is known of the partition."""
        states = zip(self._rest.states, self._kept, strict=True)
        return replace(
            self._rest, states=tuple(replace(state, findings=kept) for state, kept in states)
        )


def _without_findings(state: State) -> State:
    return replace(state, findings=none_found()) if state.findings.height else state


class Partitions:
    """The partitions of a run, by number: in that order their events follow each other."""

    def __init__(self, plan: Plan, final: Plan) -> None:
        """`plan` keeps as many findings as one step reports, `final` as many as the last report."""
        self._by_number = {0: Partition(plan.beginning())}
        # The evidence of one violation is cut to what the last report shows.
        self._keep = [
            last.kind.kept((last if last.kind.gathers else rule).context)
            for rule, last in zip(plan.rules, final.rules, strict=True)
        ]

    def advance(
        self, plan: Plan, number: int, parts: Sequence[Partial], log_time: int | None
    ) -> list[NewFindings]:
        """Take batches that come next in a partition; of each rule, what is new."""
        if number not in self._by_number:
            self._by_number[number] = Partition(plan.beginning(anchored=False))
        return self._by_number[number].advance(plan, parts, log_time, self._keep)

    def side_by_side(self, plan: Plan) -> Partial:
        """What is settled within partitions, and open in them, without what one is to another."""
        parts = [partition.whole for partition in self._ordered()]
        if len(parts) == 1:
            return parts[0]
        states = []
        for at, rule in enumerate(plan.rules):
            each = [part.states[at] for part in parts]
            chains = [state for state in each if isinstance(state, Chain)]
            first = replace(chains[0], rows=joined_rows(chains)) if chains else each[0]
            states.append(combined(first, each, rule.kind.kept(rule.context)))
        return plan.gathered(states, parts)

    def joined(self, plan: Plan, *, findings: bool = True) -> Partial:
        """All partitions one after the other; without the findings that are known, if wanted."""
        ordered = self._ordered()
        parts = [one.whole if findings else one.without_findings for one in ordered]
        return parts[0] if len(parts) == 1 else plan.merge(parts)

    def untold(
        self, plan: Plan, judged: Sequence[Judgement], *, undecided: bool
    ) -> list[NewFindings]:
        """As the log is closed, the findings of each rule that are left to tell.

        `judged` is how rules stand; `undecided` that those to which order matters told nothing yet.
        """
        others = plan.judge(self.joined(plan, findings=False), closed=True)
        left = [
            whole if undecided and rule.kind.spec.keyed else rest
            for rule, whole, rest in zip(plan.rules, judged, others, strict=True)
        ]
        return [NewFindings(one.findings, none_found()) for one in left]

    def written(self) -> tuple[dict[str, Any], dict[str, pl.DataFrame]]:
        """All that is known, as plain values, and tables by name."""
        values: dict[str, Any] = {}
        tables: dict[str, pl.DataFrame] = {}
        for number, partition in self._by_number.items():
            values[str(number)], own = partition.whole.written()
            tables |= prefixed(f"{number}", own)
        return values, tables

    def resume(
        self,
        plan: Plan,
        values: Mapping[str, Any],
        tables: Mapping[str, pl.DataFrame],
        before: Sequence[int | None],
    ) -> None:
        """Go on from what an earlier run has `written`; `before` is the number of each rule there.

        A rule that had none begins, as it would in a run that begins with what comes now.
        """
        for number, own in values.items():
            beginning = plan.beginning(anchored=int(number) == 0)
            whole = Partial.read(beginning, own, named(number, tables), before)
            self._by_number[int(number)] = Partition(whole)

    def _ordered(self) -> list[Partition]:
        return [self._by_number[number] for number in sorted(self._by_number)]
