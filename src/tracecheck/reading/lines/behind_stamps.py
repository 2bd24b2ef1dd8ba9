"""What stands behind a stamp: half of a day, an offset, UTC, or a zone that is not understood.

Only what is certain is read. All else that looks like a zone makes a stamp no time: one that is
passed over would shift it by hours, and nobody would know.
"""

from __future__ import annotations

import polars as pl

from .zone_words import AREAS, LONG_NAMES, WORDS, WORDS_IN_CAPITALS

# The engine has no look-around: what may not follow is taken along.
_BLANK = "[ \t\u00a0\u202f]"
_BLANKS = f"{_BLANK}{{0,3}}"
_GAP = rf"{_BLANKS}(?:[(\[{{<]{_BLANK}?)?"
_END = r"(?-u:\b)"
_SIGN = r"[+\-\u2212\u00b1]"
_UTC = "(?i-u:UTC|GMT)"

_HALF = rf"[AP]M{_END}|[ap]m{_END}|[AP]\.{_BLANK}?M\.|[ap]\.{_BLANK}?m\."
_SPELLED_HALF = rf"{_BLANKS}(?:[AaPp](?:\.{_BLANK}?)?[Mm]{_END}|午前|午後|上午|下午|오전|오후)"
_OFFSET = (
    "(?P<sign>[+-])(?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?"
    r"(?:$|[^A-Za-z0-9_.:/+\-\u2212\u00b1]|[.:/+\-\u2212\u00b1](?:[^0-9]|$))"
)
_WORD_ENDS = r"(?:$|[^A-Za-z0-9_=@.'-]|[.'](?:[^A-Za-z0-9_]|$)|-(?:[^A-Za-z]|$))"
_CAPITALS = r"(?:[A-Z][a-z]{0,14}\.?|[A-Z]{2,3})"

_OTHER = (
    rf"{_GAP}[Zz]?{_SIGN}[0-9]",
    rf"{_GAP}{_UTC}(?:[0-9/]|{_GAP}{_SIGN}[0-9])",
    rf"{_GAP}(?:{'|'.join(AREAS)})/[A-Z]",
    rf"{_GAP}(?:{_CAPITALS} ){{0,3}}(?:{'|'.join(LONG_NAMES)}) Time{_END}",
    _SPELLED_HALF,
    rf"{_GAP}{_UTC}{_SPELLED_HALF}",
)
_NO_UTC = (
    rf"(?P<late>{_BLANKS}{_UTC}?[+-][0-9:]{{2,6}}{_SPELLED_HALF})|{_BLANKS}{_UTC}?{_OFFSET}"
    rf"|(?P<other>{'|'.join(_OTHER)})"
)
_IN_UTC = rf"(?P<utc>Z|{_GAP}(?:[Zz]|{_UTC}){_END})"
_WORD = rf"{_GAP}(?P<word>[A-Za-z]{{2,5}}|[A-Za-z]{{3}}[0-9][A-Za-z]{{3}}){_WORD_ENDS}"
_PATTERN = rf"^(?:{_BLANKS}(?P<half>{_HALF}))?(?:{_NO_UTC}|{_IN_UTC}|{_WORD})?"

# The beginnings of all that is not plain, up to where it is.
_GOES_ON = (
    rf"^{_GAP}(?:[A-Za-z]{{0,5}}|[A-Za-z]{{3}}[0-9][A-Za-z]{{0,3}}|[Zz]?[+-]|[AaPp]\.{_BLANK}?"
    rf"|(?:{_CAPITALS} ){{0,3}}{_CAPITALS}?|[A-Z][A-Za-z]+/"
    rf"|{_UTC}{_GAP}(?:[+-]|[AaPp](?:\.{_BLANK}?)?[Mm]?)?)$"
)
_MAY_SAY_MORE = rf"^[.,:]?[0-9]|[^\x00-\x7f]|{_GOES_ON}"
_ZONE = rf"{_GAP}(?:(?i-u:{'|'.join(WORDS)})|{'|'.join(WORDS_IN_CAPITALS)}){_WORD_ENDS}"
_NOT_PLAIN = rf"{_MAY_SAY_MORE}|^{_BLANKS}(?:{_HALF})|^(?:{_NO_UTC}|{_ZONE})"
_NOT_NAIVE = rf"{_NOT_PLAIN}|^{_IN_UTC}"


def behind(text: pl.Expr) -> pl.Expr:
    """What a text that stands behind a stamp says of it, as String columns, null where nothing.

    `half` of the day; an offset as `sign`, `hours`, `minutes`; `utc`; a `word`; or what is not
    understood: `late`, half of a day behind an offset, and `other`.
    """
    return text.str.extract_groups(_PATTERN).struct.unnest()


def is_not_understood() -> pl.Expr:
    """Whether that is a zone, or half of a day, of which nobody knows what time it makes."""
    word = pl.col("word")
    is_zone = word.is_in(WORDS_IN_CAPITALS) | word.str.to_uppercase().is_in(WORDS)
    return pl.col("late").is_not_null() | pl.col("other").is_not_null() | is_zone


def are_plain(texts: pl.Series, *, or_utc: bool) -> pl.Series:
    """Whether texts that begin so say nothing, however they go on; or no more than that it is UTC.

    Few characters may leave it open: then they are not plain. So do digits, which may be of a
    fraction, and all that is not ASCII.
    """
    return ~texts.str.contains(_NOT_PLAIN if or_utc else _NOT_NAIVE)
