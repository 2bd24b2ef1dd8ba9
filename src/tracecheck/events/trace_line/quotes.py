"""Text in quotes: a trace line that stands in it ends before the matching quote.

logfmt's `msg="TAG|a=1" seq=2`, a cell of CSV, what Python prints of a mapping: what follows the
quote belongs to the envelope, and no value may hold it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from ...reading.lines.line_ends import without_written_ends
from . import enclosures, monolog
from .enclosures import has_field_behind, is_apostrophe, is_word
from .unfinished import MAY_BE_UNFINISHED

QUOTES = ('"', "'")
ANY_QUOTE = "[\"']"
QUOTE = rf"(?:{ANY_QUOTE}|{enclosures.MAY_ENCLOSE}|{MAY_BE_UNFINISHED}|{monolog.PREFIX})"
"""What is found before each tag that stands in quotes, or is enclosed in another way, or in a line
that is not whole, or of Monolog; as a pattern of either regex engine."""

_QUOTE = re.compile(ANY_QUOTE)
_BLANKS = " \t"
_OPENS_BEHIND = frozenset("=:,([{;>")
_STRING_PREFIX = re.compile(r"(?<![A-Za-z0-9_])(?:[bBuUrRfF]|[bBfF][rR]|[rR][bBfF])\Z")
_LONGEST_STRING_PREFIX = 2
_MOST_BACKSLASHES = 7
"""Of text that was quoted four times."""
_DOUBLED = {quote: re.compile(rf"(?<!\\)(\\*){quote}{quote}") for quote in QUOTES}
_WRITTEN_IN_SHELL = r"'\''"


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

    It also ends where brackets, other quotes or elements do. All of the text if the tag stands in
    none; None if the quotes are never closed, or it is not clear where.
    """
    text = monolog.without_context(text, tag_at)
    inside = _unquoted(text, tag_at)
    enclosed = None if inside is None else enclosures.cut(inside, tag_at)
    return enclosed if enclosed is None or enclosed == inside else without_written_ends(enclosed)


def is_in_quotes(text: str, tag_at: int) -> bool:
    """Whether the tag at `tag_at` stands in quotes."""
    return bool(_around(text, tag_at)[2])


def _unquoted(whole: str, tag_at: int) -> str | None:
    end = _plain_end(whole, tag_at)
    if end is not None:
        return without_written_ends(whole[:end])
    prefix, rest, around, doubling = _around(whole, tag_at)
    if not around:
        return whole
    text = prefix + rest
    quotes = (
        one for one in _quotes(text, len(prefix), len(text)) if not is_apostrophe(text, one.at)
    )
    opening, closing = None, None
    for closing in quotes:
        opening = next((one for one in reversed(around) if one.is_closed_by(closing)), None)
        if opening:
            break
    if opening is None or closing is None:
        return None
    is_outermost = opening is around[0]
    if not is_outermost and not any(map(around[0].is_closed_by, (closing, *quotes))):
        return None
    behind = closing.at + 1
    if not opening.backslashes and has_field_behind(text, behind):
        is_clear = not is_word(text, behind) and not _is_odd(text, opening.character, behind)
        if not is_clear:
            return None
    if opening == doubling:
        inside = _undoubled(whole, tag_at, opening)
    else:
        inside = text[len(prefix) : closing.at - min(closing.backslashes, opening.backslashes)]
        inside = _unescaped(inside, opening)
    inside = without_written_ends(inside)
    if enclosures.is_attribute(text, opening.at):
        inside = enclosures.unescaped(inside)
    return whole[:tag_at] + inside


def _plain_end(text: str, tag_at: int) -> int | None:
    """The end of the quotes around a tag, in lines that need no closer look: nearly all."""
    at = _plain_opening(text, tag_at)
    if at is None or (text[at - 1 : at] == "=" and "<" in text[:at]):
        return None
    quote = text[at]
    end = text.find(quote, tag_at)
    is_plain = end >= 0 and text[end - 1] != "\\" and "|" not in text[end:]
    is_clear = not is_word(text, end + 1) and text[end + 1 : end + 2] != quote
    is_shell = text.startswith(_WRITTEN_IN_SHELL, end)
    return end if is_plain and is_clear and not is_shell else None


def _plain_opening(text: str, tag_at: int) -> int | None:
    """Where the quote stands that opens: directly before the tag, or the only one before it."""
    if text[tag_at - 1 : tag_at] in QUOTES:
        return None if text[tag_at - 2 : tag_at - 1] in {text[tag_at - 1], "\\"} else tag_at - 1
    found = [at for quote in QUOTES if (at := text.find(quote, 0, tag_at)) >= 0]
    if len(found) != 1:
        return None
    [at] = found
    is_only = text.find(text[at], at + 1, tag_at) < 0
    return at if is_only and (not at or text[at - 1] in _OPENS_BEHIND) else None


def _undoubled(text: str, tag_at: int, opening: _Quote) -> str:
    """What stands from a tag up to the matching quote, where quotes are doubled, each as one."""
    pieces = []
    copied = tag_at
    quotes = _quotes(text, tag_at, len(text))
    for quote in (one for one in quotes if one.character == opening.character):
        if text[quote.at + 1 : quote.at + 2] == quote.character:
            pieces += [text[copied : quote.at + 1]]
            copied = next(quotes).at + 1
        elif opening.is_closed_by(quote) and not is_apostrophe(text, quote.at):
            return "".join([*pieces, text[copied : quote.at]])
        elif quote.backslashes:
            pieces += [text[copied : quote.at - 1], quote.character]
            copied = quote.at + 1
    return "".join([*pieces, text[copied:]])


