"""Times of lines that are no events: only few are ever asked for, those that a report cites."""

from __future__ import annotations

import re
from collections.abc import Collection

import polars as pl

from ...reading.lines.timestamps import read_stamps
from .grammar import alone, character_class

_WORD = re.compile(
    rf"{alone()}({character_class('TAG_WORD')})(?!{character_class('WORD_CHAR')})(\|?)"
)


def line_times(texts: pl.Series, tags: Collection[str], timezone: str = "UTC") -> pl.Series:
    """Nanoseconds of lines (null without a time): what stands before the first tag counts.

    That is one of `tags`, or any that a pipe follows. `timezone` is that of naive times.
    """
    before = [_before_tag(text, tags) for text in texts]
    return read_stamps(pl.Series(before, dtype=pl.String), timezone)


def _before_tag(text: str, tags: Collection[str]) -> str:
    found = (one for one in _WORD.finditer(text) if one[2] or one[1] in tags)
    first = next(found, None)
    return text if first is None else text[: first.start()]
