"""handoff: every `from` is directly followed by its `to` under one key (contract, section 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from ...conditions.compiler import View, Views, evaluate
from ...engine.budgets import budget_parameters
from ...engine.chain_kind import chain_kind, keys_beyond
from ...engine.chains import (
    FROM,
    FROM_AND_TO,
    KEY,
    PAIRING,
    Paired,
    chain_events,
    column_of,
    joined_rows,
    never_paired,
    open_at_end,
    pair_up,
    still_open,
    time_pairs,
)
from ...engine.findings import findings_table, first_findings, reason_lines
from ...engine.kind import Context, End
from ...engine.projection import ProjectedBatch
from ...engine.state import Chain, State, combined
from ...model.condition import Condition, names_in
from ...model.rules import KindSpec, Parameter
from ...text.amounts import duration
from ...text.wording import quoted
from .completed import compacted, completed_by, none_completed, orphans_and_duplicates

CLASSES = ("lost", "open", "mismatch", "late", "orphan", "duplicate")


SPEC = KindSpec(
    name="handoff",
    about="Each `from` event is handed to the next event of its key, which must be a `to`.",
    classes=CLASSES,
    parameters=(
        *FROM_AND_TO,
        Parameter("expect", "expectation", "What must be true of from.x and to.x in a pair."),
        Parameter("within", "duration", "The longest time from `from` to `to`."),
        *budget_parameters(CLASSES),
    ),
    keyed=True,
    check=partial(never_paired, consequence="every handoff is lost"),
)


LOST, OPEN, MISMATCH, LATE, ORPHAN, DUPLICATE = range(len(CLASSES))


@dataclass(frozen=True, slots=True, kw_only=True)
class Handoffs(Chain):
    """What a rule knows of handoffs.

    `completed` (COMPLETED) has the first completion of each key, sorted by key; `recent`
    (likewise, in no order) may repeat it. `unmatched` are `to` events without a `from` directly
    before them: what comes before this part tells orphans from duplicates.
    """

    completed: pl.DataFrame = field(default_factory=none_completed)
    recent: pl.DataFrame = field(default_factory=none_completed)
    unmatched: pl.DataFrame = field(default_factory=pl.DataFrame)


def prepare(context: Context, projected: ProjectedBatch) -> Handoffs:
    """Take the `from` and `to` events; count the subjects."""
    parameters = context.parameters
    names = [column_of(name) for name in names_in(parameters.get("expect"))]
    roles = [parameters["from"], parameters["to"]]
    taken = chain_events(context, projected, roles, names, PAIRING)
    is_subject = taken.rows["@role"] == FROM
    weak = int((is_subject & taken.rows["@weak"]).sum())
    counts = taken.counts + Counter(subjects=int(is_subject.sum()), weak=weak)
    return Handoffs(counts=counts, rows=taken.rows, reasons=taken.reasons)


def reaches(context: Context) -> list[str]:
    """What may become of a `from` of which it is unknown what follows."""
    given = {"lost": "from", "mismatch": "expect", "late": "within"}
    return [name for name, asked in given.items() if context.parameters.get(asked) is not None]


def opens(rows: pl.DataFrame) -> pl.Series:
    """Which chain events are a `from` of which it is unknown what follows."""
    return (rows["@role"] == FROM) & rows["@right_open"]


def settle(context: Context, states: Sequence[Handoffs], end: End | None) -> Handoffs:
    """Judge the events whose neighbour is known, and keep the others.

    A `to` without a `from` is judged by the keys that were completed before it. All of these are
    known only where nothing comes before the parts; elsewhere it is kept as well.
    """
    anchored = states[0].anchored
    paired = pair_up(joined_rows(states), anchored=anchored, closed=end is not None)
    found, judged = _judged_pairs(context, paired)
    is_open = still_open(paired.lost, context, end) & ~paired.lost["@followed"]
    lost, waiting = paired.lost.filter(~is_open), paired.lost.filter(is_open)
    found[LOST] = findings_table(lost, class_=LOST, key=context.key, details=[lost["@followed"]])
    found[OPEN] = findings_table(waiting, class_=OPEN, key=context.key)
    judged.append(open_at_end(waiting))

    counts: Counter[str] = Counter()
    completed, recent, counts["forgotten"] = compacted(
        [state.completed for state in states],
        [*(state.recent for state in states), completed_by(paired)],
        context.bounds.closed_keys,
        context.tuning.compact_after,
    )
    earlier = [state.unmatched for state in states if state.unmatched.height]
    unmatched = pl.concat([*earlier, paired.unmatched])
    if anchored:
        orphans, duplicates = orphans_and_duplicates(unmatched, completed, recent)
        unmatched = unmatched.clear()
        forgotten = counts["forgotten"] or any(state.counts["forgotten"] for state in states)
        if any(state.counts["evicted"] for state in states):
            # Their `from` may have been evicted: nothing can be said of them.
            orphans, duplicates = orphans.clear(), duplicates.clear()
        elif forgotten and not _same_to_both(context):
            # Perhaps they were completed too long ago to be remembered.
            counts["evicted"] = orphans.height
            orphans = orphans.clear()
        found[ORPHAN] = findings_table(orphans, class_=ORPHAN, key=context.key)
        found[DUPLICATE] = findings_table(duplicates, class_=DUPLICATE, key=context.key)
    elif (gone := keys_beyond(unmatched, context.bounds.open_keys)) is not None:
        counts["evicted"] = gone.height
        unmatched = unmatched.join(gone, on=KEY, how="anti")

    counts.update({CLASSES[class_]: table.height for class_, table in found.items()})
    shown = [table for class_, table in found.items() if context.finds(CLASSES[class_])]
    new = Handoffs(
        counts=counts,
        findings=first_findings(shown, context.max_findings),
        rows=paired.kept,
        completed=completed,
        recent=recent,
        unmatched=unmatched,
    )
    return combined(new, [new, *judged], context.max_findings)


def _same_to_both(context: Context) -> bool:
    """Whether it makes no difference which of two is an orphan, and which a duplicate."""
    budgets = {context.budget("orphan"), context.budget("duplicate")}
    return budgets in ({"violate"}, {"allow"})


def _judged_pairs(context: Context, paired: Paired) -> tuple[dict[int, pl.DataFrame], list[State]]:
    """Mismatched and late pairs (FINDINGS) by class; what is to be said of others."""
    found: dict[int, pl.DataFrame] = {}
    others: list[State] = []
    expect, within = context.parameters.get("expect"), context.parameters.get("within")
    if expect is not None:
        truth, values = _expected(context, expect, paired)
        unknown = paired.rows[paired.to_at.filter(truth.is_null())]
        reasons = reason_lines(unknown, "incomparable")
        others.append(State(counts=Counter(incomparable=unknown.height), reasons=reasons))
        found[MISMATCH] = _found_pairs(context, MISMATCH, paired, ~truth, values.get_columns())
    if within is not None:
        took, late, untimed = time_pairs(paired.rows, paired.from_at, paired.to_at, within)
        others.append(untimed)
        found[LATE] = _found_pairs(context, LATE, paired, late, [took.filter(late)])
    return found, others


def _expected(
    context: Context, expect: Condition, paired: Paired
) -> tuple[pl.Series, pl.DataFrame]:
    """Of each pair the truth of the expectation; of each false one the values of its names."""
    names = list(dict.fromkeys(names_in(expect)))
    sides = {"from": paired.from_at, "to": paired.to_at}
    pairs = pl.DataFrame(
        paired.rows[column][sides[side]].alias(f"{side}:{column}")
        for side, column in {(name.side, column_of(name)): None for name in names}
    )
    views: Views = {
        "from": View(context.vocabulary, "from:"),
        "to": View(context.vocabulary, "to:"),
    }
    truth = pairs.select(evaluate(expect, views).alias("truth")).to_series()
    if truth.all():
        return truth, pairs.clear()
    values = pairs.filter(~truth).select(
        views[name.side].text(name).alias(str(at)) for at, name in enumerate(names)
    )
    return truth, values


def _found_pairs(
    context: Context, class_: int, paired: Paired, pairs: pl.Series, details: Sequence[pl.Series]
) -> pl.DataFrame:
    before, after = (paired.rows[at.filter(pairs)] for at in (paired.from_at, paired.to_at))
    return findings_table(before, class_=class_, key=context.key, second=after, details=details)


def message(context: Context, finding: Mapping[str, Any]) -> str:
    """What became of a `from` or a `to`."""
    from_, to = context.parameters["from"].text, context.parameters["to"].text
    expect: Condition | None = context.parameters.get("expect")
    details = finding["details"]
    class_ = finding["class"]
    if class_ == LOST:
        follows = f"another {from_}" if details[0] == "true" else "nothing"
        return f"{from_} is followed by {follows}, not by {to}"
    if class_ == OPEN:
        allowed = duration(context.parameters["within"])
        return f"the log ends before the {allowed} are over in which {to} may follow {from_}"
    if class_ == MISMATCH and expect is not None:
        values = ", ".join(
            f"{name.side}.{name.name} is {context.shown(name.name, value)}"
            for name, value in zip(dict.fromkeys(names_in(expect)), details, strict=True)
        )
        return f"expected {quoted(expect.text)}: {values}"
    if class_ == LATE:
        allowed = duration(context.parameters["within"])
        return f"took {duration(int(details[0]))}, allowed {allowed}"
    if class_ == ORPHAN:
        return f"{to} without a {from_} directly before it"
    return f"{to} again, after an earlier handoff was complete"


HANDOFF = chain_kind(
    SPEC,
    prepare,
    settle,
    message,
    opens,
    becomes=("lost", "late"),
    reaches=reaches,
    counts_open=True,
)
