"""Values as numbers, exact and in base units, many at a time."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

import polars as pl

from .quantities import QUANTITY
from .units import UNITS

OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}

SMALL = 10**16
"""Beyond every integer that is tested as such, and within the type of a series of them."""

_SMALL_INTEGER = r"^[+-]?[0-9]{1,15}$"
_MOST_DIGITS = 4000  # what Python turns into an exact number; a longer one is no number


def tested_number(
    text: pl.Expr,
    factor: Fraction,
    of_integers: Callable[[pl.Expr], pl.Expr],
    of_number: Callable[[Fraction], bool],
) -> pl.Expr:
    """Test values as numbers; false where missing, null where no number.

    Small whole numbers, which nearly all are, are tested as such, without the `factor`; each
    other value that occurs is tested once, as an exact fraction.
    """

    def tested(texts: pl.Series) -> pl.Series:
        if texts.null_count() == len(texts):
            return pl.repeat(None, len(texts), dtype=pl.Boolean, eager=True)
        numbers = {text: number_of(text, factor) for text in texts.unique() if text}
        known: dict[str | None, bool | None] = {
            text: None if number is None else of_number(number) for text, number in numbers.items()
        }
        return pl.Series([known.get(text) for text in texts], dtype=pl.Boolean)

    small = text.str.contains(_SMALL_INTEGER)
    return (
        pl.when(small)
        .then(of_integers(text.str.strip_prefix("+").cast(pl.Int64, strict=False)))
        .when(small.is_null())
        .then(pl.lit(value=False))
        .otherwise(pl.when(~small).then(text).map_batches(tested, return_dtype=pl.Boolean))
    )


def compared_integers(op: str, integers: pl.Expr, limit: Fraction) -> pl.Expr:
    """Compare small integers with any number, exactly."""
    bound = math.ceil(limit) if op in {"<", ">="} else math.floor(limit)
    if op in {"==", "!="} and bound != limit:
        bound = SMALL  # which none of them equals
    compared: pl.Expr = OPERATORS[op](integers, max(-SMALL, min(SMALL, bound)))
    return compared


def number_of(text: str, factor: Fraction) -> Fraction | None:
    """The number a value is, in base units: by its own unit if it has one, else by `factor`."""
    match = QUANTITY.fullmatch(text)
    if match is None or len(match[1]) > _MOST_DIGITS or (match[2] and match[2] not in UNITS):
        return None
    return Fraction(match[1]) * (UNITS[match[2]] if match[2] else factor)
