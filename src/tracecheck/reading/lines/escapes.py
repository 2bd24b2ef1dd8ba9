"""Terminal escape sequences (ECMA-48), which are removed before parsing.

Also their 8-bit forms, and colours that something on the way has written as text.
"""

from __future__ import annotations

import re

import polars as pl

_AS_TEXT = ("#033", r"\x1b", r"\x1B", r"\033", r"\u001b", r"\u001B", "^[")
"""How ESC is written as text: by rsyslog, in source code, in JSON, in caret notation."""

_CONTROL = r"[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
# OSC, DCS, SOS, PM and APC hold text, up to BEL or ST. Of one that never ends only the introducer
# goes, as one of the others: what is behind it is read.
_STRING = r"[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
_OTHER = r"[\x20-\x2f]+[\x30-\x7e]|[\x30-\x5a\x5c-\x7e]"
_SEVEN_BIT = rf"\x1b(?:\[{_CONTROL}|[\]PX^_]{_STRING}|{_OTHER})"
_EIGHT_BIT = rf"\x9b{_CONTROL}|[\x90\x98\x9d-\x9f]{_STRING}|[\x80-\x9a\x9c-\x9f]"
_START = "|".join(map(re.escape, _AS_TEXT))
# `tput sgr0` sets a charset before it, grep erases behind it.
_COLOUR = rf"(?:(?:{_START})\(B)?(?:{_START})\[[0-9;:]*[mK]"
_SEQUENCE = f"{_SEVEN_BIT}|{_EIGHT_BIT}|{_COLOUR}"
# In raw JSON two backslashes are one of the text, which begins nothing there: they are kept.
_SEQUENCE_IN_JSON = rf"(\\\\)|{_SEQUENCE}"
_MAY_BE_JSON = r'(?s)\{.*\}[^"]*$'
_MARKS = [start + "[" for start in _AS_TEXT]
_MARK_STARTS = sorted({start[0] for start in _AS_TEXT})
_C1_START = b"\xc2"
_C1 = re.compile(_C1_START + rb"[\x80-\x9f]")


def may_hold_escape(data: bytes, texts: pl.Series) -> bool:
    """Whether a sequence may be in `texts`, whose bytes are `data` (valid UTF-8).

    Every block of every log is asked: it looks for single bytes, which is quick, before all else.
    """
    if b"\x1b" in data:
        return True
    has_start = any(start.encode() in data for start in _MARK_STARTS)
    if has_start and texts.str.contains_any(_MARKS).any():
        return True
    return _C1_START in data and _C1.search(data) is not None


def texts_without_escapes(texts: pl.Series) -> pl.Series:
    """Texts (String) as a terminal would print them, colours and titles gone.

    All forms at once are slow to look for, and most are rare.
    """
    if not len(texts):
        return texts
    rare = texts.str.contains_any(_MARKS) | texts.cast(pl.Binary).bin.contains(_C1_START)
    if not rare.any():
        return texts.str.replace_all(_SEVEN_BIT, "")
    json = rare & texts.str.contains(_MAY_BE_JSON)
    other = rare & ~json
    return (
        texts.str.replace_all(_SEVEN_BIT, "")
        .scatter(other.arg_true(), texts.filter(other).str.replace_all(_SEQUENCE, ""))
        .scatter(json.arg_true(), texts.filter(json).str.replace_all(_SEQUENCE_IN_JSON, "${1}"))
    )
