"""What no layout may decide: tests that leave a line to the search, cheap since all are asked.

They are patterns of the engine, and may take a sound line for an odd one, but never the reverse.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import polars as pl

from .damage import BEHIND
from .grammar import is_level

_ENDINGS = 4
_LONGEST_ENDING, _SHORTEST_ENDING = 6, 2
"""The ends of tags are fewer than the tags, and quicker to look for."""

_FEW = 64
_LONGEST = 16
"""So many tags, and of each so many characters, are one pattern; more might not fit into the
engine's."""

Text = TypeVar("Text", pl.Series, pl.Expr)


def may_hold_tag(text: pl.Expr, tags: Collection[str], *others: str) -> pl.Expr:
    """Whether a named tag, also within a word, or another pattern may be found in a text."""
    patterns = [*_words(tags), *others]
    return text.str.contains("|".join(patterns)) if patterns else pl.lit(value=False)


def count_tags(text: pl.Expr, tags: Collection[str]) -> pl.Expr:
    """How many named tags, also within words and of level words, may be found in a text."""
    words = "|".join([*_words(tags), *filter(is_level, tags)])
    return text.str.count_matches(words) if words else pl.lit(0)


def may_be_damaged(text: pl.Expr, tags: Collection[str]) -> pl.Expr:
    """Whether a named tag may stand damaged in a text."""
    words = "|".join(_words(tags))
    return text.str.contains(f"(?:{words}){BEHIND}") if words else pl.lit(value=False)


def may_end_in_tag(segment: pl.Expr, tags: Collection[str]) -> pl.Expr:
    """Whether a named tag, be it a level word, may stand at the end of a segment."""
    if few := _few_endings(tags):
        return pl.any_horizontal(segment.str.ends_with(end) for end in few)
    return segment.str.contains(pattern) if (pattern := tag_at_end(tags)) else pl.lit(value=False)


def tag_at_end(tags: Collection[str]) -> str | None:
    """A pattern (of either regex engine) of what may end in a named tag; None if none is named."""
    ends = _few_endings(tags) or _bounded(tags)
    return f"(?:{'|'.join(ends)})$" if ends else None


def may_hold_blanks(texts: pl.Series) -> pl.Series:
    """Whether blanks stand at the end of some segment of a line, behind the tag or before."""
    # The engine is slow to look for the end of a text by a pattern.
    return ends_blank(texts) | texts.str.contains(r"[ \t]\|")


def ends_blank(text: Text) -> Text:
    """Whether blanks stand at the end of a text, which belong to no value."""
    return text.str.ends_with(" ") | text.str.ends_with("\t")


def _words(tags: Collection[str]) -> list[str]:
    """Patterns that are found where a tag that is no level word stands, up to its end."""
    named = [tag for tag in tags if not is_level(tag)]
    few = _few_endings(named)
    return few if few and min(map(len, few)) == _LONGEST_ENDING else _bounded(named)


def _few_endings(tags: Collection[str]) -> list[str]:
    """A few texts of which each tag ends in one; empty if there are too many."""
    sizes = range(_LONGEST_ENDING, _SHORTEST_ENDING - 1, -1)
    each = (sorted({tag[-size:] for tag in tags}) for size in sizes)
    return next((ends for ends in each if len(ends) <= _ENDINGS), [])


def _bounded(tags: Collection[str]) -> list[str]:
    """Patterns of the ends of tags, or of all words that are as long."""
    ends = sorted({tag[-_LONGEST:] for tag in tags})
    if len(ends) <= _FEW:
        return ends
    return [f"[A-Z][A-Z0-9_]{{{min(map(len, ends)) - 1},}}"]
