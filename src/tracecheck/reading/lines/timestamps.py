"""Times of lines: text and numbers into nanoseconds since the epoch (contract, section 2).

A text is read by its first ISO-like stamp. Without one, 10 digits (seconds), 13 (milliseconds) or
16 (microseconds) at its start count.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import polars as pl

from ...text.amounts import SECOND
from .fixed_stamps import Form, cut_stamps, forms_of
from .iso_stamps import fitting, fraction, read_iso

_LIMIT = 1 << 63
_EPOCH = r"^([0-9]{16}|[0-9]{13}|[0-9]{10})(?:\.([0-9]+))?(?:[^A-Za-z0-9_]|$)"
_UNITS = {10: SECOND, 13: 10**6, 16: 10**3}
_SIZES = ((11, SECOND), (14, 10**6), (17, 10**3), (20, 1))
"""A number below this power of ten counts that many nanoseconds each."""

_FEW = 500
"""Of so few texts none is cut by position, which would take longer."""


def read_stamps(texts: pl.Series, zone: str = "UTC") -> pl.Series:
    """String to Int64 nanoseconds, null where there is no time. `zone` is that of naive times."""
    forms = forms_of(texts) if len(texts) > _FEW else []
    return _read_by(forms, texts.alias("time"), zone)


def _read_by(forms: Sequence[Form], texts: pl.Series, zone: str) -> pl.Series:
    """The times of texts, cut by position where they begin with a stamp of these forms."""
    if not forms or len(texts) <= _FEW:
        return _read(texts, zone)
    times = cut_stamps(texts, forms[0], zone)
    left = times.is_null()
    if left.any():
        times = times.scatter(left.arg_true(), _read_by(forms[1:], texts.filter(left), zone))
    return times


def _read(texts: pl.Series, zone: str) -> pl.Series:
    known = texts.unique()
    if len(known) * 2 >= len(texts):
        return _read_each(texts, zone)
    read = pl.DataFrame([known.alias("text"), _read_each(known, zone)])
    joined = pl.DataFrame([texts.alias("text")]).join(
        read, on="text", how="left", nulls_equal=True, maintain_order="left"
    )
    return joined["time"]


def _read_each(texts: pl.Series, zone: str) -> pl.Series:
    found, time = read_iso(texts, zone)
    if not found.all():
        time = time.zip_with(found, _epoch_times(texts))
    return time.alias("time")


def _epoch_times(texts: pl.Series) -> pl.Series:
    size = pl.col("1").str.len_bytes()
    unit = size.replace_strict(_UNITS, default=None, return_dtype=pl.Int128)
    exact = pl.col("1").cast(pl.Int128) * unit + fraction("2") * unit // SECOND
    return texts.str.extract_groups(_EPOCH).struct.unnest().select(fitting(exact))["time"]


def read_numbers(numbers: pl.Series) -> pl.Series:
    """Int128 counts since the epoch, of a unit that their size tells, to Int64 nanoseconds."""
    number = pl.col("number")
    exact = pl.coalesce(pl.when(number < 10**size).then(number * unit) for size, unit in _SIZES)
    frame = pl.DataFrame([numbers.alias("number")])
    return frame.select(fitting(pl.when(number >= 0).then(exact)))["time"]


def read_number(number: Decimal) -> int | None:
    """The same of one number, which may have a fraction."""
    if not number.is_finite() or number < 0:
        return None
    if number < Decimal(10) ** -9:
        return 0
    unit = next((unit for size, unit in _SIZES if number < Decimal(10) ** size), None)
    if unit is None:
        return None
    numerator, denominator = number.as_integer_ratio()
    nanoseconds = numerator * unit // denominator
    return nanoseconds if nanoseconds < _LIMIT else None
