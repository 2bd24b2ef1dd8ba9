"""Trace lines in envelopes that have lost their beginning, of which the rest stands behind them."""

from __future__ import annotations

import re

from .grammar import character_class
from .quotes import is_in_quotes

_NAME = f"{character_class('NAME')}="
_ODD = r"""(?:[ \t"'\\]|\\[tnr])*"""
_CLOSED = r"""(?:[ \t"'\\}\]]|\\[tnr])*"""
_GOES_ON = rf"""(?:{_CLOSED},[ \t{{\[]*(?:\\*["']|$)|{_ODD}[}}\]]{_CLOSED}$)"""
_NEXT_NAME = r"""[ \t]*,[ \t]*\\*["'][^"']*["'][ \t]*:"""


def _unopened(quote: str, goes_on: str) -> str:
    """A pattern of the first of these quotes, if it opens nothing; blanks leave that in doubt."""
    return rf"[^{quote}]*[^{quote}=:,;>(\[{{ \t\\]\\*{quote}(?:{goes_on})"


_FIRST_QUOTES = (
    _unopened('"', rf"{_GOES_ON}|[ \t]+{_NAME}"),
    _unopened("'", _GOES_ON),
    rf'[^"]*[ \t]\\*"{_NEXT_NAME}',
)
ENVELOPE_GOES_ON = f"^(?:{'|'.join(_FIRST_QUOTES)})"
"""A text whose first quote opens nothing, and is followed by what follows a value of JSON, logfmt
or a Python repr; as a pattern of the engine. The beginning of such an envelope is lost."""

_ENVELOPE_GOES_ON = re.compile(ENVELOPE_GOES_ON.removeprefix("^").replace("$", r"\Z"))


def goes_on_as_envelope(text: str, tag_at: int) -> bool:
    """Whether the rest of an envelope stands behind a tag at `tag_at`, which is in no quotes."""
    return not is_in_quotes(text, tag_at) and _ENVELOPE_GOES_ON.match(text, tag_at) is not None
