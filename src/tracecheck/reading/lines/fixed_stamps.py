"""Stamps that stand at the start of their texts, cut by position: a short cut, never a result.

Nearly all loggers write `YYYY-MM-DD HH:MM:SS` first, with a fraction of one width. Of these texts
only the minutes, which are few, are read as texts; seconds and fractions are calculated from their
bytes. What has another form, and what anything but UTC stands behind, is left.
"""

from __future__ import annotations

import functools
import operator
import re
from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

from .behind_stamps import are_plain
from .iso_stamps import MINUTE, read_minutes

_MINUTE = 16  # characters of YYYY-MM-DD HH:MM
_AT_START = re.compile(rf"({MINUTE}:[0-9]{{2}})(?:([.,:])([0-9]{{1,9}}))?(?:[^0-9]|\Z)")
_SAMPLES = 32
_WINDOW = 16
"""Bytes behind the minute that are taken together: all of a second and its fraction."""
_WORD = 8
"""Bytes that are calculated with together, as one little-endian number. Of what stands behind a
fraction they show whether it counts, if not all of it."""


_MOST_TAILS = 1 << 12
_PLAIN: dict[bool, dict[int, bool]] = {False: {}, True: {}}
"""Tails that were asked before, by whether they may say UTC: the pattern is a dear one."""


class Form(NamedTuple):
    """What stands before a fraction, and its number of digits; "" and 0 without one."""

    point: str
    width: int

    @property
    def size(self) -> int:
        """How many bytes the second and its fraction have, with what stands before each."""
        return 3 + len(self.point) + self.width


def forms_of(texts: pl.Series) -> list[Form]:
    """The forms of a sample of texts."""
    sample = texts.gather_every(max(1, len(texts) // _SAMPLES))
    found = (_AT_START.match(text) for text in sample.drop_nulls())
    return list(dict.fromkeys(Form(one[2] or "", len(one[3] or "")) for one in found if one))


def cut_stamps(texts: pl.Series, form: Form, zone: str) -> pl.Series:
    """Int64 nanoseconds of texts that begin with a stamp of this form, else null."""
    needed = _MINUTE + max(_WINDOW, form.size + _WORD)
    if (texts.str.len_bytes() < needed).any():
        # Blanks at the end of a text say nothing.
        texts = texts.str.pad_end(needed)
    window = _bytes_of(texts, _MINUTE, _WINDOW).arr.to_struct(["0", "1"]).struct.unnest()
    if form.size <= _WORD:
        tails = window.select_seq(_tail(form.size)).to_series()
    else:
        tails = _bytes_of(texts, _MINUTE + form.size, _WORD).arr.get(0)
    cut = window.with_columns(minute=_minutes(texts, zone), meant=_meant(tails, zone))
    return cut.select_seq(_time(form))["time"]


def _bytes_of(texts: pl.Series, start: int, size: int) -> pl.Series:
    """These characters as words; null where they are more bytes, as not all are ASCII."""
    data = texts.str.slice(start, size).cast(pl.Binary)
    words = pl.Array(pl.UInt64, size // _WORD)
    return data.bin.reinterpret(dtype=words, endianness="little")


def _tail(start: int) -> pl.Expr:
    """The word that begins in the first of two."""
    first, second = pl.col("0"), pl.col("1")
    if start == _WORD:
        return second
    return first.floordiv(256**start).or_(second * 256 ** (_WORD - start))


def _minutes(texts: pl.Series, zone: str) -> pl.Series:
    """Int64 nanoseconds of the minutes that texts begin with; null where there is none."""
    heads = texts.str.head(_MINUTE)
    runs = heads.rle_id()
    first = heads.gather(runs.search_sorted(runs.unique().sort()))
    return read_minutes(first, zone).gather(runs)


def _meant(tails: pl.Series, zone: str) -> pl.Series:
    """Whether what stands behind a stamp and its fraction says nothing, or UTC where that is known.

    Asked once for each tail: they are few, and the same in all of a log.
    """
    plain = _PLAIN[zone == "UTC"]
    known = tails.unique().drop_nulls().to_list()
    asked = [number for number in known if number not in plain]
    if asked:
        texts = [number.to_bytes(_WORD, "little").decode(errors="replace") for number in asked]
        found = are_plain(pl.Series(texts, dtype=pl.String), or_utc=zone == "UTC")
        if len(plain) + len(asked) > _MOST_TAILS:
            plain = {number: plain[number] for number in known if number in plain}
            _PLAIN[zone == "UTC"] = plain
        plain.update(zip(asked, found, strict=True))
    which = [number for number in known if plain[number]]
    return tails.is_in(pl.Series(which, dtype=pl.UInt64).implode())


@functools.lru_cache(maxsize=20)
def _time(form: Form) -> pl.Expr:
    """The time of a stamp: its minute, and the bytes of its second and its fraction.

    Of each word, what is written between digits must be 0 once what is expected is taken from it,
    and a digit at most 9 (the first at most 5): it would reach the highest bit of its byte.
    """
    written = f":00{form.point}{'0' * form.width}"
    units = [
        0,
        10**10,
        10**9,
        *[0] * len(form.point),
        *(10 ** (8 - at) for at in range(form.width)),
    ]
    right, into = [pl.col("meant")], []
    for name, start in enumerate(range(0, form.size, _WORD)):
        word = range(start, min(start + _WORD, form.size))
        digits = pl.col(str(name)).xor(_bytes(written[start : start + _WORD].encode()))
        past = _bytes([0 if not units[at] else 0x7A if at == 1 else 0x76 for at in word])
        wrong = _bytes([0x80 if units[at] else 0xFF for at in word])
        right.append((((digits + past) | digits) & wrong) == 0)
        into += [
            digits.floordiv(256 ** (at - start)).and_(15) * units[at] for at in word if units[at]
        ]
    whole = functools.reduce(operator.add, into).cast(pl.Int64)
    is_right = functools.reduce(operator.and_, right)
    return pl.when(is_right).then(pl.col("minute") + whole).alias("time")


def _bytes(values: Sequence[int]) -> pl.Expr:
    return pl.lit(int.from_bytes(bytes(values), "little"), pl.UInt64)
