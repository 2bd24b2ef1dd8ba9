"""Moments and ages of log time: exact for a program, short for a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_SECOND = 10**9
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(nanoseconds: int) -> str:
    """A moment, exact: `2026-05-09T07:35:25.000000001Z`."""
    return f"{_moment(nanoseconds):%Y-%m-%dT%H:%M:%S}.{nanoseconds % _SECOND:09d}Z"


def clock(nanoseconds: int) -> str:
    """A moment to the second, as a person reads it."""
    return f"{_moment(nanoseconds):%Y-%m-%d %H:%M:%S} UTC"


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=nanoseconds // _SECOND)


def age_of(since: int | None, now: int | None) -> int | None:
    """The nanoseconds from one moment to another, 0 if it is not reached; None without both."""
    return None if since is None or now is None else max(now - since, 0)


def seconds(nanoseconds: int) -> str:
    """A time span that is not negative in seconds, an exact decimal: `12`, `0.5`."""
    whole, part = divmod(nanoseconds, _SECOND)
    return f"{whole}.{part:09d}".rstrip("0") if part else f"{whole}"


def age(nanoseconds: int) -> str:
    """A time span that is not negative, rounded down: `12s`, `5min 03s`, `1h 02min`, `2d 03h`."""
    whole = nanoseconds // _SECOND
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days:,}d {hour:02d}h"
    if hours:
        return f"{hours}h {minute:02d}min"
    return f"{minutes}min {second:02d}s" if minutes else f"{second}s"
