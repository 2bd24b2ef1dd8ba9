"""What no layout may decide: tests that leave a line to the search, cheap since all are asked.

They are patterns of the engine, and may take a sound line for an odd one, but never the reverse.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TypeVar

import polars as pl

from .damage import BEHIND, ESCAPE, REPEATED
from .grammar import is_level
from .lost_envelopes import ENVELOPE_GOES_ON
from .unfinished import MAY_BE_UNFINISHED

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

_MAY_ENCLOSE = r"""["'`<(\[{&]"""
"""All of ASCII that may enclose a tag: the engine is slow to look for other characters."""

Text = TypeVar("Text", pl.Series, pl.Expr)


def find_oddities(
    texts: pl.Series, tags: Collection[str], *, unquoted: bool = False, may_end_blank: bool = True
) -> pl.DataFrame:
    """What each text may hold that a layout cannot judge.

    How many tags are `named` (level words before a pipe; what says that a line stands for several,
    or is not whole, counts, too); whether a `blank` stands before a pipe, or at the end if it may;
    and, unless the texts are free of quotes, whether some `quote` or bracket stands anywhere, or
    the end of an `envelope` behind a tag.
    """
    named = [tag for tag in tags if not is_level(tag)]
    others = [*(rf"{tag}[ \t]*\|" for tag in tags if is_level(tag)), REPEATED, MAY_BE_UNFINISHED]
    asked = texts.alias("text").to_frame().select(*_questions(named, others, unquoted=unquoted))
    counts, quote, envelope = asked.get_columns()
    blank = pl.repeat(value=False, n=len(texts), eager=True)
    if may_end_blank:
        blank = ends_blank(texts)
        envelope = may_end_in_element(texts) if not unquoted else envelope
    several = (counts > 1).arg_true()
    if len(several):
        # Of these few is asked more exactly, as a tag may be a part of other words.
        some = texts.gather(several)
        words = _words(named)
        if 0 < sum(map(len, named)) <= _SHORT:
            words = [rf"(?:(?-u:\b)|{ESCAPE})(?:{'|'.join(named)})(?:(?-u:\b)|[a-z])"]
        counts = counts.scatter(several, some.str.count_matches("|".join([*words, *others])))
        blank = blank.scatter(several, blank.gather(several) | some.str.contains(_BLANK))
    if quote.any():
        quoted = quote.arg_true()
        goes_on = texts.gather(quoted).str.contains(ENVELOPE_GOES_ON)
        envelope = envelope.scatter(quoted, envelope.gather(quoted) | goes_on)
    found = {"named": counts, "blank": blank, "quote": quote, "envelope": envelope}
    return pl.DataFrame([column.alias(name) for name, column in found.items()])


def _questions(
    named: Sequence[str], others: Sequence[str], *, unquoted: bool
) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """How many tags are named, whether a quote stands anywhere, and whether an element may end."""
    text = pl.col("text")
    count = text.str.count_matches("|".join([*_words(named), *others, _BLANK]))
    if unquoted:
        nowhere = pl.repeat(value=False, n=pl.len())
        return count.alias("count"), nowhere.alias("quote"), nowhere.alias("element")
    quote = text.str.contains(_MAY_ENCLOSE) | (text.str.len_chars() < text.str.len_bytes())
    return count.alias("count"), quote.alias("quote"), text.str.ends_with(">").alias("element")


def may_end_in_element(texts: pl.Series) -> pl.Series:
    """Which lines may end in the end tag of an element that no start tag before their tag opens."""
    found = texts.str.ends_with(">")
    blank = ends_blank(texts)
    return found | (blank & texts.str.contains("</", literal=True)) if blank.any() else found


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
