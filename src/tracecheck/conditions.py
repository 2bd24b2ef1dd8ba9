"""Conditions as Polars expressions, in Kleene's three values (contract, section 6).

An expression yields true, false, or null for *unknown*, where a value that is no number stands
where one is needed. Numbers are compared exactly, never as floats; that is done at once, and
stands in the expression as a literal series.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce

import polars as pl

from .events import EventGroup
from .expression import (
    And,
    Comparison,
    Condition,
    IsMissing,
    IsVoid,
    Like,
    Matches,
    Membership,
    Name,
    Not,
    Number,
    Operand,
    Or,
    Selector,
    Side,
    Text,
)
from .grammars.quantities import NUMBER, UNITS
from .lines.cutting import FILE_BITS
from .patterns import glob_pattern

_SMALL_INTEGER = r"^[+-]?[0-9]{1,15}$"
_MOST_DIGITS = 4000  # what Python turns into an exact number; a longer one is no number
_QUANTITY = re.compile(f"({NUMBER})(.*)", re.DOTALL)
_OPERATORS: Mapping[str, Callable[[Fraction, Fraction], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a rule file says about values: which are void, and the units of bare numbers.

    `paths` are the files of the run, by number, for `@source`.
    """

    void: frozenset[str] = frozenset()
    units: Mapping[str, Fraction] | None = None
    paths: tuple[str, ...] = ()

    def factor(self, name: Name) -> Fraction:
        """What brings a bare value of the field into base units."""
        return (self.units or {}).get(name.name, Fraction(1))


