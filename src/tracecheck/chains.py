"""Chains: per key, events in order, kept only while their neighbours may still matter.

A table of chain events holds one row an event that some selector of the rule took: its order
(`@when`, `@place`), `@role` (the number of the first selector that took it), the hashes of its
key (`@h1`, `@h2`), `@weak`, the text, and the fields the rule reads. `@left_open` says that the
event before it under its key is still unknown, `@right_open` the same of the event after it.
Columns of our own begin with `@`, as no field can.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from .events import EventGroup
from .expression import Name, Selector
from .kind import Context, Reading, State

FROM, TO = 0, 1
ATTRIBUTE_TYPES = {"@time": pl.Int64}


@dataclass(frozen=True, slots=True)
class Chained:
    """Chain events of a stretch, in any order, with what the rule's key left out."""

    rows: pl.DataFrame
    unattributed: int
    incomparable: int


def chain_events(
    context: Context, reading: Reading, roles: Sequence[Selector], names: Sequence[str] = ()
) -> Chained:
    """The events that the selectors take, each with the first of them as its role.

    `names` are the fields and attributes the rule reads beside the key; one that does not
    occur in the stretch is all null. Unattributed events are counted and left out.
    """
    key = context.rule.key or ()
    columns = list(dict.fromkeys([*key, *names]))
    parts = []
    unattributed = incomparable = 0
    for at, group in enumerate(reading.groups):
        truths = [(role, reading.selected(roles[role], at)) for role in range(len(roles))]
        known = [truth.alias(f"@is{role}") for role, truth in truths if truth is not None]
        if not known:
            continue
        incomparable += _unknown(known)
        frame = group.frame.hstack([*known, *reading.keyed(key, at)])
        taken = frame.filter(pl.any_horizontal(truth.name for truth in known))
        if key:
            unattributed += int(taken["@void"].sum())
            taken = taken.filter(~pl.col("@void"))
        role = pl.coalesce(
            pl.when(truth.name).then(pl.lit(int(truth.name[3:]), pl.UInt8)) for truth in known
        )
        parts.append(
            taken.select(
                *("@when", "@place", "@text"),
                role.alias("@role"),
                *("@h1", "@h2", "@weak"),
                *(_column(group, name) for name in columns),
            )
        )
    rows = pl.concat(parts) if parts else _no_rows(columns)
    return Chained(rows, unattributed, incomparable)


def _unknown(truths: Sequence[pl.Series]) -> int:
    """How many events have an unknown among the truths."""
    if not any(truth.has_nulls() for truth in truths):
        return 0
    return int(pl.DataFrame(truths).select(pl.any_horizontal(pl.all().is_null()).sum()).item())


def read_names(names: Sequence[Name]) -> list[str]:
    """The columns that conditions over pairs need."""
    derived = {"@line", "@source", "@text"}  # from the place, or there in any case
    return sorted({name.name for name in names} - derived)


def by_key(rows: pl.DataFrame) -> pl.DataFrame:
    """Chain events sorted by key, in event order within each.

    One hash nearly always tells keys apart; where two keys share it, the other one does.
    """
    in_order = rows.sort("@h1", "@when", "@place")
    same = in_order["@h1"] == in_order["@h1"].shift(1)
    if (same & (in_order["@h2"] != in_order["@h2"].shift(1))).any():
        return rows.sort("@h1", "@h2", "@when", "@place")
    return in_order


def new_key(rows: pl.DataFrame) -> pl.Series:
    """Which rows, sorted by key, are the first of their key."""
    h1, h2 = rows["@h1"], rows["@h2"]
    changed = (h1 != h1.shift(1)) | (h2 != h2.shift(1))
    return changed.fill_null(value=True)


@dataclass(frozen=True, slots=True)
class Paired:
    """What is settled among chain events of the roles FROM and TO.

    `rows` are all, sorted by key; `from_at` and `to_at` are, pair by pair, the row numbers of a
    `from` and of the `to` directly after it. `lost`: `from` not followed by a `to`, with
    `@followed` (Boolean) by another `from`. `stray`: `to` with no `from` directly before it.
    `kept`: the rows whose other neighbour is still unknown.
    """

    rows: pl.DataFrame
    from_at: pl.Series
    to_at: pl.Series
    lost: pl.DataFrame
    stray: pl.DataFrame
    kept: pl.DataFrame


def pair_up(rows: pl.DataFrame, *, anchored: bool, closed: bool) -> Paired:
    """Settle what can be: `anchored` if nothing comes before `rows`, `closed` if nothing after."""
    rows = by_key(rows)
    first = new_key(rows)
    last = first.shift(-1, fill_value=True)
    is_from = rows["@role"] == FROM
    # Two rows meet if both still wait for their neighbour: rows between them are settled.
    meets = ~first & rows["@left_open"] & rows["@right_open"].shift(1, fill_value=False)
    met = meets.shift(-1, fill_value=False)
    after_from = meets & is_from.shift(1, fill_value=False)
    before_to = met & ~is_from.shift(-1, fill_value=True)
    ends = met | (last & rows["@right_open"]) if closed else met
    begins = meets | (first & rows["@left_open"]) if anchored else meets
    lost = is_from & ends & ~before_to
    taken = ~is_from & after_from
    stray = ~is_from & begins & ~after_from
    left_open = first & rows["@left_open"] & (not anchored)
    right_open = last & rows["@right_open"] & (not closed)
    if anchored:
        # A `to` at the end has no more to say: what follows it is settled without it.
        right_open &= is_from
    at = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    to = at.filter(taken)
    kept = rows.with_columns(left_open.alias("@left_open"), right_open.alias("@right_open"))
    return Paired(
        rows=rows,
        from_at=to - 1,
        to_at=to,
        lost=rows.with_columns(met.alias("@followed"))[at.filter(lost)],
        stray=rows[at.filter(stray)],
        # Indexing copies the texts; filtering would keep whole blocks alive behind them.
        kept=kept[at.filter(left_open | right_open)],
    )


def open_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Fresh chain events: both neighbours unknown."""
    return rows.with_columns(
        pl.lit(value=True).alias("@left_open"), pl.lit(value=True).alias("@right_open")
    )


def merged_rows(states: Sequence[State]) -> pl.DataFrame:
    """The chain events of neighbouring stretches together."""
    return pl.concat([state.tables["rows"] for state in states])


def _column(group: EventGroup, name: str) -> pl.Expr:
    if name in group.frame.columns:
        return pl.col(name)
    value = group.tag if name == "@tag" else None
    return pl.lit(value, ATTRIBUTE_TYPES.get(name, pl.String)).alias(name)


def _no_rows(names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(
        schema={
            "@when": pl.Int64,
            "@place": pl.UInt64,
            "@text": pl.String,
            "@role": pl.UInt8,
            "@h1": pl.UInt64,
            "@h2": pl.UInt64,
            "@weak": pl.Boolean,
            **{name: ATTRIBUTE_TYPES.get(name, pl.String) for name in names},
        }
    )
