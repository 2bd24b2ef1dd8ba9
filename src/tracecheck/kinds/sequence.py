"""sequence: each event of the first step is followed by the others in order (section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..chains import by_key, chain_events, merged_rows, new_key
from ..expression import Selector
from ..findings import findings_table, first_findings
from ..kind import Context, Judgement, Kind, Reading, State, added, tables_of
from ..model import KindSpec, Parameter

_MOST_STEPS = 32


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    first, *later = parameters["steps"]
    if len(later) >= _MOST_STEPS:
        return [("steps", f"a sequence has at most {_MOST_STEPS} steps")]
    same = [step for step in later if (step.tag, step.where) == (first.tag, first.where)]
    if same:
        return [
            ("steps", "a later step is written like step 1, which opens a run: it never matches")
        ]
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


def prepare(context: Context, reading: Reading) -> State:
    """Take the events of all steps. `@settled` marks a first step whose run is judged."""
    names = ["@time"] if "within" in context.parameters else []
    chained = chain_events(context, reading, context.parameters["steps"], names)
    rows = chained.rows.with_columns(pl.lit(value=False).alias("@settled"))
    return State(
        {"unattributed": chained.unattributed, "incomparable": chained.incomparable},
        {"rows": rows},
    )


def merge(context: Context, states: Sequence[State]) -> State:
    """Join neighbouring stretches, and judge the runs that are complete or followed by one."""
    return _settled(context, states, closed=False)


def judge(context: Context, state: State) -> Judgement:
    """Close the log and, with it, the last run of each key."""
    beginning = State(tables={"rows": state.tables["rows"].clear()}, anchored=True)
    end = _settled(context, [beginning, state], closed=True)
    classes = {name: end.tally(name) for name in SPEC.classes}
    return Judgement(
        subjects=end.tally("subjects"),
        classes=classes,
        violations=sum(classes.values()),
        findings=end.tables["findings"],
        message=_message(context),
        unattributed=end.tally("unattributed"),
        weak=end.tally("weak"),
        incomparable=end.tally("incomparable") > 0,
        no_time=end.tally("no_time") > 0,
    )


def _settled(context: Context, states: Sequence[State], *, closed: bool) -> State:
    anchored = states[0].anchored
    rows = by_key(merged_rows(states))
    steps = len(context.parameters["steps"])
    begins = new_key(rows) | (rows["@role"] == 0)
    run = begins.cum_sum() - 1
    smooth = _smooth(rows, run, steps, context.parameters.get("within"))
    of_smooth = smooth.filter(begins).gather(run)
    about = _runs(rows, begins)
    rest = pl.concat([rows.filter(~of_smooth), about[run.filter(~of_smooth)]], how="horizontal")
    runs = _matched(rest, steps)
    begun = runs.filter((pl.col("@role") == 0) & ~pl.col("@settled"))
    ended = begun.filter(pl.col("@complete") | ~pl.col("@last_run") | closed)
    found, tallies = _judged(context, ended, runs)
    tallies["subjects"] += int(smooth.sum())
    tallies["weak"] += int((smooth & rows["@weak"]).sum())
    over = runs["@run"].is_in(ended["@run"].implode()) | runs["@run_settled"]
    if anchored:
        kept = [runs.filter(~over & pl.col("@opened") & pl.col("@needed"))]
    else:
        # The first run of a key stands between what comes before and after it, settled or not.
        first = runs.filter(over & pl.col("@first_run") & (pl.col("@role") == 0))
        first_smooth = rows.filter(smooth & about["@first_run"].gather(run))
        barriers = pl.concat([first.select(rows.columns), first_smooth])
        kept = [
            runs.filter(~over & pl.col("@needed")),
            barriers.with_columns(pl.lit(value=True).alias("@settled")),
        ]
    together = pl.concat([part.select(rows.columns) for part in kept])
    findings = first_findings([*tables_of(states, "findings"), *found], context.most)
    return State(
        added([*states, State(tallies)]),
        {"rows": together, "findings": findings},
        anchored=anchored,
    )


def _runs(rows: pl.DataFrame, begins: pl.Series) -> pl.DataFrame:
    """Every run, and what stands before the first run of a key, by number.

    Whether step 1 `@opened` it, whether it is `@run_settled`, and whether it is the
    `@first_run` or the `@last_run` of its key.
    """
    of_key = new_key(rows).cum_sum()
    heads = rows.select(
        (pl.col("@role") == 0).alias("@opened"),
        pl.col("@settled").alias("@run_settled"),
        of_key.alias("@of_key"),
        (begins.cum_sum() - 1).alias("@run"),
    ).filter(begins)
    first = heads.filter("@opened").unique("@of_key", keep="first", maintain_order=True)["@run"]
    return heads.select(
        "@run",
        "@opened",
        "@run_settled",
        pl.col("@run").is_in(first.implode()).alias("@first_run"),
        (pl.col("@of_key") != pl.col("@of_key").shift(-1)).fill_null(value=True).alias("@last_run"),
    )


def _smooth(rows: pl.DataFrame, run: pl.Series, steps: int, within: int | None) -> pl.Series:
    """First steps that all others directly follow, in time: nearly all runs."""
    smooth = (rows["@role"] == 0) & ~rows["@settled"]
    for step in range(1, steps):
        here = (run.shift(-step) == run) & (rows["@role"].shift(-step) == step)
        smooth &= here.fill_null(value=False)
    if within is not None:
        took = rows["@time"].shift(1 - steps) - rows["@time"]
        smooth &= (took <= within).fill_null(value=False)
    return smooth


def _matched(rows: pl.DataFrame, steps: int) -> pl.DataFrame:
    """Match the steps of each run, each as early as it can be after the one before.

    Adds `@at` (the row's own number), `@at1`… (the row that matches each later step, null if
    none), `@seen1`… (whether the run holds any event of the step), `@complete`, and `@needed`
    (whether the row can still matter when the run grows).
    """
    rows = rows.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("@at"))
    rows = rows.with_columns(pl.col("@at").min().over("@run").alias("@at0"))
    later = range(1, steps)
    for step in later:
        is_step = pl.col("@role") == step
        after = pl.col("@at") > pl.col(f"@at{step - 1}")
        rows = rows.with_columns(
            pl.when(is_step & after).then(pl.col("@at")).min().over("@run").alias(f"@at{step}"),
            is_step.any().over("@run").alias(f"@seen{step}"),
        )
    complete = pl.col(f"@at{steps - 1}").is_not_null() & pl.col("@opened")
    return rows.with_columns(complete.alias("@complete"), _needed(rows, steps).alias("@needed"))


def _needed(rows: pl.DataFrame, steps: int) -> pl.Series:
    """The rows that a match may use, whatever comes before or after.

    A stretch of a run whose beginning is elsewhere may be entered with any step still to be
    matched: the earliest match of that step and of those after it, for each step, is enough.
    """
    needed = (rows["@role"] == 0) & rows["@opened"]
    for entry in range(1, steps):
        rows = rows.with_columns(pl.lit(-1, pl.Int64).alias("@reached"))
        for step in range(entry, steps):
            fits = (pl.col("@role") == step) & (pl.col("@at") > pl.col("@reached"))
            reached = pl.when(fits).then(pl.col("@at")).min().over("@run")
            rows = rows.with_columns(reached.alias("@reached"))
            needed |= (rows["@at"] == rows["@reached"]).fill_null(value=False)
    return needed


def _judged(
    context: Context, ended: pl.DataFrame, runs: pl.DataFrame
) -> tuple[list[pl.DataFrame], dict[str, int]]:
    """Findings and tallies of runs that are over; `ended` holds their first steps."""
    steps = len(context.parameters["steps"])
    at = [pl.col(f"@at{step}") for step in range(steps)]
    missing = pl.coalesce(
        *(pl.when(at[step].is_null()).then(pl.lit(step)) for step in range(1, steps))
    )
    ended = ended.with_columns(missing.alias("@missing"), pl.coalesce(*reversed(at)).alias("@last"))
    seen = pl.coalesce(
        *(
            pl.when(pl.col("@missing") == step).then(pl.col(f"@seen{step}"))
            for step in range(1, steps)
        )
    )
    last = runs[ended["@last"]]
    within = context.parameters.get("within")
    took = last["@time"] - ended["@time"] if within is not None else None
    ended = ended.with_columns(
        pl.when(seen)
        .then(OUT_OF_ORDER)
        .when(pl.col("@missing").is_not_null())
        .then(MISSING)
        .alias("@class")
    )
    tallies = {"subjects": ended.height, "weak": int(ended["@weak"].sum())}
    if took is not None:
        complete = ended["@missing"].is_null()
        tallies["no_time"] = int((complete & took.is_null()).sum())
        late = complete & (took > within).fill_null(value=False)
        ended = ended.with_columns(
            pl.when(late).then(pl.lit(LATE)).otherwise(pl.col("@class")).alias("@class")
        )
    found = []
    for class_, name in enumerate(SPEC.classes):
        is_class = (ended["@class"] == class_).fill_null(value=False)
        detail = took if class_ == LATE and took is not None else ended["@missing"]
        table = findings_table(
            ended.filter(is_class),
            class_=class_,
            key=context.rule.key or (),
            second=last.filter(is_class),
            details=[detail.filter(is_class)],
        )
        found.append(table)
        tallies[name] = table.height
    return found, tallies


def _message(context: Context) -> Any:
    steps: Sequence[Selector] = context.parameters["steps"]
    within: int = context.parameters.get("within", 0)

    def message(finding: Mapping[str, Any]) -> str:
        detail = int(finding["details"][0])
        if finding["class"] == LATE:
            return f"took {detail / 10**9:,.3f} s to the last step, allowed {within / 10**9:,.3f} s"
        step = f"step {detail + 1} of {len(steps)} ({steps[detail].text})"
        if finding["class"] == OUT_OF_ORDER:
            return f"{step} stands before the step it should follow"
        return f"{step} does not follow"

    return message


SEQUENCE = Kind(SPEC, prepare, merge, judge)
