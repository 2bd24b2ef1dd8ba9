"""Times of lines that are no events: only few are ever asked for, those that a report cites."""

from __future__ import annotations

import polars as pl

from ...reading.lines.timestamps import read_stamps
from .grammar import character_class

_ALONE, _ENDS = r"(?:^|[^A-Za-z0-9_])", r"(?:[^A-Za-z0-9_]|$)"


def line_times(texts: pl.Series, tags: frozenset[str], timezone: str = "UTC") -> pl.Series:
    """Nanoseconds of lines (null without a time): what stands before the first tag counts.

    That is one of `tags`, or any that a pipe follows. `timezone` is that of naive times.
    """
    found = [rf"{character_class('TAG_WORD')}\|", *(f"{tag}{_ENDS}" for tag in sorted(tags))]
    before = texts.str.extract(rf"^((?s:.*?)){_ALONE}(?:{'|'.join(found)})", 1)
    return read_stamps(before.zip_with(before.is_not_null(), texts), timezone)
