"""What no layout may decide: tests that leave a line to the search, cheap since all are asked.

They are patterns of the engine, and may take a sound line for an odd one, but never the reverse.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from .damage import BEHIND, REPEATED
from .grammar import is_level
from .quotes import QUOTE

_FEW = 64
"""So many tags are one pattern; more might not fit into the engine's."""

_ENDINGS = 4
_LONGEST_ENDING = 6


def may_hold_tag(text: pl.Expr, tags: Collection[str], *others: str) -> pl.Expr:
    """Whether a named tag, also within a word, or another pattern may be found in a text."""
    patterns = [*_words(tags), *others]
    return text.str.contains("|".join(patterns)) if patterns else pl.lit(value=False)


def may_hold_tags(text: pl.Expr, tags: Collection[str]) -> pl.Expr:
    """How many named tags, also within words and of level words, may be found in a text."""
    words = "|".join({*_words(tags), *filter(is_level, tags)})
    return text.str.count_matches(words) if words else pl.lit(0)


def may_be_damaged(text: pl.Expr, tags: Collection[str]) -> pl.Expr:
    """Whether a named tag may stand damaged in a text."""
    words = "|".join(_words(tags))
    return text.str.contains(f"(?:{words}){BEHIND}") if words else pl.lit(value=False)


def odd_prefix(prefix: pl.Expr, tags: Collection[str], *, unquoted: bool = True) -> pl.Expr:
    """Whether what stands before a tag may be damage, or quotes that are to be cut."""
    named = [tag for tag in tags if not is_level(tag)]
    # The ends of tags are fewer than the tags, and quicker to look for.
    ends = tag_endings(named) if len(named) > _ENDINGS else named
    quote = [] if unquoted else [QUOTE]
    if any(len(end) < _LONGEST_ENDING for end in ends):
        return may_hold_tag(prefix, named, REPEATED, *quote)
    return prefix.str.contains("|".join([*ends, REPEATED, *quote]))


def tag_endings(tags: Collection[str]) -> list[str]:
    """A few texts of which each tag ends in one."""
    ends: set[str] = set()
    for size in range(_LONGEST_ENDING, -1, -1):
        ends = {tag[-size:] for tag in tags} if size else {""}
        if len(ends) <= _ENDINGS:
            break
    return sorted(ends) if tags else []


def may_hold_blanks(texts: pl.Series) -> pl.Series:
    """Whether blanks stand at the end of some segment of a line, behind the tag or before."""
    # The engine is slow to look for the end of a text by a pattern.
    at_end = texts.str.ends_with(" ") | texts.str.ends_with("\t")
    return at_end | texts.str.contains(r"[ \t]\|")


def ends_blank(segment: pl.Expr) -> pl.Expr:
    """Whether blanks stand at the end of a text, which belong to no value."""
    return segment.str.ends_with(" ") | segment.str.ends_with("\t")


def _words(tags: Collection[str]) -> list[str]:
    """Patterns of the named tags, or of all words that are as long."""
    named = sorted(tag for tag in tags if not is_level(tag))
    if len(named) <= _FEW:
        return named
    return [f"[A-Z][A-Z0-9_]{{{min(map(len, named)) - 1},}}"]
