"""ISO-like stamps in texts, with what stands behind them, into times (contract, section 2).

The first text of ISO shape decides: if it is no date, or what stands behind it is a zone that
nobody can place, there is no time.
"""

from __future__ import annotations

import functools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from ...text.amounts import SECOND
from .behind_stamps import behind, is_not_understood

_LIMIT = 1 << 63
_YEARS = 1600, 2400
"""Beyond all times in 64-bit nanoseconds; the zones of Python know no year 0."""

# The engine has no look-around, so each shape takes one character of its surroundings along.
MINUTE = r"[0-9]{4}(?:-[0-9]{2}-[0-9]{2}|/[0-9]{2}/[0-9]{2})[Tt ][0-9]{2}:[0-9]{2}"
_ISO = (
    rf"(?:^|[^0-9])(?P<stamp>{MINUTE}:[0-9]{{2}}|[0-9]{{8}}[Tt][0-9]{{6}})"
    r"(?:[.,:](?P<fraction>[0-9]+)(?P<rest>(?s:.*))|(?P<bare>[^0-9](?s:.*))|$)"
)
_IS_MINUTE = f"^{MINUTE}$"
_NEAR = 9_200_000_000_000_000
"""A minute within so many microseconds has all its seconds in 64-bit nanoseconds, in any zone."""


def read_iso(texts: pl.Series, zone: str) -> tuple[pl.Series, pl.Series]:
    """Whether each text has an ISO shape, and the time that it means: Int64 ns, null if none."""
    if not len(texts):
        return pl.Series(dtype=pl.Boolean), pl.Series(dtype=pl.Int64)
    iso = texts.str.extract_groups(_ISO).struct.unnest()
    found = iso["stamp"].is_not_null()
    if not found.any():
        return found, pl.repeat(None, len(texts), dtype=pl.Int64, eager=True)
    parts = iso.select_seq(*_parts()).with_columns_seq(_local())
    ahead = pl.lit(0) if zone == "UTC" else pl.lit(_local_offsets(parts["local"], zone))
    return found, parts.with_columns_seq(ahead.alias("ahead")).select_seq(_time())["time"]


@functools.cache
def _parts() -> tuple[pl.Expr, ...]:
    digits = pl.col("stamp").str.replace_all("[^0-9]", "")
    # The calendar of the engine takes second 60 for the first instant of the next minute.
    local = digits.str.to_datetime("%Y%m%d%H%M%S", time_unit="us", strict=False)
    leap = pl.col("stamp").str.ends_with("60")
    text = pl.coalesce("rest", "bare").fill_null("")
    return (
        pl.when(local.dt.year().is_between(*_YEARS)).then(local).alias("local"),
        digits.str.slice(8, 2).cast(pl.Int64).alias("hour"),
        pl.when(leap).then(0).otherwise(fraction("fraction")).alias("nanoseconds"),
        behind(text),
    )


@functools.cache
def _local() -> pl.Expr:
    """`local` on a clock of 24 hours; with AM or PM there is no hour 0, and none above 12."""
    hour, half = pl.col("hour"), pl.col("half").str.to_lowercase()
    noon = pl.when(half.str.starts_with("p")).then(12).otherwise(0)
    moved = pl.col("local") + pl.duration(hours=hour % 12 + noon - hour)
    is_half_day = pl.when(hour.is_between(1, 12)).then(moved)
    return pl.when(half.is_null()).then("local").otherwise(is_half_day).alias("local")


@functools.cache
def _time() -> pl.Expr:
    """The time of `_parts`, which is `ahead` of UTC where no offset is written."""
    hours = pl.col("hours").cast(pl.Int64)
    minutes = pl.col("minutes").fill_null("0").cast(pl.Int64)
    sign = pl.when(pl.col("sign") == "-").then(-1).otherwise(1)
    seconds_ahead = (
        pl.when(is_not_understood())
        .then(None)
        .when(pl.col("utc").is_not_null())
        .then(0)
        .when(hours.is_null())
        .then("ahead")
        .when((hours <= 23) & (minutes <= 59))
        .then(sign * (hours * 3600 + minutes * 60))
    )
    microseconds = pl.col("local").dt.epoch("us").cast(pl.Int128)
    return fitting((microseconds - seconds_ahead * 1_000_000) * 1000 + pl.col("nanoseconds"))


def fraction(column: str) -> pl.Expr:
    """Digits after the point to billionths; what is beyond the ninth is cut off."""
    return pl.col(column).fill_null("0").str.head(9).str.pad_end(9, "0").cast(pl.Int64)


def fitting(exact: pl.Expr) -> pl.Expr:
    """Int128 nanoseconds as `time`: Int64, null where they do not fit."""
    return pl.when(exact.is_between(-_LIMIT, _LIMIT - 1)).then(exact).cast(pl.Int64).alias("time")


def read_minutes(texts: pl.Series, zone: str) -> pl.Series:
    """Int64 nanoseconds of the minutes that texts are; null where one is none, or is far away."""
    digits = texts.set(~texts.str.contains(_IS_MINUTE), None).str.replace_all("[^0-9]", "")
    local = digits.str.to_datetime("%Y%m%d%H%M", time_unit="us", strict=False)
    near = local.set(~local.dt.epoch("us").is_between(-_NEAR, _NEAR), None)
    times = near.dt.epoch("us") * 1000
    return times if zone == "UTC" else times - _local_offsets(near, zone) * SECOND


def _local_offsets(local: pl.Series, zone: str) -> pl.Series:
    """Seconds that `zone` is ahead of UTC at each wall time; null where it skips that time.

    A wall time that comes twice is the earlier one. Asked once a minute of wall time.
    """
    minutes = local.dt.truncate("1m")
    known = minutes.unique().drop_nulls()
    offsets = [_offset(moment, ZoneInfo(zone)) for moment in known]
    return minutes.replace_strict(known, pl.Series(offsets, dtype=pl.Int64), default=None)


def _offset(wall: datetime, zone: ZoneInfo) -> int | None:
    aware = wall.replace(tzinfo=zone)
    if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
        return None
    ahead = aware.utcoffset()
    return None if ahead is None else ahead // timedelta(seconds=1)
