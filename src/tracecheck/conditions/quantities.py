"""Numbers with units: what `5%`, `800ms`, `64MiB` and `10/min` are, exactly, in base units.

Base units are seconds, bytes, a share of 1, and per second. No white space stands inside.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction

from ..model.condition import Number
from ..model.rules import Percent
from ..text.amounts import SECOND
from ..text.wording import did_you_mean, quoted
from .mistakes import ConditionError
from .units import TIMES, UNITS, meant_unit, quantity_hint

QUANTITY = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)(.*)", re.DOTALL)
"""A number and the unit behind it, which may be none, or no unit at all."""

# Numbers of other languages; few digits of an exponent, as they are written out in a hint.
_ELSEWHERE = re.compile(
    r"0[xX](?P<hex>[0-9A-Fa-f]{1,16})|[0-9]{1,3}(_[0-9]{3})+"
    r"|[0-9]{1,20}(\.[0-9]{1,20})?[eE]-?[0-9]"
)
_DIGITS = 40  # more than any clock, size or counter; keeps exact arithmetic cheap
_LONGEST = 2**63  # durations are signed 64-bit nanoseconds


def parse_number(text: str) -> Number | None:
    """The number that `text` is, in base units; None if it is none. Raises ConditionError."""
    match = QUANTITY.fullmatch(text)
    if match is None or (match[2] and match[2] not in UNITS):
        return None
    if len(match[1]) > _DIGITS:
        raise ConditionError(f"a number has at most {_DIGITS} digits")
    return Number(Fraction(match[1]) * UNITS.get(match[2], Fraction(1)), text)


def parse_duration(text: str) -> int:
    """The nanoseconds of a duration such as `30s` or `1.5h`. Raises ConditionError."""
    value = _with_unit(text, TIMES, "a duration", "30s") * SECOND
    if value.denominator != 1:
        raise ConditionError(f"{quoted(text)} is no whole number of nanoseconds")
    if not 0 <= value < _LONGEST:
        raise ConditionError(f"{quoted(text)} is out of range", hint="0s to 106751d")
    return int(value)


def parse_percent(text: str) -> Percent:
    """The share of 1 of a percentage such as `99.5%`. Raises ConditionError."""
    value = _with_unit(text, {"%": UNITS["%"]}, "a percentage", "95%")
    if not 0 <= value <= 1:
        raise ConditionError(f"{quoted(text)} is out of range", hint="0% to 100%")
    return Percent(value, text)


def unknown_unit(text: str) -> ConditionError | None:
    """The complaint about a number whose unit is none; None if `text` is no number."""
    match = QUANTITY.fullmatch(text)
    if match is None or not match[2] or match[2] in UNITS:
        return None
    hint = quantity_hint(match[1], match[2])
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
    return _digits(Decimal(text))


def _digits(number: Decimal) -> str:
    shown = f"{number:f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def percent_hint(text: str) -> str | None:
    """The hint that the share of 1 that `text` is was meant as a percentage."""
    match = QUANTITY.fullmatch(_with_zero(text))
    if match is None or match[2] or len(match[1]) > _DIGITS or not 0 <= Decimal(match[1]) <= 1:
        return None
    hundredfold = Decimal(match[1]).scaleb(2, Context(prec=_DIGITS))
    return did_you_mean(f"{_digits(hundredfold)}%")


def _with_unit(text: str, units: Mapping[str, Fraction], what: str, example: str) -> Fraction:
    """The value of `text`, which must carry one of `units`."""
    match = QUANTITY.fullmatch(text)
    if match is None or match[2] not in units or len(match[1]) > _DIGITS:
        raise ConditionError(
            f"expected {what} such as {example}, got {quoted(text)}",
            hint=_unit_hint(text, units, example),
        )
    return Fraction(match[1]) * units[match[2]]


def _unit_hint(text: str, units: Mapping[str, Fraction], example: str) -> str | None:
    """How `text`, which carries none of `units`, is written with one."""
    match = QUANTITY.fullmatch(_with_zero(text))
    if match is None or len(match[1]) > _DIGITS:
        return None
    if len(units) == 1 and match[2] and not meant_unit(match[2], units):
        return None  # the message names the one unit there is
    if "%" in units and not match[2] and (hint := percent_hint(text)):
        return hint
    return quantity_hint(match[1], match[2] or example.lstrip("0123456789"), units)


def _with_zero(text: str) -> str:
    """`.5` with the digit before the point that it lacks."""
    return re.sub(r"\A[+-]?(?=\.[0-9])", r"\g<0>0", text)
