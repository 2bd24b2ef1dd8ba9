"""Chains: per key, events in order, kept only while their neighbours may still matter.

A table of chain events holds one row an event that some selector of the rule took: its order
(`@when`, `@place`), `@role` (the number of the first selector that took it), the hashes of its
key (`@h1`, `@h2`), `@weak`, the text, and the fields the rule reads. `@left_open` says that the
event before it under its key is still unknown, `@right_open` the same of the event after it.
`@overdue` says that log time has passed the time limit of what the event opens.
Columns of our own begin with `@`, as no field can.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..model.condition import Name, Selector
from .findings import first_reasons, reason_lines
from .kind import Context
from .projection import ProjectedBatch
from .state import State

FROM, TO = 0, 1


@dataclass(frozen=True, slots=True)
class Chained:
    """Chain events of a part of the log, in any order, with what the rule's key left out.

    `reason_evidence` (columns `findings.REASON_EVIDENCE`) holds the first unattributed and the
    first incomparable event.
    """

    rows: pl.DataFrame
    unattributed: int
    incomparable: int
    reason_evidence: pl.DataFrame


def chain_events(
    context: Context,
    projected: ProjectedBatch,
    roles: Sequence[Selector],
    names: Sequence[str] = (),
) -> Chained:
    """The events that the selectors take, each with the first of them as its role.

    `names` are the fields and attributes the rule reads beside the key. Unattributed events are
    counted and left out.
    """
    key = context.rule.key or ()
    # Where times are there, they tell how long something has been open.
    timed = {"@time"} & set(projected.events.columns)
    columns = sorted({"@when", "@place", "@text", *key, *names, *timed})
    truths = [projected.selected(role).alias(f"@is{at}") for at, role in enumerate(roles)]
    found = projected.events[columns].hstack([*truths, *projected.keyed(key)])
    taken = found.filter(functools.reduce(operator.or_, truths)).select(
        *columns, _first_true(len(roles)).alias("@role"), "@h1", "@h2", "@weak", "@void"
    )
    void, columns = taken["@void"], taken.columns[:-1]
    rows = (taken.filter(~void) if void.any() else taken)[columns]
    unattributed = taken.filter(void) if void.any() else taken.clear()
    incomparable = projected.unknown(*truths)
    reason_evidence = [
        reason_lines(unattributed, "unattributed"),
        reason_lines(incomparable, "incomparable"),
    ]
    return Chained(rows, unattributed.height, incomparable.height, first_reasons(reason_evidence))


@functools.cache
def _first_true(roles: int) -> pl.Expr:
    """The number of the first of `@is0`, `@is1`… that is true."""
    return pl.coalesce(pl.when(f"@is{at}").then(pl.lit(at, pl.UInt8)) for at in range(roles))


def never_paired(parameters: Mapping[str, Any], consequence: str) -> list[tuple[str, str]]:
    """The complaint about a `to` that is written like `from`."""
    if parameters["from"] != parameters["to"]:
        return []
    why = "`to` is written like `from`, as which its events count"
    return [("to", f"{why}: {consequence}")]


def column_of(name: Name) -> str:
    """The column that holds a name, or that it is derived from."""
    return "@place" if name.name in {"@line", "@source"} else name.name


@dataclass(frozen=True, slots=True)
class Paired:
    """What is settled among chain events of the roles FROM and TO.

    `from_at` and `to_at` are, pair by pair, the row numbers in `rows` of a `from` and of the `to`
    directly after it. `lost`: `from` not followed by a `to`, with `@followed` (Boolean) by
    another `from`. `unmatched`: `to` with no `from` directly before it. `kept`:
    the rows whose other neighbour is still unknown.
    """

    rows: pl.DataFrame
    from_at: pl.Series
    to_at: pl.Series
    lost: pl.DataFrame
    unmatched: pl.DataFrame
    kept: pl.DataFrame


def pair_up(rows: pl.DataFrame, *, anchored: bool, closed: bool) -> Paired:
    """Settle what can be: `anchored` if nothing comes before `rows`, `closed` if nothing after."""
    at, first = by_key(rows)
    is_from = rows["@role"][at] == FROM
    waits_left, waits_right = rows["@left_open"][at], rows["@right_open"][at]
    near = pl.DataFrame([at, first, is_from, waits_left, waits_right]).select(*_neighbours())
    last = near["last"]
    # Two rows meet if both still wait for their neighbour: rows between them are settled.
    meets = ~first & waits_left & near["waits_before"]
    met = ~last & waits_right & near["waits_after"]
    after_from = meets & near["from_before"]
    before_to = met & ~near["from_after"]
    ends = met | (last & waits_right) if closed else met
    begins = meets | (first & waits_left) if anchored else meets
    lost = is_from & ends & ~before_to
    taken = ~is_from & after_from
    unmatched = ~is_from & begins & ~after_from
    left_open = first & waits_left & (not anchored)
    right_open = last & waits_right & (not closed)
    if anchored:
        # A `to` at the end has no more to say: what follows it is settled without it.
        right_open &= is_from
    kept = left_open | right_open
    still = {"@left_open": left_open.filter(kept), "@right_open": right_open.filter(kept)}
    # Indexing copies the texts; filtering would keep whole blocks alive behind them.
    return Paired(
        rows=rows,
        from_at=near["before"].filter(taken),
        to_at=at.filter(taken),
        lost=rows[at.filter(lost)].hstack([met.filter(lost).alias("@followed")]),
        unmatched=rows[at.filter(unmatched)],
        kept=pl.DataFrame({**rows[at.filter(kept)].to_dict(), **still}),
    )


@functools.cache
def _neighbours() -> tuple[pl.Expr, ...]:
    """What stands before and after each row, asked at once: each question has its price."""
    at, first, is_from, waits_left, waits_right = map(
        pl.col, ("@at", "@first", "@role", "@left_open", "@right_open")
    )
    return (
        at.shift(1).alias("before"),
        first.shift(-1, fill_value=True).alias("last"),
        is_from.shift(1, fill_value=False).alias("from_before"),
        is_from.shift(-1, fill_value=True).alias("from_after"),
        waits_right.shift(1, fill_value=False).alias("waits_before"),
        waits_left.shift(-1, fill_value=False).alias("waits_after"),
    )


def open_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """NewFindings chain events: both neighbours unknown."""
    return rows.with_columns(
        pl.lit(value=True).alias("@left_open"),
        pl.lit(value=True).alias("@right_open"),
        pl.lit(value=False).alias("@overdue"),
    )


def merged_rows(states: Sequence[State]) -> pl.DataFrame:
    """The chain events of neighbouring parts of the log together."""
    return pl.concat([state.tables["rows"] for state in states])


def by_key(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The rows of chain events by key, in event order within each; which are the first of theirs.

    Sorts by one column after the other, which the engine does far faster than by all at once,
    and leaves the rows themselves where they are.
    """
    order = pl.DataFrame([rows["@h1"], rows["@h2"]]).with_row_index("@at")
    for column in ("@place", "@when"):
        values = rows[column][order["@at"]]
        if values.min() != values.max():
            order = order[_stable_order(values)]
    in_order = order[_stable_order(order["@h1"])]
    changes = in_order.select(*_changes())
    if (changes["@h2"] & ~changes["@h1"]).any():
        # Nearly always one hash tells keys apart.
        in_order = order[_stable_order(order["@h2"])]
        in_order = in_order[_stable_order(in_order["@h1"])]
        changes = in_order.select(*_changes())
    return in_order["@at"], (changes["@h1"] | changes["@h2"]).alias("@first")


@functools.cache
def _changes() -> tuple[pl.Expr, pl.Expr]:
    """Where each hash is another than in the row before."""
    first, second = (pl.col(name).ne_missing(pl.col(name).shift(1)) for name in ("@h1", "@h2"))
    return first, second


def _stable_order(values: pl.Series) -> pl.Series:
    frame = pl.DataFrame([values.alias("value")]).with_row_index("at")
    return frame.sort("value", maintain_order=True)["at"]


def elapsed(begin: pl.Series, end: pl.Series) -> pl.Series:
    """Nanoseconds from time to time, exact: two can be too far apart for an Int64."""
    return end.cast(pl.Int128) - begin.cast(pl.Int128)
