"""sequence: each event of the first step is followed by the others in order (section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ...engine.chains import by_key, chain_events, elapsed, merged_rows
from ...engine.expiry import expired, still_open
from ...engine.findings import (
    findings_table,
    first_findings,
    first_reasons,
    no_reasons,
    none_found,
    reason_lines,
)
from ...engine.kind import Context, Judgement, Kind, Message
from ...engine.projection import ProjectedBatch
from ...engine.state import State, added, tables_of
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


SPEC = KindSpec(
    name="sequence",
    about="Each run that step 1 opens goes through the other steps in order.",
    classes=("missing", "out_of_order", "late"),
    parameters=(
        Parameter("steps", "selectors", "The steps, in order.", required=True, at_least=2),
        Parameter("within", "duration", "The longest time from step 1 to the last step."),
    ),
    keyed=True,
    check=_check,
)


MISSING, OUT_OF_ORDER, LATE = range(3)


def prepare(context: Context, projected: ProjectedBatch) -> State:
    """Take the events of all steps. `@settled` marks a first step whose run is judged."""
    names = ["@time"] if "within" in context.parameters else []
    chained = chain_events(context, projected, context.parameters["steps"], names)
    rows = chained.rows.with_columns(
        pl.lit(value=False).alias("@settled"), pl.lit(value=False).alias("@overdue")
    )
    return State(
        {"unattributed": chained.unattributed, "incomparable": chained.incomparable},
        {"rows": rows, "reasons": chained.reason_evidence},
    )


def merge(context: Context, states: Sequence[State]) -> State:
    """Join neighbouring parts of the log; judge the runs that are complete or followed by one."""
    return _settled(context, states, closed=False)


def judge(context: Context, state: State, *, closed: bool) -> Judgement:
    """Count what violates; a closed log ends the last run of each key.

    What is overdue counts as missing so far.
    """
    end = _settled(context, [state], closed=True) if closed else state
    rows = end.tables["rows"]
    waiting = rows.filter(_opens(rows))
    overdue = int(waiting["@overdue"].sum())
    classes = {name: end.tally(name) for name in SPEC.classes}
    classes["missing"] += overdue
    return Judgement(
        subjects=end.tally("subjects") + overdue,
        classes=classes,
        violations=sum(classes.values()),
        findings=end.tables["findings"],
        message=_message(context),
        unattributed=end.tally("unattributed"),
        weak=end.tally("weak"),
        incomparable=end.tally("incomparable") > 0,
        reason_evidence=end.tables["reasons"],
        no_time=end.tally("no_time") > 0,
        evicted=end.tally("evicted"),
        late_arrivals=end.tally("late_arrivals"),
        **still_open(context, waiting),
    )


def expire(context: Context, state: State, log_time: int | None) -> State:
    """Mark as overdue the runs that are late for certain; keep to the bounds."""
    return expired(
        context,
        state,
        _opens(state.tables["rows"]),
        log_time,
        lambda rows: _settled(
            context, [State(tables={"rows": rows}, anchored=state.anchored)], closed=True
        ),
    )


def _opens(rows: pl.DataFrame) -> pl.Series:
    """Which chain events open a run that is not judged."""
    return (rows["@role"] == 0) & ~rows["@settled"]


def _settled(context: Context, states: Sequence[State], *, closed: bool) -> State:
    anchored = states[0].anchored
    rows = merged_rows(states)
    steps = len(context.parameters["steps"])
    at, first = by_key(rows)
    begins = first | (rows["@role"][at] == 0)
    run = begins.cum_sum() - 1
    smooth = _smooth(rows, at, run, context)
    about = runs_of(rows, at, first, begins).hstack([smooth.filter(begins).alias("@smooth")])
    # Nearly all runs are smooth: what costs more is asked of the others only.
    is_rough = ~about["@smooth"]
    in_rough = is_rough[run]
    number = (is_rough.cum_sum() - 1)[run.filter(in_rough)]
    rest = rows[at.filter(in_rough)].hstack([number.alias("@run")])
    runs = match_steps(rest, about.filter(is_rough), steps)
    stands = runs["@opened"] & ~runs["@settled"]
    ends = runs["@complete"] | ~runs["@last"] | closed
    over = runs["@settled"] | (stands & ends)
    found, tallies, reason_evidence = _judged(context, rest, runs.filter(stands & ends))
    tallies["subjects"] += int(smooth.sum())
    tallies["weak"] += int(rows["@weak"][at.filter(smooth)].sum())
    kept = [rest[needed(runs.filter(stands & ~ends))]]
    if not anchored:
        # The first run of a key stands between what comes before and after it, settled or not.
        barriers = [
            rest[runs["@at0"].filter(over & runs["@first"])],
            rows[at.filter(begins).filter(about["@smooth"] & about["@first"])],
        ]
        kept += [barrier.with_columns(pl.lit(value=True).alias("@settled")) for barrier in barriers]
        kept.append(rest[enterable(rest, runs, steps)])
    findings = first_findings([*tables_of(states, "findings"), found], context.max_findings)
    return State(
        added([*states, State(tallies)]),
        {
            "rows": pl.concat([part[rows.columns] for part in kept]),
            "findings": findings,
            "reasons": first_reasons([*tables_of(states, "reasons"), reason_evidence]),
        },
        anchored=anchored,
    )


def _smooth(rows: pl.DataFrame, at: pl.Series, run: pl.Series, context: Context) -> pl.Series:
    """First steps that all others directly follow, in time: nearly all runs."""
    steps, within = len(context.parameters["steps"]), context.parameters.get("within")
    role, run_of = pl.col("@role"), pl.col("@run")
    tests = [role == 0, ~pl.col("@settled"), ~pl.col("@overdue"), run_of.shift(1 - steps) == run_of]
    tests += [role.shift(-step) == step for step in range(1, steps)]
    columns = ["@role", "@settled", "@overdue"]
    if within is not None:
        columns.append("@time")
        begin, end = pl.col("@time"), pl.col("@time").shift(1 - steps)
        tests.append(end.cast(pl.Int128) - begin.cast(pl.Int128) <= pl.lit(within, pl.Int128))
    asked = pl.DataFrame([rows[name][at] for name in columns]).hstack([run.alias("@run")])
    return asked.select(pl.all_horizontal(tests).fill_null(value=False)).to_series()


def _judged(
    context: Context, rest: pl.DataFrame, ended: pl.DataFrame
) -> tuple[pl.DataFrame, dict[str, int], pl.DataFrame]:
    """Findings, tallies and evidence for reasons of runs that are over."""
    if not ended.height:
        return none_found(), {"subjects": 0, "weak": 0}, no_reasons()
    steps = len(context.parameters["steps"])
    later = range(1, steps)
    missing = pl.coalesce(*(pl.when(pl.col(f"@at{step}").is_null()).then(step) for step in later))
    occurs = pl.coalesce(
        *(pl.when(missing == step).then(pl.col(f"@any{step}").is_not_null()) for step in later)
    )
    ended = ended.select(
        "@at0",
        missing.alias("@missing"),
        pl.coalesce(f"@at{step}" for step in reversed(range(steps))).alias("@end"),
        pl.when(occurs)
        .then(OUT_OF_ORDER)
        .when(missing.is_not_null())
        .then(MISSING)
        .alias("@class"),
    )
    begin, end = rest[ended["@at0"]], rest[ended["@end"]]
    tallies = {"subjects": ended.height, "weak": int(begin["@weak"].sum())}
    classes, details = ended["@class"], ended["@missing"].cast(pl.Int128)
    reason_evidence = no_reasons()
    within = context.parameters.get("within")
    if within is not None:
        complete = ended["@missing"].is_null()
        took = elapsed(begin["@time"], end["@time"])
        untimed = complete & took.is_null()
        tallies["no_time"] = int(untimed.sum())
        lacks = ended["@at0"].zip_with(begin["@time"].is_null(), ended["@end"]).filter(untimed)
        reason_evidence = reason_lines(rest[lacks], "no_time")
        late = complete & (took > within).fill_null(value=False)
        tallies["late_arrivals"] = int((complete & begin["@overdue"] & ~late).sum())
        classes = pl.Series([LATE], dtype=classes.dtype).zip_with(late, classes)
        details = took.zip_with(late, details)
    tallies |= {name: int((classes == class_).sum()) for class_, name in enumerate(SPEC.classes)}
    violates = classes.is_not_null()
    found = findings_table(
        begin.filter(violates),
        class_=classes.filter(violates),
        key=context.rule.key or (),
        second=end.filter(violates),
        details=[details.filter(violates)],
    )
    return found, tallies, reason_evidence


def _message(context: Context) -> Message:
    steps: Sequence[Selector] = context.parameters["steps"]
    within: int = context.parameters.get("within", 0)

    def message(finding: Mapping[str, Any]) -> str:
        detail = int(finding["details"][0])
        if finding["class"] == LATE:
            return f"took {duration(detail)} to the last step, allowed {duration(within)}"
        step = f"step {detail + 1} of {len(steps)} ({steps[detail].text})"
        if finding["class"] == OUT_OF_ORDER:
            return f"{step} stands before the step it should follow"
        return f"{step} does not follow"

    return message


SEQUENCE = Kind(SPEC, prepare, merge, judge, expire)
