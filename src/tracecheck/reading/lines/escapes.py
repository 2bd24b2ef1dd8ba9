"""Terminal escape sequences (CSI and OSC), which are removed before parsing."""

from __future__ import annotations

import re

import polars as pl

ESCAPE = "\x1b"
# 7-bit forms only. An OSC that is never terminated stays as it is: removing it would swallow
# the rest of the line.
PATTERN = (
    r"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
)
_PATTERN = re.compile(PATTERN)


def without_escapes(text: str) -> str:
    """The text as a terminal would print it, colours and titles gone."""
    return _PATTERN.sub("", text) if ESCAPE in text else text


def texts_without_escapes(texts: pl.Series) -> pl.Series:
    """The same for a String series."""
    return texts.str.replace_all(PATTERN, "")