@dataclass(frozen=True, slots=True)
class View:
    """Events as a condition sees them.

    Columns are by name (see `events.EVENT`), behind `prefix`; all events are of one tag if `tag`
    is given.
    """

    frame: pl.DataFrame
    tag: str | None
    vocabulary: Vocabulary
    prefix: str = ""

    def text(self, name: Name) -> pl.Expr | None:
        """The values of a field or attribute as text; None if no event here has it."""
        place = pl.col(f"{self.prefix}@place")
        match name.name:
            case "@tag" if self.tag is not None:
                return pl.lit(self.tag)
            case "@line":
                return (place & ((1 << FILE_BITS) - 1)).cast(pl.String)
            case "@source":
                files = (place // (1 << FILE_BITS)).cast(pl.UInt32)
                return pl.lit(pl.Series(self.vocabulary.paths, dtype=pl.String)).gather(files)
            case "@time":
                times = pl.col(f"{self.prefix}@time").cast(pl.Datetime("ns"))
                return times.dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")
        column = self.prefix + name.name
        return pl.col(column) if column in self.frame.columns else None

    def number(self, name: Name) -> pl.Series | None:
        """The same where a number is meant, as values: `@time` is epoch seconds."""
        text = self.text(name)
        if text is None:
            return None
        if name.name == "@time":
            time = pl.col(f"{self.prefix}@time")
            whole = (time.abs() // 10**9).cast(pl.String)
            part = (time.abs() % 10**9).cast(pl.String).str.zfill(9)
            sign = pl.when(time < 0).then(pl.lit("-")).otherwise(pl.lit(""))
            text = pl.concat_str(sign, whole, pl.lit("."), part)
        if name.name == "@tag":
            return pl.repeat(self.tag, self.frame.height, dtype=pl.String, eager=True)
        return self.frame.select(text).to_series()


Views = Mapping[Side, View]


def select(selector: Selector, group: EventGroup, vocabulary: Vocabulary) -> pl.Expr | None:
    """Which events of a group the selector takes (null: unknown); None if surely none."""
    if selector.tag is not None and group.tag is not None and selector.tag != group.tag:
        return None
    view = View(group.frame, group.tag, vocabulary)
    found = evaluate(selector.where, {"": view}) if selector.where else pl.lit(value=True)
    if selector.tag is None or group.tag is not None:
        return found
    return (pl.col("@tag") == selector.tag) & found


def evaluate(condition: Condition, views: Views) -> pl.Expr:
    """The truth of a condition for each event, or each pair of events, of the views.

    Views of several sides are of one frame, and differ by their prefix.
    """
    match condition:
        case And(terms):
            return reduce(operator.and_, (evaluate(term, views) for term in terms))
        case Or(terms):
            return reduce(operator.or_, (evaluate(term, views) for term in terms))
        case Not(term):
            return ~evaluate(term, views)
        case Comparison(op, left, right):
            return _compare(op, left, right, views)
        case Membership(name, items):
            return reduce(operator.or_, (_compare("==", name, item, views) for item in items))
        case Like(name, glob):
            return _tested(name, views, lambda text: text.str.contains(glob_pattern(glob)))
        case Matches(name, pattern):
            return _tested(name, views, lambda text: text.str.contains(pattern))
        case IsMissing(name):
            return ~_tested(name, views, pl.Expr.is_not_null)
        case IsVoid(name):
            void = sorted(views[name.side].vocabulary.void)
            return ~_tested(name, views, lambda text: ~text.is_in(void))


def _tested(name: Name, views: Views, test: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """A test of the texts of a name; false where there is none."""
    text = views[name.side].text(name)
    return pl.lit(value=False) if text is None else test(text).fill_null(value=False)


def _compare(op: str, left: Operand, right: Operand, views: Views) -> pl.Expr:
    assert isinstance(left, Name)  # the grammar puts it there
    if isinstance(right, Text):
        if op == "==":
            return _tested(left, views, lambda text: text == right.value)
        return _tested(left, views, lambda text: text != right.value)
    if isinstance(right, Number):
        view = views[left.side]
        values = view.number(left)
        if values is None:
            return pl.lit(value=False)
        truth = _compare_number(op, values, right.value, view.vocabulary.factor(left))
        return pl.lit(truth)
    return _compare_names(op, left, right, views)


def _compare_names(op: str, left: Name, right: Name, views: Views) -> pl.Expr:
    if op in {"==", "!="}:
        texts = [views[name.side].text(name) for name in (left, right)]
        if texts[0] is None or texts[1] is None:
            return pl.lit(value=False)
        same = texts[0] == texts[1] if op == "==" else texts[0] != texts[1]
        return same.fill_null(value=False)
    numbers = [views[name.side].number(name) for name in (left, right)]
    if numbers[0] is None or numbers[1] is None:
        return pl.lit(value=False)
    factors = [views[name.side].vocabulary.factor(name) for name in (left, right)]
    pairs = pl.DataFrame({"left": numbers[0], "right": numbers[1]})
    known = pairs.unique()
    truths = [
        _truth(op, _quantity(a, factors[0]), _quantity(b, factors[1]))
        if a is not None and b is not None
        else False
        for a, b in known.iter_rows()
    ]
    known = known.with_columns(pl.Series("truth", truths, dtype=pl.Boolean))
    joined = pairs.join(
        known, on=["left", "right"], how="left", nulls_equal=True, maintain_order="left"
    )
    return pl.lit(joined["truth"])


def _compare_number(op: str, values: pl.Series, limit: Fraction, factor: Fraction) -> pl.Series:
    """Compare values with a number; false where missing, null where no number.

    Small whole numbers, which nearly all are, are compared as such; each other value that
    occurs is compared once, as an exact fraction.
    """
    value = pl.col("value")
    small = value.str.contains(_SMALL_INTEGER).fill_null(value=True)
    integers = value.str.strip_prefix("+").cast(pl.Int64, strict=False)
    frame = pl.DataFrame({"value": values}).select(
        small.alias("small"),
        _compare_integers(op, integers, limit / factor).fill_null(value=False).alias("truth"),
    )
    if frame["small"].all():
        return frame["truth"]
    others = values.filter(~frame["small"]).unique().sort()
    truths = [_truth(op, _quantity(text, factor), limit) for text in others]
    mapped = values.replace_strict(
        others, pl.Series(truths, dtype=pl.Boolean), default=None, return_dtype=pl.Boolean
    )
    return frame["truth"].zip_with(frame["small"], mapped)


def _compare_integers(op: str, integers: pl.Expr, limit: Fraction) -> pl.Expr:
    bound = 10**16  # beyond every small integer, and within the type of the series
    floor = max(-bound, min(bound, math.floor(limit)))
    ceiling = max(-bound, min(bound, math.ceil(limit)))
    match op:
        case "<":
            return integers < ceiling
        case "<=":
            return integers <= floor
        case ">":
            return integers > floor
        case ">=":
            return integers >= ceiling
        case "==":
            return (integers == floor) & pl.lit(floor == ceiling)
        case _:
            return (integers != floor) | pl.lit(floor != ceiling)


def _quantity(text: str, factor: Fraction) -> Fraction | None:
    """The number a value is, in base units: by its own unit if it has one, else by `factor`."""
    match = _QUANTITY.fullmatch(text)
    if match is None or len(match[1]) > _MOST_DIGITS or (match[2] and match[2] not in UNITS):
        return None
    return Fraction(match[1]) * (UNITS[match[2]] if match[2] else factor)


def _truth(op: str, left: Fraction | None, right: Fraction | None) -> bool | None:
    return None if left is None or right is None else _OPERATORS[op](left, right)
