"""Times of lines: text and numbers into nanoseconds since the epoch (contract, section 2).

The first text of ISO shape decides; if its date is impossible, there is no time at all.
Without such a shape, 10 digits (seconds) or 13 digits (milliseconds) at the start count.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import polars as pl

from ...text.amounts import SECOND

_LIMIT = 1 << 63

# The engine has no look-around, so each shape takes one character of its surroundings along.
# An offset after a space needs its minutes (gunicorn, Ruby, Go); one digit more and it is none.
_ISO = (
    r"(?:^|[^0-9])"
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})[T ](?P<clock>[0-9]{2}:[0-9]{2}:[0-9]{2})"
    r"(?:[.,](?P<fraction>[0-9]+)(?P<rest>(?s:.){0,8})|(?P<bare>[^0-9](?s:.){0,7})|$)"
)
_OFFSET = (
    r"^(?:(?P<utc>Z)"
    r"|(?P<full>[+-][0-9]{2}:?[0-9]{2})(?:[^0-9]|$)"
    r"|(?P<hours>[+-][0-9]{2})(?:[^0-9]|$)"
    r"| (?P<spaced>[+-][0-9]{2}:?[0-9]{2})(?:[^0-9]|$))"
)
_EPOCH = r"^([0-9]{13}|[0-9]{10})(?:\.([0-9]+))?(?:[^A-Za-z0-9_]|$)"


def read_stamps(texts: pl.Series, zone: str = "UTC") -> pl.Series:
    """String to Int64 nanoseconds, null where there is no time. `zone` is that of naive times."""
    texts = texts.alias("text")
    known = texts.unique()
    if len(known) * 2 < len(texts):
        read = pl.DataFrame({"text": known, "time": _read(known, zone)})
        joined = pl.DataFrame(texts).join(
            read, on="text", how="left", nulls_equal=True, maintain_order="left"
        )
        return joined["time"]
    return _read(texts, zone)


def read_stamp(stamp: str | Decimal, zone: str = "UTC") -> int | None:
    """One stamp of a JSON envelope, in nanoseconds; a number by its size."""
    if isinstance(stamp, Decimal):
        return _read_number(stamp)
    time: int | None = read_stamps(pl.Series([stamp], dtype=pl.String), zone)[0]
    return time


def _read(texts: pl.Series, zone: str) -> pl.Series:
    iso = texts.str.extract_groups(_ISO).struct.unnest()
    found = iso["date"].is_not_null()
    time = (
        _iso_times(iso, zone)
        if found.any()
        else pl.repeat(None, len(texts), dtype=pl.Int64, eager=True)
    )
    if not found.all():
        epoch = texts.str.extract_groups(_EPOCH).struct.unnest()
        time = time.zip_with(found, _epoch_times(epoch["1"], epoch["2"]))
    return time.alias("time")


def _iso_times(iso: pl.DataFrame, zone: str) -> pl.Series:
    parts = iso.select(*_parts()).unnest("offset")
    ahead = pl.lit(0) if zone == "UTC" else pl.lit(_local_offsets(parts["local"], zone))
    return parts.with_columns(_digits(), ahead.alias("ahead")).select(_time())["time"]


@functools.cache
def _parts() -> tuple[pl.Expr, ...]:
    """What a text of ISO shape says: the local time, the rest of the second, and the offset."""
    return (
        # The calendar of the engine lets leap seconds pass.
        pl.when(~pl.col("clock").str.ends_with("60"))
        .then(
            (pl.col("date") + " " + pl.col("clock")).str.to_datetime(
                "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
            )
        )
        .alias("local"),
        _fraction("fraction").alias("nanoseconds"),
        pl.coalesce("rest", "bare").fill_null("").str.extract_groups(_OFFSET).alias("offset"),
    )


def _digits() -> pl.Expr:
    """The offset that is written, as a sign and two or four digits."""
    offset = pl.coalesce("full", "hours", "spaced")
    return offset.str.replace(":", "", literal=True).alias("digits")


@functools.cache
def _time() -> pl.Expr:
    """The time of `_parts`, of which `_digits` are the offset, and `ahead` that of no offset."""
    digits = pl.col("digits")
    hours = digits.str.slice(1, 2).cast(pl.Int64)
    minutes = digits.str.slice(3, 2).replace("", "0").cast(pl.Int64)
    sign = pl.when(digits.str.starts_with("-")).then(-1).otherwise(1)
    seconds_ahead = (
        pl.when(pl.col("utc").is_not_null())
        .then(0)
        .when(digits.is_null())
        .then("ahead")
        .when((hours <= 23) & (minutes <= 59))
        .then(sign * (hours * 3600 + minutes * 60))
    )
    microseconds = pl.col("local").dt.epoch("us").cast(pl.Int128)
    exact = (microseconds - seconds_ahead * 1_000_000) * 1000 + pl.col("nanoseconds")
    return _fitting(exact)


def _local_offsets(local: pl.Series, zone: str) -> pl.Series:
    """Seconds that `zone` is ahead of UTC at each wall time; null where it skips that time.

    A wall time that comes twice is the earlier one. Asked once a minute of wall time.
    """
    minutes = local.dt.truncate("1m")
    known = minutes.unique().drop_nulls()
    offsets = [_offset(moment, ZoneInfo(zone)) for moment in known]
    return minutes.replace_strict(known, pl.Series(offsets, dtype=pl.Int64), default=None)


def _offset(wall: datetime, zone: ZoneInfo) -> int | None:
    try:
        aware = wall.replace(tzinfo=zone)
        if aware.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != wall:
            return None
        ahead = aware.utcoffset()
    except OverflowError:
        return None
    return None if ahead is None else ahead // timedelta(seconds=1)


def _epoch_times(digits: pl.Series, fraction: pl.Series) -> pl.Series:
    unit = pl.when(pl.col("digits").str.len_bytes() == 10).then(SECOND).otherwise(10**6)
    return pl.DataFrame({"digits": digits, "fraction": fraction}).select(
        _fitting(pl.col("digits").cast(pl.Int128) * unit + _fraction("fraction") * unit // SECOND)
    )["time"]


def _fraction(column: str) -> pl.Expr:
    """Digits after the point to billionths; what is beyond the ninth is cut off."""
    return pl.col(column).fill_null("0").str.head(9).str.pad_end(9, "0").cast(pl.Int64)


def _fitting(exact: pl.Expr) -> pl.Expr:
    return pl.when(exact.is_between(-_LIMIT, _LIMIT - 1)).then(exact).cast(pl.Int64).alias("time")


def _read_number(number: Decimal) -> int | None:
    """Epoch seconds, ms, us or ns, by its size; negative and beyond all measure is no time."""
    if not number.is_finite() or number < 0 or number >= Decimal(10) ** 20:
        return None
    if number < Decimal(10) ** -9:
        return 0
    sizes: Sequence[tuple[int, int]] = ((11, SECOND), (14, 10**6), (17, 10**3))
    unit = next((unit for size, unit in sizes if number < Decimal(10) ** size), 1)
    numerator, denominator = number.as_integer_ratio()
    nanoseconds = numerator * unit // denominator
    return nanoseconds if nanoseconds < _LIMIT else None