def _unescaped(inside: str, opening: _Quote) -> str:
    """Up to the matching quote, 2n + 1 backslashes and a quote are a quote."""
    if opening.character not in inside:
        return inside
    escape = 2 * opening.backslashes + 1
    pieces = []
    copied = 0
    for quote in _quotes(inside, 0, len(inside)):
        if quote.character == opening.character and quote.backslashes >= escape:
            pieces += [inside[copied : quote.at - escape], quote.character]
            copied = quote.at + 1
    return "".join([*pieces, inside[copied:]])


def _around(text: str, tag_at: int) -> tuple[str, str, Sequence[_Quote], _Quote | None]:
    """The quotes that are open where a tag stands, the outermost first.

    Before them the text before the tag, and the rest, with backslashes before quotes in quotes;
    behind them the quote in which quotes are doubled. One directly before the tag counts alone.
    """
    direct = _quote(text, tag_at - 1) if tag_at and text[tag_at - 1] in QUOTES else None
    outer = direct
    if direct is None:
        outer = _outermost(text, tag_at)
    elif text[tag_at - 2 : tag_at - 1] == direct.character:
        found = _outermost(text, direct.at)
        outer = found if found and found.character == direct.character else direct
    prefix, rest = text[:tag_at], text[tag_at:]
    if outer is None:
        return prefix, rest, [], None
    doubles = False
    if not outer.backslashes:
        start, doubles = outer.at + 1, _doubles_quotes(text, outer)
        prefix = text[:start] + _with_backslashes(text[start:tag_at], outer, doubles=doubles)
        rest = _with_backslashes(rest, outer, doubles=doubles)
    doubling = outer if doubles else None
    if direct:
        return prefix, rest, [_quote(prefix, len(prefix) - 1)], doubling
    around = [outer]
    odd = cache(lambda character: _is_odd(rest, character, 0))
    for quote in _quotes(prefix, outer.at + 1, len(prefix)):
        closed = next((at for at, one in enumerate(around) if one.is_closed_by(quote)), None)
        if closed is not None and not is_apostrophe(prefix, quote.at):
            del around[closed:]
        elif _opens(prefix, quote, odd):
            around.append(quote)
    return prefix, rest, around, doubling


def _outermost(text: str, end: int) -> _Quote | None:
    """The quote before `end` that opens the outermost text in quotes which is not closed there."""
    opening: _Quote | None = None
    doubles = False
    odd = cache(lambda character: _is_odd(text, character, end))
    quotes = _quotes(text, 0, end)
    for quote in quotes:
        if opening is None:
            opening = quote if _opens(text, quote, odd) else None
            doubles = opening is not None and _doubles_quotes(text, opening)
        elif (
            doubles
            and quote.character == opening.character
            and text[quote.at + 1 : quote.at + 2] == quote.character
        ):
            next(quotes, None)
        elif opening.is_closed_by(quote) and not is_apostrophe(text, quote.at):
            opening = None
    return opening


def _doubles_quotes(text: str, opening: _Quote) -> bool:
    """Whether the first quote in quotes, but for escaped ones, is written as two, as in CSV."""
    if opening.backslashes:
        return False
    for quote in _quotes(text, opening.at + 1, len(text)):
        if quote.character == opening.character and not quote.backslashes % 2:
            return text[quote.at + 1 : quote.at + 2] == quote.character
    return False


def _with_backslashes(text: str, opening: _Quote, *, doubles: bool) -> str:
    r"""A text in quotes with `""` of CSV, and `'\''` of a shell, written as escaped quotes."""
    quote = opening.character
    if doubles:
        return _DOUBLED[quote].sub(lambda found: f"{2 * found[1]}\\{quote}", text)
    return text.replace(_WRITTEN_IN_SHELL, r"\'") if quote in _WRITTEN_IN_SHELL else text


def _quotes(text: str, start: int, end: int) -> Iterator[_Quote]:
    """The quotes between two places."""
    return (_quote(text, found.start()) for found in _QUOTE.finditer(text, start, end))


def _quote(text: str, at: int) -> _Quote:
    first = at
    while first > 0 and text[first - 1] == "\\":
        first -= 1
    return _Quote(at, text[at], at - first)


def _opens(text: str, quote: _Quote, odd: Callable[[str], bool]) -> bool:
    """Whether quoted text begins here, rather than an inch mark or an apostrophe.

    Where that is not sure, it does if the quotes behind the tag are odd in number.
    """
    if quote.backslashes > _MOST_BACKSLASHES:
        return False
    end = at = quote.at - quote.backslashes
    while at > 0 and text[at - 1] in _BLANKS:
        at -= 1
    if at == 0 or text[at - 1] in _OPENS_BEHIND or (quote.character == '"' and at < end):
        return True
    before = text[max(0, end - _LONGEST_STRING_PREFIX - 1) : end]
    may_open = not is_word(text, end - 1) or _STRING_PREFIX.search(before)
    return bool(may_open) and not quote.backslashes and odd(quote.character)


def _is_odd(text: str, character: str, start: int) -> bool:
    """Whether the quotes from a place on, but for escaped ones, are odd in number."""
    quotes = _quotes(text, start, len(text))
    own = [one for one in quotes if one.character == character and not one.backslashes]
    return sum(not is_apostrophe(text, one.at) for one in own) % 2 == 1
