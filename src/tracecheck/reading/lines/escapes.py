"""Terminal escape sequences (ECMA-48), which are removed before parsing.

Also their 8-bit forms, and colours that something on the way has written as text.
"""

from __future__ import annotations

import re

import polars as pl

_ESC = "\x1b"
_AS_TEXT = ("#033", r"\x1b", r"\x1B", r"\033", r"\u001b", r"\u001B", "^[")
"""How ESC is written as text: by rsyslog, in source code, in JSON, in caret notation."""

# A sequence without its final byte goes as far as it goes: a parameter before a tag would hide it.
_CONTROL = r"[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]?"
# OSC, DCS, SOS, PM and APC hold text, up to BEL or ST. Of one that never ends only the introducer
# goes, as one of the others: what is behind it is read.
_STRING = r"[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
_SEVEN_BIT = rf"\x1b(?:\[{_CONTROL}|[\]PX^_]{_STRING}|[\x20-\x2f]*[\x30-\x7e])"
_EIGHT_BIT = rf"\x9b{_CONTROL}|[\x90\x98\x9d-\x9f]{_STRING}|[\x80-\x9f]"
_START = "|".join(map(re.escape, _AS_TEXT))
# `tput sgr0` sets a charset before it, grep erases behind it.
_COLOUR = rf"(?:(?:{_START})\(B)?(?:{_START})\[[0-9;:]*[mK]"
_ESCAPED = r"(\\\\+)"
"""Backslashes that are escaped, and stay: in raw JSON nothing is written as text behind them."""

_PATTERN = rf"{_ESCAPED}|{_SEVEN_BIT}|{_EIGHT_BIT}|{_COLOUR}"
_COMPILED = re.compile(_PATTERN)
_MARKS = [start + "[" for start in _AS_TEXT]
_MARK_STARTS = sorted({start[0] for start in _AS_TEXT})
_C1 = re.compile(rb"\xc2[\x80-\x9f]")


def may_hold_escape(data: bytes, texts: pl.Series) -> bool:
    """Whether a sequence may be in `texts`, whose bytes are `data` (valid UTF-8).

    Every block of every log is asked: it looks for single bytes, which is quick, before all else.
    """
    if b"\x1b" in data:
        return True
    if any(start.encode() in data for start in _MARK_STARTS) and _has_mark(texts).any():
        return True
    return b"\xc2" in data and _C1.search(data) is not None


def without_escapes(text: str) -> str:
    """The text as a terminal would print it, colours and titles gone."""
    may_be_colour = "[" in text and any(start in text for start in _MARK_STARTS)
    if may_be_colour or _ESC in text or not text.isascii():
        return _COMPILED.sub(r"\1", text)
    return text


def texts_without_escapes(texts: pl.Series) -> pl.Series:
    """The same for a String series. All forms at once are slow to look for, and most are rare."""
    plain = texts.str.replace_all(_SEVEN_BIT, "")
    rare = _has_mark(texts) | (texts.str.len_bytes() != texts.str.len_chars())
    if not rare.any():
        return plain
    return plain.scatter(rare.arg_true(), texts.filter(rare).str.replace_all(_PATTERN, "${1}"))


def _has_mark(texts: pl.Series) -> pl.Series:
    return texts.str.contains_any(_MARKS)
