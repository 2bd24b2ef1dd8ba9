"""What no layout may decide: tests that leave a line to the search, cheap since all are asked."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from .damage import BEHIND, REPEATED
from .grammar import is_level
from .quotes import QUOTE

_FEW = 64
"""So many words are one pattern; beyond, it might not fit into the engine's."""

_ENDINGS = 4
_LONGEST_ENDING = 4


def holds(text: pl.Expr, tags: Collection[str], *others: str) -> pl.Expr:
    """Whether a named tag, or something else (patterns), stands in a text: also within a word."""
    named = sorted(tag for tag in tags if not is_level(tag))
    if len(named) <= _FEW:
        patterns = [*named, *others]
        return text.str.contains("|".join(patterns)) if patterns else pl.lit(value=False)
    return text.str.contains_any(named) | holds(text, (), *others)


def may_be_damaged(text: pl.Expr, tags: Collection[str]) -> pl.Expr:
    """Whether a named tag may stand damaged in a text: some that do not are among them."""
    named = sorted(tag for tag in tags if not is_level(tag))
    if len(named) > _FEW:
        return text.str.contains_any(named)
    return text.str.contains(f"(?:{'|'.join(named)}){BEHIND}") if named else pl.lit(value=False)


def odd_prefix(prefix: pl.Expr, tags: Collection[str], *, unquoted: bool) -> pl.Expr:
    """Whether what stands before the tag may be damage, or an envelope that is to be cut."""
    return holds(prefix, tags, REPEATED, *([] if unquoted else [QUOTE]))


def tag_endings(tags: Collection[str]) -> list[str]:
    """A few texts of which each tag ends in one."""
    ends: set[str] = set()
    for size in range(_LONGEST_ENDING, -1, -1):
        ends = {tag[len(tag) - size :] for tag in tags} if size else {""}
        if len(ends) <= _ENDINGS:
            break
    return sorted(ends) if tags else []


def ends_blank(segment: pl.Expr) -> pl.Expr:
    """Whether blanks stand at the end of a text, which belong to no value."""
    return segment.str.ends_with(" ") | segment.str.ends_with("\t")


def may_hold_blanks(texts: pl.Series) -> pl.Series:
    """Whether blanks stand at the end of some segment, one behind the tag or another."""
    return (
        texts.str.contains(" |", literal=True)
        | texts.str.contains("\t|", literal=True)
        | texts.str.ends_with(" ")
        | texts.str.ends_with("\t")
    )
