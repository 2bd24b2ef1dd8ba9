"""The units of numbers, and which one a word that is none was meant to be."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType

from ..text.amounts import SECOND
from ..text.wording import did_you_mean, nearest

TIMES: Mapping[str, Fraction] = {
    "ns": Fraction(1, SECOND),
    # The micro sign and the Greek letter look the same.
    **dict.fromkeys(("us", "\u00b5s", "\u03bcs"), Fraction(1, 10**6)),
    "ms": Fraction(1, 1000),
    **dict.fromkeys(("s", "sec"), Fraction(1)),
    "min": Fraction(60),
    "h": Fraction(3600),
    **dict.fromkeys(("d", "day", "days"), Fraction(86400)),
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

_ELSEWHERE: Mapping[str, str] = {
    **dict.fromkeys(("m", "minute", "minutes", "mins"), "min"),
    **dict.fromkeys(("hour", "hours", "hr", "hrs"), "h"),
    **dict.fromkeys(("second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millis", "milliseconds"), "ms"),
    **dict.fromkeys(("byte", "bytes"), "B"),
    "microseconds": "us",
    "nanoseconds": "ns",
    "percent": "%",
}


def listed(units: Mapping[str, Fraction] = UNITS) -> str:
    """The units as a message lists them, each in the spelling that is on every keyboard."""
    return " ".join(unit for unit in units if unit.isascii())


def meant_unit(word: str, units: Mapping[str, Fraction] = UNITS) -> str | None:
    """The one of `units` that `word` stands for, here or elsewhere, or nearly is."""
    word = word.strip()
    if word in units:
        return word
    per = "/" if word.startswith("/") else ""
    bare = word.removeprefix("/")
    # One letter alone is not folded: M is not m.
    known = _ELSEWHERE.get(bare if len(bare) == 1 else bare.casefold(), "")
    return per + known if per + known in units else nearest(word, units)


def quantity_hint(number: str, word: str, units: Mapping[str, Fraction] = UNITS) -> str:
    """What `number` with the unit `word` was meant to be; the units, if it is not clear."""
    unit = meant_unit(word, units)
    if unit is None:
        return f"units: {listed(units)}"
    ambiguous = " m alone is ambiguous" if word.strip() == "m" else ""
    return did_you_mean(f"{number}{unit}") + ambiguous
