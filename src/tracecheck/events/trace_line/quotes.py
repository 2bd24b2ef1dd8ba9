"""Text in quotes: a trace line that stands in it ends before the matching quote.

logfmt's `msg="TAG|a=1" seq=2`, a cell of CSV, what Python prints of a mapping: what follows the
quote belongs to the envelope, and no value may hold it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...reading.lines.line_ends import without_written_ends
from .grammar import character_class

QUOTES = ('"', "'")
QUOTE = "[\"']"
"""A quote, as a pattern of either regex engine."""

_QUOTE = re.compile(QUOTE)
_NAME = f"{character_class('NAME')}="
_ODD = r"""(?:[ \t"'\\]|\\[tnr])*"""
_CLOSED = r"""(?:[ \t"'\\}\]]|\\[tnr])*"""
_GOES_ON = rf"""(?:{_CLOSED},[ \t{{\[]*(?:\\*["']|$)|{_ODD}[}}\]]{_CLOSED}$)"""
_NEXT_NAME = r"""[ \t]*,[ \t]*\\*["'][^"']*["'][ \t]*:"""


def _unopened(quote: str, goes_on: str) -> str:
    """A pattern of the first of these quotes, if it opens nothing; blanks leave that in doubt."""
    return rf"[^{quote}]*[^{quote}=:,(\[{{ \t\\]\\*{quote}(?:{goes_on})"


_FIRST_QUOTES = (
    _unopened('"', rf"{_GOES_ON}|[ \t]+{_NAME}"),
    _unopened("'", _GOES_ON),
    rf'[^"]*[ \t]\\*"{_NEXT_NAME}',
)
ENVELOPE_GOES_ON = f"^(?:{'|'.join(_FIRST_QUOTES)})"
"""A text whose first quote opens nothing, and is followed by what follows a value of JSON, logfmt
or a Python repr; as a pattern of the engine. The beginning of such an envelope is lost."""

_ENVELOPE_GOES_ON = re.compile(ENVELOPE_GOES_ON.removeprefix("^").replace("$", r"\Z"))
_BLANKS = " \t"
_OPENS_BEHIND = frozenset("=:,([{")


@dataclass(frozen=True, slots=True)
class _Quote:
    """A quote: where it stands, which it is, and the backslashes directly before it.

    Text that was quoted n times has 2^n - 1 of these before each quote that delimits.
    """

    at: int
    character: str
    backslashes: int

    def is_closed_by(self, other: _Quote) -> bool:
        """Whether another quote, behind this one, ends its text."""
        if other.character != self.character:
            return False
        own = self.backslashes
        return other.backslashes < own or other.backslashes % (2 * own + 2) == own


def cut(text: str, tag_at: int) -> str | None:
    """The text up to the end of the quotes in which the tag at `tag_at` stands, unescaped.

    All of the text if the tag stands in none; None if the quotes are never closed.
    """
    opening = _around(text, tag_at)
    if opening is None:
        return text
    first = text.find(opening.character, tag_at)
    is_escaped = text[first - 1] == "\\" or text[first + 1 : first + 2] == opening.character
    if first >= 0 and not opening.backslashes and not is_escaped:
        return without_written_ends(
            text[:first]
        )  # as in nearly every line, which need not be looked at closely
    escape = 2 * opening.backslashes + 1
    pieces = [text[:tag_at]]
    copied = tag_at
    quotes = _quotes(text, tag_at, len(text))
    for quote in quotes:
        if _is_doubled(text, opening, quote):
            pieces += [text[copied : quote.at + 1]]
            copied = next(quotes).at + 1
        elif opening.is_closed_by(quote):
            end = quote.at - min(quote.backslashes, opening.backslashes)
            return without_written_ends("".join([*pieces, text[copied:end]]))
        elif quote.character == opening.character and quote.backslashes >= escape:
            pieces += [text[copied : quote.at - escape], quote.character]
            copied = quote.at + 1
    return None


def goes_on_as_envelope(text: str, tag_at: int) -> bool:
    """Whether the rest of an envelope stands behind a tag at `tag_at`, which is in no quotes."""
    return _around(text, tag_at) is None and _ENVELOPE_GOES_ON.match(text, tag_at) is not None


def _around(text: str, tag_at: int) -> _Quote | None:
    """The opening quote of the text in which a tag stands; None if it stands in no quotes."""
    if tag_at and _QUOTE.fullmatch(text[tag_at - 1]):
        return _quote(text, tag_at - 1)
    opening: _Quote | None = None
    quotes = _quotes(text, 0, tag_at)
    for quote in quotes:
        if opening is None:
            opening = quote if _opens(text, quote) else None
        elif _is_doubled(text, opening, quote):
            next(quotes, None)
        elif opening.is_closed_by(quote):
            opening = None
    return opening


def _quotes(text: str, start: int, end: int) -> Iterator[_Quote]:
    """The quotes between two places."""
    return (_quote(text, found.start()) for found in _QUOTE.finditer(text, start, end))


def _quote(text: str, at: int) -> _Quote:
    first = at
    while first > 0 and text[first - 1] == "\\":
        first -= 1
    return _Quote(at, text[at], at - first)


def _is_doubled(text: str, opening: _Quote, quote: _Quote) -> bool:
    """Whether a quote is the first of two that stand for one, as CSV writes it."""
    return (
        not opening.backslashes
        and opening.is_closed_by(quote)
        and text[quote.at + 1 : quote.at + 2] == quote.character
    )


def _opens(text: str, quote: _Quote) -> bool:
    """Whether quoted text begins here, rather than an inch mark or an apostrophe."""
    end = at = quote.at - quote.backslashes
    while at > 0 and text[at - 1] in _BLANKS:
        at -= 1
    return at == 0 or text[at - 1] in _OPENS_BEHIND or (quote.character == '"' and at < end)
