"""Lines whose trace line stands in quotes: looked for in bulk, and cut one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain

import polars as pl

from .grammar import character_class
from .guards import may_end_in_element
from .quotes import QUOTE, QUOTES, cut

_TAG = character_class("TAG_WORD")
_LEVEL = character_class("LEVEL_WORD")
_FIELD = rf"\|[ \t]*{character_class('NAME')}="
# The first pipe of the line has a tag in quotes before it, and a field behind it: whatever tags
# are named, this one is the tag, and no search need find it.
_BEGINS = rf"^[^|]*[\"']{_TAG}{_FIELD}"
_BEGINS_WITH_LEVEL = rf"^[^|]*[\"']{_LEVEL}{_FIELD}"


@dataclass(frozen=True, slots=True)
class Cuts:
    """By row, the texts up to the end of their quotes, and the rows whose quotes never end."""

    texts: dict[int, str] = field(default_factory=dict)
    unclosed: list[int] = field(default_factory=list)


def begin_in_quotes(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines whose first pipe follows a tag directly behind a quote, and the others."""
    texts = lines["@text"]
    which = texts.str.contains(_BEGINS)
    if not which.any():
        return lines.clear(), lines
    which &= ~texts.str.contains(_BEGINS_WITH_LEVEL)
    return lines.filter(which), lines.filter(~which)


def cut_texts(begun: pl.DataFrame, found: pl.DataFrame) -> Cuts:
    """Cut what begins in quotes, and of the events found those whose tag stands in some."""
    cuts = Cuts()
    for row, text, tag_at in chain(_first_tags(begun), _tags_behind_quotes(found)):
        inside = cut(text, tag_at)
        if inside is None:
            cuts.unclosed.append(row)
        elif inside != text:
            cuts.texts[row] = inside
    return cuts


def _first_tags(lines: pl.DataFrame) -> Iterator[tuple[int, str, int]]:
    for row, text in lines.select("@row", "@text").iter_rows():
        pipe = text.index("|")
        yield row, text, max(text.rfind(quote, 0, pipe) for quote in QUOTES) + 1


def _tags_behind_quotes(found: pl.DataFrame) -> Iterator[tuple[int, str, int]]:
    rows = found.filter(found["@prefix"].str.contains(QUOTE) | may_end_in_element(found["@text"]))
    for row, text, prefix in rows.select("@row", "@text", "@prefix").iter_rows():
        yield row, text, len(prefix)
