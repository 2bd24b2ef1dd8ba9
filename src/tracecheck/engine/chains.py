"""Chains: per key, events in order, kept only while their neighbours may still matter."""

from __future__ import annotations

import functools
import operator
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from ..model.condition import Name, Selector
from ..model.rules import Parameter
from .findings import first_reasons, reason_lines
from .kind import Context, End
from .projection import ProjectedBatch
from .state import Chain, State

KEY = ["@h1", "@h2"]
"""The columns that tell keys apart."""

CHAIN: Mapping[str, type[pl.DataType]] = {
    "@when": pl.Int64,
    "@place": pl.UInt64,
    "@text": pl.String,
    "@role": pl.UInt8,
    "@h1": pl.UInt64,
    "@h2": pl.UInt64,
    "@time": pl.Int64,
    "@weak": pl.Boolean,
    "@overdue": pl.UInt8,
}
"""Columns of a chain event: its order (`@when`, `@place`) and text, the number of the first
selector that takes it, two hashes of its key, its time, whether part of the key is void, and, if
what it opens is open for longer than the rule allows, the number of the class as which it was told,
or `UNTOLD`, as the rule tolerates some of what it may become. Beside these, the fields that the
rule reads, and the columns of `PAIRING` or those of the kind."""

UNTOLD = 255

PAIRING = {"@left_open": True, "@right_open": True}
"""Columns for `pair_up` (Boolean), with the values of an event of which neither neighbour is known:
whether the event before it under its key is unknown, and whether the event after it is."""

FROM = 0
"""The role of the events that hand over; those that take over have the other."""


def chain_events(
    context: Context,
    projected: ProjectedBatch,
    roles: Sequence[Selector],
    names: Sequence[str],
    marks: Mapping[str, bool],
) -> Chain:
    """The events that the selectors take, in any order, each with the first of them as its role.

    `names` are the fields and attributes the rule reads beside the key; `marks` are further
    columns with the values they begin with. Unattributed events are counted and left out.
    """
    columns = sorted({"@when", "@place", "@text", "@time", *context.key, *names})
    truths = [projected.selected(role).alias(f"@is{at}") for at, role in enumerate(roles)]
    found = projected.events[columns].hstack([*truths, *projected.keyed(context.key)])
    taken = found.filter(functools.reduce(operator.or_, truths)).select(
        *columns,
        _first_true(len(roles)).alias("@role"),
        *("@h1", "@h2", "@weak"),
        *(pl.lit(value).alias(name) for name, value in marks.items()),
        pl.lit(None, pl.UInt8).alias("@overdue"),
        "@void",
    )
    void, columns = taken["@void"], taken.columns[:-1]
    unattributed = taken.filter(void) if void.any() else taken.clear()
    incomparable = projected.unknown(*truths)
    reasons = [
        reason_lines(unattributed, "unattributed"),
        reason_lines(incomparable, "incomparable"),
    ]
    return Chain(
        counts=Counter(unattributed=unattributed.height, incomparable=incomparable.height),
        rows=(taken.filter(~void) if unattributed.height else taken)[columns],
        reasons=first_reasons(reasons),
    )


@functools.lru_cache(maxsize=32)
def _first_true(roles: int) -> pl.Expr:
    """The number of the first of `@is0`, `@is1`… that is true."""
    return pl.coalesce(pl.when(f"@is{at}").then(pl.lit(at, pl.UInt8)) for at in range(roles))


FROM_AND_TO = (
    Parameter("from", "selector", "The events that hand over.", required=True),
    Parameter("to", "selector", "The events that take over.", required=True),
)
"""What a kind asks a rule for that pairs events."""


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
    """What is settled among chain events of `from` and `to`, see `pair_up`.

    `from_at` and `to_at` are, pair by pair, the row numbers in `rows` of its two events. `lost`
    has `@followed` (Boolean): whether by another `from`, or by nothing.
    """

    rows: pl.DataFrame
    from_at: pl.Series
    to_at: pl.Series
    lost: pl.DataFrame
    unmatched: pl.DataFrame
    kept: pl.DataFrame


