"""What no layout may decide: tests that leave a line to the search, cheap since all are asked.

They are patterns of the engine, and may take a sound line for an odd one, but never the reverse.
"""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from .damage import BEHIND, ESCAPE, REPEATED
from .grammar import is_level
from .quotes import ENVELOPE_GOES_ON, QUOTE

_ENDINGS = 4
_LONGEST_ENDING, _SHORTEST_ENDING = 6, 2
"""The ends of tags are fewer than the tags, and quicker to look for."""

_FEW = 64
_LONGEST = 16
"""So many tags, and of each so many characters, are one pattern; more might not fit into the
engine's."""

_SHORT = 1 << 12
"""Characters of all tags that fit into one pattern as a whole."""

_BLANK = r"[ \t]\|"
"""A blank at the end of a segment, which belongs to no value."""


def find_oddities(
    texts: pl.Series, tags: Collection[str], *, unquoted: bool = False
) -> pl.DataFrame:
    """What each text may hold that a layout cannot judge.

    How many tags are `named` (level words before a pipe; what says that a line stands for several
    counts, too), whether a `blank` stands before a pipe, and, unless the texts were in quotes
    themselves, a `quote` somewhere, or the rest of an `envelope` behind a tag.
    """
    named = [tag for tag in tags if not is_level(tag)]
    others = [*(rf"{tag}[ \t]*\|" for tag in tags if is_level(tag)), REPEATED]
    counts = texts.str.count_matches("|".join([*_words(named), *others, _BLANK])).alias("named")
    nowhere = pl.repeat(value=False, n=len(texts), eager=True)
    found = {name: nowhere.alias(name) for name in ("blank", "quote", "envelope")}
    several = (counts > 1).arg_true()
    if len(several):
        # Of these few is asked more exactly, as a tag may be a part of other words.
        asked = texts.gather(several)
        words = _words(named)
        if 0 < sum(map(len, named)) <= _SHORT:
            words = [rf"(?:(?-u:\b)|{ESCAPE})(?:{'|'.join(named)})(?:(?-u:\b)|[a-z])"]
        exact = asked.str.count_matches("|".join([*words, *others]))
        counts = counts.scatter(several, exact)
        found["blank"] = found["blank"].scatter(several, asked.str.contains(_BLANK))
    if not unquoted:
        found["quote"] = texts.str.contains(QUOTE).alias("quote")
        quoted = found["quote"].arg_true()
        if len(quoted):
            goes_on = texts.gather(quoted).str.contains(ENVELOPE_GOES_ON)
            found["envelope"] = found["envelope"].scatter(quoted, goes_on)
    return pl.DataFrame([counts, *found.values()])


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


def ends_blank(text: pl.Expr) -> pl.Expr:
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
