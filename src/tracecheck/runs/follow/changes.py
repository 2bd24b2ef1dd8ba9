"""The change feed of a run that follows: new violations, changed outcomes, what is overdue."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from ...engine.findings import first_findings, none_found
from ...engine.kind import Judgement
from ...engine.outcomes import called, finding_of, outcome_of
from ...engine.plan import Plan, Planned
from ...model.live import Changed, Notice, Overdue, Trouble, Violation
from ...model.rules import SEVERITIES, Severity
from ...model.verdict import Outcome
from ...text.amounts import SECOND
from .partition import NewFindings

_RECENT = 50  # violations that are kept to be shown
_REMEMBERED = 20_000  # violations that were reported as overdue
_SPEED_OVER = 5.0  # seconds
_SILENT = 1.0  # seconds without an event after which the log counts as silent

ViolationId = tuple[int, int, int]
"""A violation among others: the number of its rule, of its class, and its place."""


class ChangeFeed:
    """Compares how rules are judged now with how they were, and yields what changed as notices.

    It also keeps log time (the time of the last event, ns) beside the machine's clock (seconds).
    """

    def __init__(self, plan: Plan, judged: Sequence[Judgement], clock: Callable[[], float]) -> None:
        """`judged` is how the rules of `plan` stand; nothing of that is reported as a change."""
        self._clock = clock
        self._judged = list(judged)
        self._outcomes = [_outcome(*one) for one in zip(plan.rules, self._judged, strict=True)]
        self._settled = [_settled(*one) for one in zip(plan.rules, self._judged, strict=True)]
        self._reported_overdue: dict[ViolationId, None] = {}  # the oldest first
        self._recent: deque[tuple[ViolationId, Violation]] = deque(maxlen=_RECENT)
        self._speeds: deque[tuple[float, int]] = deque()
        self._heard = self._looked = clock()
        self._rules = [planned.context.rule for planned in plan.rules]
        self._times: dict[int, int] = {}
        self.log_time: int | None = None
        self.overdue: Mapping[str, int] = {}

    @property
    def recent(self) -> tuple[Violation, ...]:
        """The last violations that were reported, the newest last, each as it is known now."""
        return tuple(found for _, found in self._recent)

    def reached(self, partition: int, events: pl.DataFrame) -> int | None:
        """Events (EVENT) of a partition were read: the time (ns) of the last that has one."""
        self._heard = self._clock()
        timed = events.select("@when", "@place", "@time").drop_nulls("@time")
        last = timed.filter(pl.col("@when") == pl.col("@when").max())
        at = last["@place"].arg_max()
        if at is None:
            return None
        time: int = last["@time"][at]
        self._times[partition] = time
        self.log_time = max(self._times.values())
        return time

    def failed(self, fail_on: Severity) -> bool:
        """Whether a rule of this severity or above has failed, for good."""
        return any(
            judged.violations
            for rule, judged in zip(self._rules, self._judged, strict=True)
            if SEVERITIES.index(rule.severity) <= SEVERITIES.index(fail_on)
        )

    def changes(
        self, plan: Plan, judged: Sequence[Judgement], fresh: Sequence[NewFindings]
    ) -> list[Notice]:
        """What changed, now that rules are `judged` like this; `fresh` is what is new of each."""
        notices: list[Notice] = []
        for at, (rule, after, new) in enumerate(zip(plan.rules, judged, fresh, strict=True)):
            rise = after.violations - self._judged[at].violations
            rows, undone = self._rows(at, rule, after, new)
            found = _found(rule, after, rows, max(0, rise + len(undone) - rows.height))
            notices += found
            self._remember(_ids(at, rows), found, undone)
            notices += self._changed(at, rule, after)
            self._judged[at] = after
        return notices

    def silence(self, plan: Plan) -> list[Notice]:
        """Rules of which more, or less, is overdue by the machine's clock, as the log is silent."""
        now = self._clock()
        if self.log_time is None or now - self._looked < _SILENT:
            return []
        self._looked = now
        silent = now - self._heard
        by_clock = self.log_time + int(silent * SECOND) if silent >= _SILENT else None
        before, self.overdue = self.overdue, self._overdue(by_clock)
        return [
            self._of_silence(planned, judged)
            for planned, judged in zip(plan.rules, self._judged, strict=True)
            if self.overdue.get(id_ := planned.context.rule.id, 0) != before.get(id_, 0)
        ]

    def _of_silence(self, planned: Planned, judged: Judgement) -> Overdue:
        rule = planned.context.rule
        count = self.overdue.get(rule.id, 0)
        first = None
        if count and judged.first_due is not None:
            first = planned.context.evidence(*judged.first_due)
        return Overdue(rule, count, first)

    def speed(self, lines: int) -> float:
        """Lines a second over the last seconds, if so many were read by now."""
        now = self._clock()
        while len(self._speeds) > 1 and now - self._speeds[1][0] >= _SPEED_OVER:
            self._speeds.popleft()
        self._speeds.append((now, lines))
        since, before = self._speeds[0]
        return (lines - before) / (now - since) if now > since else 0.0

    def state(self) -> dict[str, Any]:
        """What was reported, as plain values that a later run can go on with."""
        overdue = [list(told) for told in self._reported_overdue]
        return {"overdue": overdue, "times": list(self._times.items())}

    def resume(
        self,
        state: Mapping[str, Any],
        plan: Plan,
        judged: Sequence[Judgement],
        before: Sequence[int | None],
    ) -> None:
        """Go on from the state of an earlier run: nothing that it reported is reported again.

        `before` is the number that each rule had in it, None if it begins.
        """
        numbers = {number: at for at, number in enumerate(before) if number is not None}
        self._reported_overdue = dict.fromkeys(
            (numbers[rule], class_, at) for rule, class_, at in state["overdue"] if rule in numbers
        )
        self._times = {partition: time for partition, time in state["times"]}  # noqa: C416 - pairs are lists
        self.log_time = max(self._times.values(), default=None)
        self._judged = list(judged)
        self._outcomes = [_outcome(*one) for one in zip(plan.rules, judged, strict=True)]
        self._settled = [_settled(*one) for one in zip(plan.rules, judged, strict=True)]
        for at, (rule, one) in enumerate(zip(plan.rules, judged, strict=True)):
            if one.violations:
                rows = one.findings.head(_RECENT // len(plan.rules) + 1)
                self._remember(_ids(at, rows), _found(rule, one, rows, 0))

    def _rows(
        self, at: int, rule: Planned, judged: Judgement, new: NewFindings
    ) -> tuple[pl.DataFrame, set[ViolationId]]:
        """The violations to report (FINDINGS), and what was overdue that they settle otherwise.

        What is overdue violates for certain, and is reported at once, by the class that it has so
        far. If it settles in that class it is not reported again; if in another one it is.
        """
        if rule.kind.gathers:  # one violation, of which the findings are the evidence
            return none_found() if self._judged[at].violations else judged.findings, set()
        findings = _no_longer_excused(rule, self._judged[at], judged, new.findings)
        findings = first_findings([findings], rule.context.max_findings)
        ids = _ids(at, findings)
        is_new = [one not in self._reported_overdue for one in ids]
        places = {place for (_, _, place), new_ in zip(ids, is_new, strict=True) if new_}
        undone = {one for one in self._reported_overdue if one[0] == at and one[2] in places}
        self._reported_overdue |= dict.fromkeys(_ids(at, new.overdue))
        for one in list(self._reported_overdue)[:-_REMEMBERED]:
            del self._reported_overdue[one]
        if not all(is_new):
            findings = findings.filter(pl.Series(is_new, dtype=pl.Boolean))
        return pl.concat([new.overdue, findings]), undone

    def _remember(
        self,
        ids: Sequence[ViolationId],
        found: Sequence[Violation],
        undone: Collection[ViolationId] = (),
    ) -> None:
        """Keep violations among the recent ones, in the place of those that they undo."""
        recent = list(zip(ids, found, strict=True))
        if undone:
            more = sum(one.more for id_, one in self._recent if id_ in undone)
            if more:  # which nobody was told one by one
                id_, last = recent[-1]
                recent[-1] = id_, replace(last, more=last.more + more)
            recent = [*(one for one in self._recent if one[0] not in undone), *recent]
            self._recent.clear()
        self._recent.extend(recent)

    def _changed(self, at: int, rule: Planned, judged: Judgement) -> Iterable[Changed]:
        """A notice if a rule's outcome is another; that something is open again is no change."""
        settled = _settled(rule, judged)
        if settled == self._settled[at]:
            return
        before, after = self._outcomes[at], _outcome(rule, judged)
        if (before.outcome, before.reason) == (after.outcome, after.reason):
            return  # it is reported once nothing is open any more
        self._settled[at], self._outcomes[at] = settled, after
        yield Changed(before, after)

    def _overdue(self, now: int | None) -> dict[str, int]:
        if now is None:
            return {}
        counts = {
            rule.id: int((judged.due < pl.Series([now], dtype=pl.Int128)).sum())
            for rule, judged in zip(self._rules, self._judged, strict=True)
            if judged.due is not None
        }
        return {id_: count for id_, count in counts.items() if count}


class TroubleFeed:
    """Remembers the troubles that stand, by what each is about, to tell only what changes."""

    def __init__(self) -> None:
        self._standing: dict[str, str] = {}

    @property
    def standing(self) -> tuple[Trouble, ...]:
        """Those that stand, as they were reported last."""
        return tuple(Trouble(about, message) for about, message in self._standing.items())

    def update(self, now: Mapping[str, str]) -> list[Trouble]:
        """What changed, now that these stand: what is over first, then what is new."""
        before, self._standing = self._standing, dict(now)
        over = [Trouble(*one, over=True) for one in before.items() if one[0] not in now]
        new = [Trouble(*one) for one in now.items() if before.get(one[0]) != one[1]]
        return [*over, *new]


def _found(rule: Planned, judged: Judgement, rows: pl.DataFrame, more: int) -> list[Violation]:
    """Violations of a rule (FINDINGS), behind the last of which there are so many more."""
    findings = [
        finding_of(rule.kind, rule.context, judged, row) for row in rows.iter_rows(named=True)
    ]
    last = len(findings) - 1
    return [
        Violation(rule.context.rule, finding, more if at == last else 0)
        for at, finding in enumerate(findings)
    ]


def _ids(at: int, found: pl.DataFrame) -> list[ViolationId]:
    """The violations of a rule by number, out of a table of findings."""
    if not found.height:  # as nearly always
        return []
    return [(at, class_, place) for class_, place in found.select("class", "place").iter_rows()]


def _no_longer_excused(
    rule: Planned, before: Judgement, after: Judgement, new: pl.DataFrame
) -> pl.DataFrame:
    """The findings (FINDINGS) that violate `after`, and were new, or excused, `before`.

    A rule excuses its first matches. What is read later may stand before one that was excused,
    and takes its place: then that one violates, and not what is new. Or it excuses a class, up to
    a number or a share: beyond that all of it violates.
    """
    if before.excused is not None and before.excused.height:
        new = pl.concat([before.excused, new])
    if after.excused is not None and after.excused.height:
        new = new.join(after.excused, on=["when", "place", "class", "minor"], how="anti")
    if after.allowed and new.height:  # of which `excused` has the first few
        names = rule.kind.spec.classes
        new = new.filter(~new["class"].is_in([names.index(name) for name in after.allowed]))
    return new


def _settled(rule: Planned, judged: Judgement) -> object:
    # Handoffs and runs are open all the time; a share beyond its limit is a change.
    return called(rule.context.rule, replace(judged, open=None))


def _outcome(rule: Planned, judged: Judgement) -> Outcome:
    """An outcome without findings, which are reported one by one."""
    bare = replace(judged, findings=none_found())
    return outcome_of(rule.kind, rule.context, bare, (), "low")
