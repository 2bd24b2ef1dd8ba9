"""Conditions as Polars expressions, in Kleene's three values (contract, section 6).

An expression yields true, false, or null for *unknown*, where a value that is no number stands
where one is needed. Numbers are compared exactly, never as floats; that is done at once, and
stands in the expression as a literal series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import polars as pl

from ..model.condition import (
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
from ..reading.lines.places import file_of, line_of
from ..text.amounts import SECOND
from .numbers import OPERATORS, SMALL, compared_integers, number_of, tested_number
from .patterns import glob_pattern


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a rule file says about values: which are void, and the units of bare numbers.

    `paths` are the files of the run, by number, for `@source`; of a name that is no UTF-8, a
    condition sees each odd byte as `?`.
    """

    void: frozenset[str] = frozenset()
    units: Mapping[str, Fraction] | None = None
    paths: Mapping[int, str] = field(default_factory=dict)

    def factor(self, name: Name) -> Fraction:
        """What brings a bare value of the field into base units."""
        return (self.units or {}).get(name.name, Fraction(1))


@dataclass(frozen=True, slots=True)
class View:
    """Events as a condition sees them: their columns (`events.table.EVENT`), behind `prefix`."""

    vocabulary: Vocabulary
    prefix: str = ""

    def text(self, name: Name) -> pl.Expr:
        """The values of a field or attribute as text."""
        place = pl.col(f"{self.prefix}@place")
        match name.name:
            case "@line":
                return line_of(place).cast(pl.String)
            case "@source":
                files = file_of(place).cast(pl.UInt32)
                # Following begins with no file: of an empty mapping Polars makes no text.
                paths = self.vocabulary.paths or {0: ""}
                shown = [path.encode(errors="replace").decode() for path in paths.values()]
                known = pl.Series(list(paths), dtype=pl.UInt32)
                return files.replace_strict(known, pl.Series(shown, dtype=pl.String))
            case "@time":
                times = pl.col(f"{self.prefix}@time").cast(pl.Datetime("ns"))
                return times.dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ")
        return pl.col(self.prefix + name.name)

    def number(self, name: Name) -> pl.Expr:
        """The same where a number is meant: `@time` is epoch seconds."""
        if name.name != "@time":
            return self.text(name)
        # Wide enough for the earliest time to have an absolute value.
        time = pl.col(f"{self.prefix}@time").cast(pl.Int128)
        whole = (time.abs() // SECOND).cast(pl.String)
        part = (time.abs() % SECOND).cast(pl.String).str.zfill(9)
        sign = pl.when(time < 0).then(pl.lit("-")).otherwise(pl.lit(""))
        return pl.concat_str(sign, whole, pl.lit("."), part)


Views = Mapping[Side, View]


def select(selector: Selector, vocabulary: Vocabulary) -> pl.Expr:
    """Which events the selector takes, as Boolean (null: unknown)."""
    found = pl.lit(value=True)
    if selector.where:
        found = evaluate(selector.where, {"": View(vocabulary)})
    return found if selector.tag is None else (pl.col("@tag") == selector.tag) & found


def evaluate(condition: Condition, views: Views) -> pl.Expr:
    """The truth of a condition for each event, or pair of events: Boolean (null: unknown).

    Views of several sides are of one frame, and differ by their prefix.
    """
    match condition:
        case And(terms):
            return pl.all_horizontal(evaluate(term, views) for term in terms)
        case Or(terms):
            return pl.any_horizontal(evaluate(term, views) for term in terms)
        case Not(term):
            return ~evaluate(term, views)
        case Comparison(op, left, right):
            return _compare(op, left, right, views)
        case Membership(name, items):
            return _among(name, items, views)
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
    return test(views[name.side].text(name)).fill_null(value=False)


def _compare(op: str, left: Operand, right: Operand, views: Views) -> pl.Expr:
    assert isinstance(left, Name)  # the grammar puts it there
    compared = OPERATORS[op]
    if isinstance(right, Text):
        return _tested(left, views, lambda text: compared(text, right.value))
    view = views[left.side]
    if isinstance(right, Number):
        limit, factor = right.value, view.vocabulary.factor(left)
        return tested_number(
            view.number(left),
            factor,
            lambda integers: compared_integers(op, integers, limit / factor),
            lambda number: compared(number, limit),
        )
    if op in {"==", "!="}:
        other = views[right.side].text(right)
        return _tested(left, views, lambda text: compared(text, other))
    return _compare_numbers(op, left, right, views)


def _among(name: Name, items: Sequence[Operand], views: Views) -> pl.Expr:
    """Whether a value is one of the items: one test for all texts, and one for all numbers."""
    texts = [item.value for item in items if isinstance(item, Text)]
    numbers = frozenset(item.value for item in items if isinstance(item, Number))
    tests = [_compare("==", name, item, views) for item in items if isinstance(item, Name)]
    if texts:
        tests.append(_tested(name, views, lambda text: text.is_in(texts)))
    if numbers:
        view = views[name.side]
        factor = view.vocabulary.factor(name)
        bare = (number / factor for number in numbers)
        small = sorted(int(one) for one in bare if one.denominator == 1 and abs(one) < SMALL)
        tests.append(
            tested_number(
                view.number(name),
                factor,
                lambda integers: integers.is_in(small),
                numbers.__contains__,
            )
        )
    return pl.any_horizontal(tests)


def _compare_numbers(op: str, left: Name, right: Name, views: Views) -> pl.Expr:
    """Compare numbers of two names; each pair of texts that occurs is compared once."""
    factors = [views[name.side].vocabulary.factor(name) for name in (left, right)]

    def truth(*numbers: Fraction | None) -> bool | None:
        return None if None in numbers else OPERATORS[op](*numbers)

    def compared(pairs: pl.Series) -> pl.Series:
        texts = list(pairs.struct.unnest().iter_rows())
        known = {
            pair: False if None in pair else truth(*map(number_of, pair, factors))
            for pair in set(texts)
        }
        return pl.Series([known[pair] for pair in texts], dtype=pl.Boolean)

    sides = [
        views[name.side].number(name).alias(side)
        for name, side in ((left, "left"), (right, "right"))
    ]
    return pl.struct(sides).map_batches(compared, return_dtype=pl.Boolean)
