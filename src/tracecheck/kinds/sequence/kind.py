"""sequence: each event of the first step is followed by the others in order (section 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ...engine.budgets import budget_parameters
from ...engine.chain_kind import chain_kind
from ...engine.chains import (
    by_key,
    chain_events,
    joined_rows,
    open_at_end,
    still_open,
    time_pairs,
)
from ...engine.findings import findings_table, first_findings
from ...engine.kind import Context, End
from ...engine.projection import ProjectedBatch
from ...engine.state import Chain, State, combined
from ...model.condition import Selector
from ...model.rules import KindSpec, Parameter
from ...text.amounts import duration
from .steps import enterable, match_steps, needed, runs_of

_MOST_STEPS = 32


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    steps = parameters["steps"]
    if len(steps) > _MOST_STEPS:
        return [("steps", f"a sequence has at most {_MOST_STEPS} steps")]
    for place, step in enumerate(steps, start=1):
        first = steps.index(step) + 1
        if first < place:
            why = f"step {place} is written like step {first}, as which its events count"
            return [("steps", f"{why}: it never matches")]
    return []


CLASSES = ("missing", "out_of_order", "late", "open")

SPEC = KindSpec(
    name="sequence",
    about="Each run that step 1 opens goes through the other steps in order.",
    classes=CLASSES,
    parameters=(
        Parameter("steps", "selectors", "The steps, in order.", required=True, at_least=2),
        Parameter("within", "duration", "The longest time from step 1 to the last step."),
        *budget_parameters(CLASSES),
    ),
    keyed=True,
    check=_check,
)


MISSING, OUT_OF_ORDER, LATE, OPEN = range(len(CLASSES))


def prepare(context: Context, projected: ProjectedBatch) -> Chain:
    """Take the events of all steps. `@settled` marks a first step whose run is judged."""
    return chain_events(context, projected, context.parameters["steps"], (), {"@settled": False})


def reaches(context: Context) -> list[str]:
    """What may become of a run that is not judged."""
    names = ["missing"]
    # Nothing can stand before the second step but the first, which opens the run.
    names += ["out_of_order"] if len(context.parameters["steps"]) > 2 else []
    return names + (["late"] if context.parameters.get("within") is not None else [])


def opens(rows: pl.DataFrame) -> pl.Series:
    """Which chain events open a run that is not judged."""
    return (rows["@role"] == 0) & ~rows["@settled"]


def settle(context: Context, states: Sequence[Chain], end: End | None) -> Chain:
    """Judge the runs that are over, and keep what may still matter.

    A run is over once it is complete, or another one begins under its key, or the log is closed.
    What is kept makes, with whatever comes before and after, the same runs as all events would.
    """
    anchored = states[0].anchored
    runs = _split(context, joined_rows(states))
    about = runs.about
    stands = about["@opened"] & ~about["@settled"]
    ends = stands & (about["@complete"] | ~about["@last"] | (end is not None))
    judged = _judged(context, runs.events, about.filter(ends), end)
    weak = int(runs.rows["@weak"][runs.smooth].sum())
    kept = [runs.events[needed(about.filter(stands & ~ends))]]
    if not anchored:
        kept += _at_the_edge(context, runs, ends)
    return Chain(
        counts=judged.counts + Counter(subjects=len(runs.smooth), weak=weak),
        findings=judged.findings,
        reasons=judged.reasons,
        rows=pl.concat([part[runs.rows.columns] for part in kept]),
    )


@dataclass(frozen=True, slots=True)
class _Runs:
    """Chain events (`rows`), split by runs.

    `smooth` are the row numbers of first steps that all others directly follow, in time: nearly
    all runs. `heads` are those among them that are the first run of their key. Of all other runs
    `events` has the events, and `about` (columns of `match_steps`) a row each.
    """

    rows: pl.DataFrame
    smooth: pl.Series
    heads: pl.Series
    events: pl.DataFrame
    about: pl.DataFrame


def _split(context: Context, rows: pl.DataFrame) -> _Runs:
    """Tell smooth runs from those that need a closer look, which costs more."""
    order, first = by_key(rows)
    begins = first | (rows["@role"][order] == 0)
    run = begins.cum_sum() - 1
    smooth = _smooth(rows, order, run, context)
    about = runs_of(rows, order, first, begins)
    is_smooth = smooth.filter(begins)
    in_rough = ~is_smooth[run]
    number = ((~is_smooth).cum_sum() - 1)[run.filter(in_rough)]
    events = rows[order.filter(in_rough)].hstack([number.alias("@run")])
    return _Runs(
        rows=rows,
        smooth=order.filter(smooth),
        heads=order.filter(begins).filter(is_smooth & about["@first"]),
        events=events,
        about=match_steps(events, about.filter(~is_smooth), len(context.parameters["steps"])),
    )


def _at_the_edge(context: Context, runs: _Runs, ends: pl.Series) -> list[pl.DataFrame]:
    """What must be kept where something may come before: the first run of each key, and its steps.

    The first run, judged or not, stands between what comes before it and after it; so of one
    that is judged the first step stays, as `@settled`. Events before the first run may belong to
    a run that begins elsewhere.
    """
    about = runs.about
    judged = about["@first"] & (about["@settled"] | ends)
    barriers = [runs.events[about["@at0"].filter(judged)], runs.rows[runs.heads]]
    return [
        *(barrier.with_columns(pl.lit(value=True).alias("@settled")) for barrier in barriers),
        runs.events[enterable(runs.events, about, len(context.parameters["steps"]))],
    ]


def _smooth(rows: pl.DataFrame, order: pl.Series, run: pl.Series, context: Context) -> pl.Series:
    """First steps that all others directly follow, in time: nearly all runs."""
    steps, within = len(context.parameters["steps"]), context.parameters.get("within")
    role, run_of = pl.col("@role"), pl.col("@run")
    tests = [role == 0, ~pl.col("@settled"), pl.col("@overdue").is_null()]
    tests.append(run_of.shift(1 - steps) == run_of)
    tests += [role.shift(-step) == step for step in range(1, steps)]
    columns = ["@role", "@settled", "@overdue"]
    if within is not None:
        columns.append("@time")
        begin, end = pl.col("@time"), pl.col("@time").shift(1 - steps)
        tests.append(end.cast(pl.Int128) - begin.cast(pl.Int128) <= pl.lit(within, pl.Int128))
    asked = pl.DataFrame([rows[name][order] for name in columns]).hstack([run.alias("@run")])
    return asked.select(pl.all_horizontal(tests).fill_null(value=False)).to_series()


def _judged(context: Context, events: pl.DataFrame, ended: pl.DataFrame, end: End | None) -> State:
    """What is to be said of runs that are over, which are rows of `match_steps` on `events`."""
    if not ended.height:
        return State()
    steps = len(context.parameters["steps"])
    later = range(1, steps)
    missing = pl.coalesce(*(pl.when(pl.col(f"@at{step}").is_null()).then(step) for step in later))
    occurs = pl.coalesce(
        *(pl.when(missing == step).then(pl.col(f"@any{step}").is_not_null()) for step in later)
    )
    is_open = still_open(events[ended["@at0"]], context, end) & ended["@last"]
    ended = ended.select(
        "@at0",
        missing.alias("@missing"),
        pl.coalesce(f"@at{step}" for step in reversed(range(steps))).alias("@end"),
        pl.when(is_open)
        .then(OPEN)
        .when(occurs)
        .then(OUT_OF_ORDER)
        .otherwise(MISSING)
        .alias("@class"),
    )
    counts = Counter(subjects=ended.height, weak=int(events["@weak"][ended["@at0"]].sum()))
    is_broken = ended["@missing"].is_not_null()
    broken, complete = ended.filter(is_broken), ended.filter(~is_broken)

    def findings(runs: pl.DataFrame, class_: int, detail: pl.Series) -> pl.DataFrame:
        begin, last = events[runs["@at0"]], events[runs["@end"]]
        return findings_table(begin, class_=class_, key=context.key, second=last, details=[detail])

    found: dict[int, pl.DataFrame] = {}
    for class_ in (MISSING, OUT_OF_ORDER, OPEN):
        runs = broken.filter(broken["@class"] == class_)
        found[class_] = findings(runs, class_, runs["@missing"])
    others = [open_at_end(events[broken["@at0"].filter(broken["@class"] == OPEN)])]
    within = context.parameters.get("within")
    if within is not None:
        took, late, untimed = time_pairs(events, complete["@at0"], complete["@end"], within)
        others.append(untimed)
        found[LATE] = findings(complete.filter(late), LATE, took.filter(late))
    counts.update({CLASSES[class_]: table.height for class_, table in found.items()})
    shown = [table for class_, table in found.items() if context.finds(CLASSES[class_])]
    new = State(counts=counts, findings=first_findings(shown, context.max_findings))
    return combined(new, [new, *others], context.max_findings)


def message(context: Context, finding: Mapping[str, Any]) -> str:
    """Which step is missing or out of order, or how late the last one is."""
    steps: Sequence[Selector] = context.parameters["steps"]
    detail = int(finding["details"][0])
    if finding["class"] == LATE:
        allowed = duration(context.parameters["within"])
        return f"took {duration(detail)} to the last step, allowed {allowed}"
    step = f"step {detail + 1} of {len(steps)} ({steps[detail].text})"
    if finding["class"] == OUT_OF_ORDER:
        return f"{step} stands before the step it should follow"
    if finding["class"] == OPEN:
        allowed = duration(context.parameters["within"])
        return f"the log ends before the {allowed} are over in which {step} may follow"
    return f"{step} does not follow"


SEQUENCE = chain_kind(
    SPEC, prepare, settle, message, opens, becomes=CLASSES[:OPEN], reaches=reaches
)
