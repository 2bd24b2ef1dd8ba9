"""Discharges: when handoffs were complete, which tells a duplicate from an orphan.

A table of discharges has the order (`@when`, `@place`) of the `to` events that completed a
handoff, and the hashes of their keys (`@h1`, `@h2`). Only the first of a key counts.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from .ordering import by_key, new_key

_COLUMNS = ("@h1", "@h2", "@when", "@place")
_WORTH_THINNING = 100_000


def thinned(
    discharged: Sequence[pl.DataFrame], recent: Sequence[pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """The `discharged` keys, and what is `recent` and may repeat them.

    What is recent is thinned out once it is as much as the rest: a key that is discharged over
    and over takes no more room than one, and sorting costs little for each discharge.
    """
    fresh = pl.concat(part.select(_COLUMNS) for part in recent)
    known = pl.concat([fresh.clear(), *discharged])
    if fresh.height < max(_WORTH_THINNING, known.height):
        return {"discharged": known, "recent": fresh}
    return {"discharged": _first_of_keys(pl.concat([known, fresh])), "recent": fresh.clear()}


def orphans_and_duplicates(
    strays: pl.DataFrame, discharged: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Strays (chain events without a `from`) whose key was not discharged before; and whose was."""
    if not strays.height:
        return strays, strays
    keys = strays.select("@h1", "@h2").unique()
    first = _first_of_keys(discharged.join(keys, on=["@h1", "@h2"], how="semi"))
    first = first.rename({"@when": "@first_when", "@place": "@first_place"})
    known = strays.join(first, on=["@h1", "@h2"], how="left", maintain_order="left")
    earlier = (
        (pl.col("@first_when") < pl.col("@when"))
        | ((pl.col("@first_when") == pl.col("@when")) & (pl.col("@first_place") < pl.col("@place")))
    ).fill_null(value=False)
    return known.filter(~earlier), known.filter(earlier)


def _first_of_keys(discharged: pl.DataFrame) -> pl.DataFrame:
    order = by_key(discharged)
    return discharged[order["@at"].filter(new_key(order))]
