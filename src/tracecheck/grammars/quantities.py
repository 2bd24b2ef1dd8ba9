"""Numbers with units: what `5%`, `800ms`, `64MiB` and `10/min` are, exactly, in base units.

Base units are seconds, bytes, a share of 1, and per second. No white space stands inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from types import MappingProxyType

from ..expression import Number
from ..model import Percent
from ..wording import nearest, quoted
from .mistakes import ConditionError

TIMES: Mapping[str, Fraction] = {
    "ns": Fraction(1, 10**9),
    "us": Fraction(1, 10**6),
    "\u00b5s": Fraction(1, 10**6),  # the micro sign and the Greek letter look the same
    "\u03bcs": Fraction(1, 10**6),
    "ms": Fraction(1, 1000),
    "s": Fraction(1),
    "sec": Fraction(1),
    "min": Fraction(60),
    "h": Fraction(3600),
    "d": Fraction(86400),
    "day": Fraction(86400),
    "days": Fraction(86400),
}
"""The units of time, and their seconds."""

_BYTES = {
    "B": Fraction(1),
    **{
        f"{prefix}B": Fraction(1000**power)
        for prefix, power in zip("kKMGT", (1, 1, 2, 3, 4), strict=True)
    },
    **{f"{prefix}iB": Fraction(1024**power) for power, prefix in enumerate("KMGT", start=1)},
}
_PER_TIME = {f"/{unit}": 1 / TIMES[unit] for unit in ("s", "sec", "min", "h", "d", "day")}

UNITS: Mapping[str, Fraction] = MappingProxyType(
    {"%": Fraction(1, 100), **TIMES, **_BYTES, **_PER_TIME}
)
"""Every unit, and the factor that brings a value into base units."""

QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)(.*)", re.DOTALL)
"""A number and the unit behind it, which may be none, or no unit at all."""

# Numbers of other languages; few digits of an exponent, as they are written out in a hint.
_ELSEWHERE = re.compile(
    r"0[xX](?P<hex>[0-9A-Fa-f]{1,16})|[0-9]{1,3}(_[0-9]{3})+"
    r"|[0-9]{1,20}(\.[0-9]{1,20})?[eE]-?[0-9]"
)
_COMMON = "% ns us ms s min h d B kB MB GB TB KiB MiB GiB TiB /s /min /h"
_DIGITS = 40  # more than any clock, size or counter; keeps exact arithmetic cheap
_LONGEST = 2**63  # durations are signed 64-bit nanoseconds


def parse_number(text: str) -> Number | None:
    """The number that `text` is, with its unit if it has one; None if it is none."""
    match = QUANTITY.fullmatch(text)
    if match is None or (match[2] and match[2] not in UNITS):
        return None
    if len(match[1]) > _DIGITS:
        raise ConditionError(f"a number has at most {_DIGITS} digits")
    return Number(Fraction(match[1]) * UNITS.get(match[2], Fraction(1)), text)


def parse_duration(text: str) -> int:
    """The nanoseconds of a duration such as `30s` or `1.5h`."""
    value = _with_unit(text, TIMES, "a duration", "30s") * 10**9
    if value.denominator != 1:
        raise ConditionError(f"{quoted(text)} is no whole number of nanoseconds")
    if not 0 <= value < _LONGEST:
        raise ConditionError(f"{quoted(text)} is out of range", hint="0s to 106751d")
    return int(value)


def parse_percent(text: str) -> Percent:
    """The share of 1 of a percentage such as `99.5%`."""
    value = _with_unit(text, {"%": UNITS["%"]}, "a percentage", "95%")
    if not 0 <= value <= 1:
        raise ConditionError(f"{quoted(text)} is out of range", hint="0% to 100%")
    return Percent(value, text)


def unknown_unit(text: str) -> ConditionError | None:
    """The complaint about a number whose unit is none; None if `text` is no number."""
    match = QUANTITY.fullmatch(text)
    if match is None or not match[2] or match[2] in UNITS:
        return None
    guess = nearest(match[2], UNITS)
    hint = f"{match[1]}{guess}" if guess else _COMMON
    return ConditionError(f"{quoted(match[2])} is no unit", len(match[1]), hint)


def number_like(name: str) -> ConditionError | None:
    """The complaint about a name that a person takes for a literal; None if it is none."""
    if not name[0].isdigit():
        return None
    plain = _plain(name)
    hint = f'a text is written "{name}"' if len(name) <= _DIGITS else "a text is in quotes"
    return ConditionError(
        f"{quoted(name)} reads as the name of a field",
        hint=f"write {plain}; {hint}" if plain else hint,
    )


def _plain(text: str) -> str | None:
    """The number that `1e3`, `1_000` or `0x10` is elsewhere, as one is written here."""
    match = _ELSEWHERE.fullmatch(text)
    if match is None:
        return None
    if match["hex"]:
        return str(int(match["hex"], 16))
    shown = f"{Decimal(text):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def _with_unit(text: str, units: Mapping[str, Fraction], what: str, example: str) -> Fraction:
    """The value of `text`, which must carry one of `units`."""
    match = QUANTITY.fullmatch(text)
    if match is None or len(match[1]) > _DIGITS:
        raise ConditionError(f"expected {what} such as {example}, got {quoted(text)}")
    if match[2] not in units:
        bare = match[2].strip()
        unit = bare if bare in units else "" if bare else example.lstrip("0123456789")
        raise ConditionError(
            f"expected {what} such as {example}, got {quoted(text)}",
            hint=f"{match[1]}{unit}" if unit else None,
        )
    return Fraction(match[1]) * units[match[2]]
