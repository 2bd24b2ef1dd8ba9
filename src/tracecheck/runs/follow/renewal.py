"""Rules of a run that goes on from a checkpoint: which go on from it, and which begin anew.

What a rule knows is its own, so one that changed voids no other. What was read is not read again:
a rule that changed, or is new, judges what comes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, cast

import polars as pl

from ...engine.kind import FROM_THE_START, Since
from ...engine.plan import Plan
from ...model.rules import RuleSet
from ..options import RunOptions
from .checkpoints import Checkpoint, named
from .fingerprint import fingerprint_of, mark_of

_NAMED = 5
"""Rules that are named of those to which one thing happened."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What becomes of the rules of a run, in order.

    `fingerprint` is what must be the same for any of them to go on. `marks` are what they mean by
    their ids, `since` where each began, and `before` the number that each has in the checkpoint,
    None if it begins. `told` says in a line what is otherwise there.
    """

    fingerprint: Mapping[str, Any]
    marks: Mapping[str, str]
    since: tuple[Since, ...]
    before: tuple[int | None, ...]
    told: str | None = None

    @staticmethod
    def of(
        plan: Plan, rules: RuleSet, options: RunOptions, checkpoint: Checkpoint | None
    ) -> Renewal:
        """What becomes of the rules of a plan, which a rule set has."""
        fingerprint = fingerprint_of(options)
        marks = {
            one.context.rule.id: mark_of(one.context.rule, one.kind.spec, rules)
            for one in plan.rules
        }
        if checkpoint is None:
            none = (None,) * len(marks)
            return Renewal(fingerprint, marks, (FROM_THE_START,) * len(marks), none)
        stored = {one["id"]: one for one in checkpoint.document["rules"]}
        numbers = {id_: at for at, id_ in enumerate(stored)}
        going_on = {id_ for id_, mark in marks.items() if stored.get(id_, {}).get("mark") == mark}
        now = _reached(checkpoint)
        since = (_read(stored[id_]["since"]) if id_ in going_on else now for id_ in marks)
        before = (numbers[id_] if id_ in going_on else None for id_ in marks)
        told = _told(
            now.lines,
            changed=[id_ for id_ in marks if id_ in stored and id_ not in going_on],
            new=[id_ for id_ in marks if id_ not in stored],
            removed=[id_ for id_ in stored if id_ not in marks],
        )
        return Renewal(fingerprint, marks, tuple(since), tuple(before), told)

    @property
    def going_on(self) -> frozenset[str]:
        """The rules that go on, by their ids."""
        of_each = zip(self.marks, self.before, strict=True)
        return frozenset(id_ for id_, number in of_each if number is not None)

    def state(self) -> dict[str, Any]:
        """The rules of this run, as plain values, for a later one."""
        rules = [
            {"id": id_, "mark": mark, "since": asdict(since)}
            for (id_, mark), since in zip(self.marks.items(), self.since, strict=True)
        ]
        return {"fingerprint": self.fingerprint, "rules": rules}


def _reached(checkpoint: Checkpoint) -> Since:
    """Where rules begin that begin with what comes behind a checkpoint."""
    partitions = checkpoint.document["partitions"].values()
    tables = named("sequencer", checkpoint.tables).values()
    return Since(
        lines=sum(one["totals"]["lines"] for one in partitions),
        late_arrivals=sum(one["late_arrivals"] for one in partitions),
        # Of one source each: what it brings from now on has greater places.
        waited=tuple(_ends(one["@place"]) for one in tables if one.height),
    )


def _ends(places: pl.Series) -> tuple[int, int]:
    least, most = cast("int", places.min()), cast("int", places.max())
    return least, most


def _read(since: Mapping[str, Any]) -> Since:
    waited = tuple((first, last) for first, last in since["waited"])
    return Since(since["lines"], since["late_arrivals"], waited)


def _told(lines: int, **ids: Sequence[str]) -> str | None:
    what = [f"{how}: {_some(which)}" for how, which in ids.items() if which]
    if not what or not lines:
        return None
    anew = "; what changed or is new begins behind" if ids["changed"] or ids["new"] else ""
    read = f"the {lines:,} lines that were" if lines > 1 else "the line that was"
    return f"rules {'; '.join(what)}{anew and f'{anew} {read} read'}"


def _some(ids: Sequence[str]) -> str:
    more = len(ids) - _NAMED
    return ", ".join(ids[:_NAMED]) + (f" and {more:,} more" if more > 0 else "")