def pair_up(rows: pl.DataFrame, *, anchored: bool, closed: bool) -> Paired:
    """Settle what can be: `anchored` if nothing comes before `rows`, `closed` if nothing after.

    |                         | known                            | unknown                        |
    | ----------------------- | -------------------------------- | ------------------------------ |
    | what follows a `from`   | `to`: a pair; `from`: lost       | kept; lost if `closed`         |
    | what is before a `to`   | `from`: a pair; `to`: unmatched  | kept; unmatched if `anchored`  |

    An event is also kept while its other neighbour is unknown, which may be judged by it: a `from`
    before it, a `to` after it.
    """
    order, first = by_key(rows)
    is_from = rows["@role"][order] == FROM
    waits_left, waits_right = rows["@left_open"][order], rows["@right_open"][order]
    near = pl.DataFrame([order, first, is_from, waits_left, waits_right]).select(*_neighbours())
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
        # A `to` at the end need not be kept: what follows it is settled without it.
        right_open &= is_from
    kept = left_open | right_open
    still = {"@left_open": left_open.filter(kept), "@right_open": right_open.filter(kept)}
    # Indexing copies the texts; filtering would keep whole blocks alive behind them.
    return Paired(
        rows=rows,
        from_at=near["before"].filter(taken),
        to_at=order.filter(taken),
        lost=rows[order.filter(lost)].hstack([met.filter(lost).alias("@followed")]),
        unmatched=rows[order.filter(unmatched)],
        kept=pl.DataFrame({**rows[order.filter(kept)].to_dict(), **still}),
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


def time_pairs(
    rows: pl.DataFrame, first: pl.Series, second: pl.Series, within: int
) -> tuple[pl.Series, pl.Series, State]:
    """How long pairs took (Int128, ns), which are late, and what is to be said of the others.

    Pairs are given by row numbers in `rows`, and may take `within` nanoseconds. Those without a
    time are counted, and those in time that have been overdue, which came late.
    """
    begin, end = rows["@time"][first], rows["@time"][second]
    took = elapsed(begin, end)
    late = (took > within).fill_null(value=False)
    lacks = first.zip_with(begin.is_null(), second).filter(took.is_null())
    arrived_late = int((was_told(rows)[first] & ~late).sum())
    counts = Counter(no_time=len(lacks), late_arrivals=arrived_late)
    return took, late, State(counts=counts, reasons=reason_lines(rows[lacks], "no_time"))


def still_open(rows: pl.DataFrame, context: Context, end: End | None) -> pl.Series:
    """Of chain events that open what is not complete: those whose time limit the log ends in."""
    within = context.parameters.get("within")
    if within is None or end is None or end.time is None:
        return pl.repeat(False, rows.height, dtype=pl.Boolean, eager=True)  # noqa: FBT003 - a value
    in_time: pl.Series = elapsed(rows["@time"], exact(end.time)) <= within
    return in_time.fill_null(value=False)


def open_at_end(rows: pl.DataFrame) -> State:
    """What is to be said of chain events that open what is `still_open`.

    What was told as overdue, and is not now that the times of the log have gone back, came late.
    """
    counts = Counter(late_arrivals=int(was_told(rows).sum()))
    return State(counts=counts, reasons=reason_lines(rows, "open"))


def was_told(rows: pl.DataFrame) -> pl.Series:
    """Which chain events open what was told as overdue: it violates, whatever follows."""
    return (rows["@overdue"] != UNTOLD).fill_null(value=False)


def joined_rows(states: Sequence[Chain]) -> pl.DataFrame:
    """The chain events of neighbouring parts of the log together."""
    return pl.concat([state.rows for state in states])


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


def exact(number: int) -> pl.Series:
    """A number (of nanoseconds) that is added to times, or compared with them, without overflow."""
    return pl.Series([number], dtype=pl.Int128)
