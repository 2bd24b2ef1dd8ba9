"""Shares and durations in words, computed in integers.

What is shown never lies on the wrong side of its limit, nor at it where it does not.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fractions import Fraction

SECOND = 10**9
"""Nanoseconds; times and durations are integers of them everywhere."""

_UNITS = (
    ("d", 86_400 * SECOND), ("h", 3_600 * SECOND), ("min", 60 * SECOND),
    ("s", SECOND), ("ms", 10**6), ("us", 10**3), ("ns", 1),
)  # fmt: skip
_DECIMAL = ("s", "ms", "us", "ns")

# Enough to show any two shares of counts below 10**18 as different; the end of every search.
_PLACES = 40


def share(of: int, over: int, anchors: Iterable[Fraction] = ()) -> str:
    """`of` out of `over` in percent, with as many decimals as show it apart from each anchor.

    One decimal at least. 0 and 100 always are anchors. `anchors` are shares of 1.
    """
    exact = Fraction(of * 100, over)
    limits = [Fraction(0), Fraction(100), *(anchor * 100 for anchor in anchors)]
    for places in range(1, _PLACES):
        near = round(exact, places)
        if all(_side(near, one) == _side(exact, one) for one in limits):
            break
    whole, part = divmod(int(near * 10**places), 10**places)
    return f"{whole}.{part:0{places}d}"


def _side(value: Fraction, limit: Fraction) -> int:
    return (value > limit) - (value < limit)


def duration(nanoseconds: int) -> str:
    """A time span that is not negative, exact, as a rule file may write it: `5min`, `2.0001s`.

    In the largest unit that writes it whole; below a minute, and where none does, with decimals.
    """
    for unit, size in _UNITS:
        whole, part = divmod(nanoseconds, size)
        if whole and (not part or unit in _DECIMAL):
            decimals = f".{part:0{len(str(size)) - 1}d}".rstrip("0") if part else ""
            return f"{whole}{decimals}{unit}"
    return "0s"


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def rfc3339(nanoseconds: int) -> str:
    """A moment, exact, in UTC: `2026-05-09T07:35:25Z`, with 3, 6 or 9 decimals if it needs some."""
    part = f"{nanoseconds % SECOND:09d}"
    while part.endswith("000"):
        part = part[:-3]
    return f"{_moment(nanoseconds):%Y-%m-%dT%H:%M:%S}{part and f'.{part}'}Z"


def clock(nanoseconds: int) -> str:
    """A moment to the second, as a person reads it."""
    return f"{_moment(nanoseconds):%Y-%m-%d %H:%M:%S} UTC"


def _moment(nanoseconds: int) -> datetime:
    return _EPOCH + timedelta(seconds=nanoseconds // SECOND)


def age_of(since: int | None, now: int | None) -> int | None:
    """The nanoseconds from one moment to another, 0 if it is not reached; None without both."""
    return None if since is None or now is None else max(now - since, 0)


def seconds(nanoseconds: int) -> str:
    """A time span that is not negative in seconds, an exact decimal: `12`, `0.5`."""
    whole, part = divmod(nanoseconds, SECOND)
    return f"{whole}.{part:09d}".rstrip("0") if part else f"{whole}"


def age(nanoseconds: int) -> str:
    """A time span that is not negative, rounded down: `12s`, `5min 03s`, `1h 02min`, `2d 03h`."""
    whole = nanoseconds // SECOND
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    if days:
        return f"{days:,}d {hour:02d}h"
    if hours:
        return f"{hours}h {minute:02d}min"
    return f"{minutes}min {second:02d}s" if minutes else f"{second}s"
