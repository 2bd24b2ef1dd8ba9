"""Runs of a sequence: where each begins under its key, and which event matches which step.

Tables of chain events (see `chains`), sorted by key and in event order within each.
"""

from __future__ import annotations

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
    opened = rows["@role"].gather(heads) == 0
    new = first_of_key.filter(begins)
    # What is before the first run of a key is not opened; the run after it is the first then.
    first = opened & (new | (new & ~opened).shift(1, fill_value=False))
    return pl.DataFrame(
        {
            "@opened": opened,
            "@settled": rows["@settled"].gather(heads),
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
    at0 = _first(rest, rest["@run"].ne_missing(rest["@run"].shift(1)), about.height)
    columns = [at0.alias("@at0")]
    matches = [at0.zip_with(about["@opened"], pl.Series([None], dtype=pl.Int64))]
    for step in range(1, steps):
        matches.append(_next(rest, step, matches[-1]))
        columns += [
            matches[-1].alias(f"@at{step}"),
            _first(rest, rest["@role"] == step, about.height).alias(f"@any{step}"),
        ]
    return about.hstack([*columns, matches[-1].is_not_null().alias("@complete")])


def _next(rest: pl.DataFrame, step: int, after: pl.Series) -> pl.Series:
    """Of each run the first row of a step after a given row; null without one, or without that."""
    at = pl.int_range(rest.height, dtype=pl.Int64, eager=True)
    hits = (rest["@role"] == step) & (at > after.gather(rest["@run"]))
    return _first(rest, hits.fill_null(value=False), len(after))


def _first(rest: pl.DataFrame, which: pl.Series, runs: int) -> pl.Series:
    """Of each run the first row of `which`, null if there is none."""
    at = pl.int_range(rest.height, dtype=pl.Int64, eager=True).filter(which)
    run = rest["@run"].filter(which)
    new = run.ne_missing(run.shift(1))
    found = pl.repeat(None, runs, dtype=pl.Int64, eager=True)
    return found.scatter(run.filter(new), at.filter(new))


def needed(runs: pl.DataFrame) -> pl.Series:
    """The rows of opened runs that still count when the runs grow: what is matched, or occurs."""
    columns = runs.select(pl.col("^@(at|any)[0-9]+$")).get_columns()
    return pl.concat(columns).drop_nulls().unique().sort()


def enterable(rest: pl.DataFrame, opened: pl.Series, steps: int) -> pl.Series:
    """The rows that may count of runs whose beginning is elsewhere, before this stretch.

    Such a run may be entered with any step still to be matched: the earliest match of that step
    and of those after it, for each step, is enough.
    """
    before = pl.Series([-1, None], dtype=pl.Int64).gather(opened.cast(pl.UInt32))
    found = [pl.Series(dtype=pl.Int64)]
    for entry in range(1, steps):
        matched = before
        for step in range(entry, steps):
            matched = _next(rest, step, matched)
            found.append(matched)
    return pl.concat(found).drop_nulls().unique().sort()
