"""Stamps that stand at the start of their texts, cut by position: a short cut, never a result.

Nearly all loggers write `YYYY-MM-DD HH:MM:SS` first, with a fraction of one width. Of these texts
only the minutes, which are few, are read as texts; seconds and fractions are calculated from their
bytes. What has another form, and what anything but UTC stands behind, is left.
"""

from __future__ import annotations

import functools

import polars as pl

from .behind_stamps import behind, may_say_more
from .iso_stamps import MINUTE, read_iso

_MINUTE = 16  # characters of YYYY-MM-DD HH:MM
_AT_START = rf"^({MINUTE}:[0-9]{{2}})(?:[.,:]([0-9]{{1,9}}))?(?:[^0-9]|$)"
_SAMPLES = 32
_WORD = 8
"""Bytes that are looked at together, as one little-endian number. Of what stands behind a fraction
they show whether it counts, if not all of it."""
_FAR = 9_200_000_000_000_000_000
"""A minute of which this many nanoseconds are not exceeded has all its seconds in 64 bits."""


def widths_of(texts: pl.Series) -> list[int]:
    """The numbers of digits of the fractions in a sample of texts; none of a fraction is 0."""
    sample = texts.gather_every(max(1, len(texts) // _SAMPLES))
    parts = sample.str.extract_groups(_AT_START).struct.unnest()
    parts = parts.filter(parts["1"].is_not_null())
    return list(dict.fromkeys(parts["2"].str.len_bytes().fill_null(0)))


def cut_stamps(texts: pl.Series, width: int, zone: str) -> pl.Series:
    """Int64 nanoseconds of texts that begin with a stamp of `width` fraction digits, else null."""
    tail = _MINUTE + 3 + (width and width + 1)
    if (texts.str.len_bytes() < tail + _WORD).any():
        # Blanks at the end of a text say nothing.
        texts = texts.str.pad_end(tail + _WORD)
    data = texts.cast(pl.Binary)
    words = {str(at): _word(data, _MINUTE + _WORD * at) for at in range(_words(width))}
    tails = _word(data, tail)
    columns = {"minute": _minutes(texts, zone), "meant": _meant(tails, zone), **words}
    return pl.DataFrame(columns).select_seq(_time(width))["time"]


def _word(data: pl.Series, start: int) -> pl.Series:
    return data.bin.slice(start, _WORD).bin.reinterpret(dtype=pl.UInt64, endianness="little")


def _words(width: int) -> int:
    """How many words hold the second and its fraction."""
    return -(-(4 + width) // _WORD)


def _minutes(texts: pl.Series, zone: str) -> pl.Series:
    """Int64 nanoseconds of the minutes that texts begin with; null where there is none."""
    heads = texts.str.head(_MINUTE)
    runs = heads.rle_id()
    first = heads.filter(runs.diff().fill_null(1) > 0)
    is_minute = first.str.contains(f"^{MINUTE}$")
    _, times = read_iso(first + ":00", zone)
    near = is_minute & times.is_between(-_FAR, _FAR)
    return times.zip_with(near, times.clear(len(times))).gather(runs)


def _meant(tails: pl.Series, zone: str) -> pl.Series:
    """Whether what stands behind a stamp and its fraction says nothing, or UTC where that is known.

    Asked once for each tail: they are few.
    """
    known = tails.unique().drop_nulls()
    text = pl.Series(
        [number.to_bytes(_WORD, "little").decode(errors="replace") for number in known],
        dtype=pl.String,
    )
    said = pl.DataFrame([text]).select(behind(pl.first()))
    if zone == "UTC":
        said = said.drop("utc")
    nothing = said.select(pl.all_horizontal(pl.all().is_null())).to_series()
    return tails.is_in(known.filter(nothing & ~may_say_more(text)).implode())


@functools.lru_cache(maxsize=10)
def _time(width: int) -> pl.Expr:
    """The time of a stamp: its minute, and the bytes of its second and its fraction."""

    def byte(at: int) -> pl.Expr:
        return pl.col(str(at // _WORD)).floordiv(256 ** (at % _WORD)).mod(256)

    places = [1, 2, *range(4, 4 + width)]
    digits = [byte(at) - ord("0") for at in places]
    right = [byte(0) == ord(":"), digits[0] <= 5, *(digit <= 9 for digit in digits)]
    if width:
        right.append(byte(3).is_in([ord("."), ord(","), ord(":")]))
    units = [10**10, 10**9, *(10 ** (8 - at) for at in range(width))]
    into = pl.sum_horizontal(
        digit.cast(pl.Int64) * unit for digit, unit in zip(digits, units, strict=True)
    )
    return pl.when(pl.all_horizontal("meant", *right)).then(pl.col("minute") + into).alias("time")
