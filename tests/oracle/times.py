"""Contract section 2, "Time of a line": stamps to integer nanoseconds since the epoch."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from . import zones

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NANO = 10**9

# contract silent: seconds are required, a stamp touches no digit on either side, and its date has
# one kind of sign between its parts.
ISO = re.compile(
    r"(?<![0-9])"
    r"(?:([0-9]{4})([-/])([0-9]{2})\2([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"|([0-9]{4})([0-9]{2})([0-9]{2})[Tt]([0-9]{2})([0-9]{2})([0-9]{2}))(?![0-9])"
    r"(?:[.,:]([0-9]+))?"
)
# contract silent: the number stands at the very start, may have a "." fraction, and is not
# followed by a letter, digit or underscore.
EPOCH_START = re.compile(r"([0-9]{16}|[0-9]{13}|[0-9]{10})(?:\.([0-9]+))?(?![A-Za-z0-9_])")


def zone(name: str) -> tzinfo:
    """The zone of naive times, `--timezone`."""
    return UTC if name == "UTC" else ZoneInfo(name)


def fits(nanoseconds: int) -> int | None:
    """The time itself, or None if it is out of range.

    contract silent: a time that no signed 64-bit count of nanoseconds can hold (before 1677 or
    after 2262, such as Go's zero time 0001-01-01) is no time.
    """
    return nanoseconds if -(2**63) <= nanoseconds < 2**63 else None


def from_text(text: str, naive_zone: tzinfo) -> int | None:
    """Section 2: the first ISO-like stamp in the text, else epoch s, ms or us at its start.

    contract silent: the first text of ISO shape decides; if its date is impossible or its zone
    unknown, the line has no time, whatever else stands in the prefix.
    """
    match = ISO.search(text)
    if match:
        return _from_iso(match, text[match.end() :], naive_zone)
    match = EPOCH_START.match(text)
    if match:
        unit = {10: NANO, 13: 10**6, 16: 10**3}[len(match[1])]
        fraction = match[2] or "0"
        return fits(int(match[1]) * unit + int(fraction[:9].ljust(9, "0")) * unit // NANO)
    return None


def _from_iso(match: re.Match[str], behind: str, naive_zone: tzinfo) -> int | None:
    numbers = [int(part) for part in match.groups()[:13] if part and part not in "-/"]
    year, month, day, hour, minute, second = numbers
    half, behind = zones.half_of_day(behind)
    if half:
        if not 1 <= hour <= 12:  # contract silent: there is no 13 PM, and no 00 AM
            return None
        hour = hour % 12 + (12 if half == "P" else 0)
    # digits beyond the ninth are cut off
    nanoseconds = int((match[14] or "0")[:9].ljust(9, "0"))
    try:  # contract silent: hour 24 is impossible
        if second == 60:
            local = datetime(year, month, day, hour, minute) + timedelta(minutes=1)
            nanoseconds = 0
        else:
            local = datetime(year, month, day, hour, minute, second)
    except (ValueError, OverflowError):
        return None
    offset = _offset_seconds(behind, local, naive_zone)
    if offset is None:
        return None
    seconds = (local - EPOCH.replace(tzinfo=None)) // timedelta(seconds=1)
    return fits((seconds - offset) * NANO + nanoseconds)


def _offset_seconds(behind: str, local: datetime, naive_zone: tzinfo) -> int | None:
    """The seconds east of UTC that stand behind a stamp, else those of the zone of naive times."""
    said = zones.offset(behind)
    if not isinstance(said, str):
        return said
    # contract silent: a wall time that comes twice is the earlier one (fold=0); a wall time that
    # the zone skips is impossible, so it is no time.
    try:
        aware = local.replace(tzinfo=naive_zone)
        if aware.astimezone(UTC).astimezone(naive_zone).replace(tzinfo=None) != local:
            return None
        return aware.utcoffset() // timedelta(seconds=1)
    except OverflowError:
        return None


def from_json(value: object, naive_zone: tzinfo) -> int | None:
    """Section 2: a JSON time is text, or a number that is epoch s, ms, us or ns by its size."""
    if isinstance(value, str):
        # contract silent: a text is read like a prefix (ISO stamp, else 10, 13 or 16 digits)
        return from_text(value, naive_zone)
    if not isinstance(value, Decimal) or value < 0:
        # contract silent: negative numbers, true, null, NaN and Infinity are no time
        return None
    # contract silent: the sizes. Below 10^11 seconds, 10^14 ms, 10^17 us, else ns.
    if value >= Decimal(10) ** 20:
        return None
    if value < Decimal(10) ** -9:
        return 0
    unit = 1
    for limit, candidate in ((11, NANO), (14, 10**6), (17, 10**3)):
        if value < Decimal(10) ** limit:
            unit = candidate
            break
    numerator, denominator = value.as_integer_ratio()
    return fits(numerator * unit // denominator)


def as_text(nanoseconds: int) -> str:
    """Section 6, `@time` as text: YYYY-MM-DDTHH:MM:SS.nnnnnnnnnZ."""
    seconds, rest = divmod(nanoseconds, NANO)
    moment = EPOCH + timedelta(seconds=seconds)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:09d}Z"


def as_short_text(nanoseconds: int | None) -> str | None:
    """Section 8: the time in a report, with 0, 3, 6 or 9 digits of a fraction; None if none."""
    if nanoseconds is None:
        return None
    text = as_text(nanoseconds).removesuffix("Z")
    for _ in range(3):
        text = text.removesuffix("000")
    return text.removesuffix(".") + "Z"
