"""Runs of a sequence: where each begins under its key, and which event matches which step.

Tables of chain events (see `chains`), sorted by key and in event order within each.
"""

from __future__ import annotations

import functools

import polars as pl


def runs_of(
    rows: pl.DataFrame, at: pl.Series, first_of_key: pl.Series, begins: pl.Series
) -> pl.DataFrame:
    """Every run, and what stands before the first run of a key, in order.

    `at` are the rows in order; beside them stands which are the first of their key, and which
    begin a run or a key. Of each run: whether step 1 `@opened` it, whether it is `@settled`, and
    whether it is the `@first` run or the `@last` of its key.
    """
    heads = at.filter(begins)
    opened = rows["@role"][heads] == 0
    new = first_of_key.filter(begins)
    # What is before the first run of a key is not opened; the run after it is the first then.
    first = opened & (new | (new & ~opened).shift(1, fill_value=False))
    return pl.DataFrame(
        {
            "@opened": opened,
            "@settled": rows["@settled"][heads],
            "@first": first,
            "@last": new.shift(-1, fill_value=True),
        }
    )


def match_steps(rest: pl.DataFrame, about: pl.DataFrame, steps: int) -> pl.DataFrame:
    """Match the steps of each run, each as early as it can be after the one before.

    Adds to `about`, which has a row for each `@run` of `rest`: `@at0`, `@at1`… (the row of
    `rest` that matches each step, null if none), `@any1`… (the first row of each later step,
    matched or not), and `@complete`.
    """
    following = rest.select(_following(steps))
    at0 = pl.int_range(rest.height, dtype=pl.UInt32, eager=True).filter(following["@begins"])
    begins_with = rest["@role"][at0]
    matched = at0.zip_with(about["@opened"], pl.Series([None], dtype=pl.UInt32))
    columns = [at0.alias("@at0")]
    for step in range(1, steps):
        after = following[f"@at{step}"]
        matched = after[matched]
        columns += [matched, at0.zip_with(begins_with == step, after[at0]).alias(f"@any{step}")]
    return about.hstack([*columns, matched.is_not_null().alias("@complete")])


@functools.lru_cache(maxsize=32)
def _following(steps: int) -> tuple[pl.Expr, ...]:
    """Of each row the next one of each later step in its run: `@at1`… (null if there is none).

    `@begins` tells which rows begin a run.
    """
    at, run = pl.int_range(pl.len(), dtype=pl.UInt32), pl.col("@run")

    def following(step: int) -> pl.Expr:
        found = pl.when(pl.col("@role") == step).then(at).backward_fill().shift(-1)
        return pl.when(run.gather(found) == run).then(found).alias(f"@at{step}")

    begins = run.ne_missing(run.shift(1)).alias("@begins")
    return begins, *(following(step) for step in range(1, steps))


def needed(runs: pl.DataFrame) -> pl.Series:
    """The rows of opened runs that still count when the runs grow: what is matched, or occurs."""
    columns = runs.select(pl.col("^@(at|any)[0-9]+$")).get_columns()
    return pl.concat(columns).drop_nulls().unique().sort()


def enterable(rest: pl.DataFrame, runs: pl.DataFrame, steps: int) -> pl.Series:
    """The rows that may count of runs whose beginning is elsewhere, before this part.

    Such a run may be entered with any step still to be matched: the earliest match of that step
    and of those after it, for each step, is enough.
    """
    following = rest.select(_following(steps))
    entered = runs.filter(~runs["@opened"])
    found = [pl.Series(dtype=pl.UInt32)]
    for entry in range(1, steps):
        matched = entered[f"@any{entry}"]
        found.append(matched)
        for step in range(entry + 1, steps):
            matched = following[f"@at{step}"][matched]
            found.append(matched)
    return pl.concat(found).drop_nulls().unique().sort()
