"""What encloses a trace line and is no quote of a program: brackets, other quotes, elements.

`<m>TAG|a=1</m>`, `[TAG|a=1]`, `«TAG|a=1»`: what closes it, and what follows, belongs to no value.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from .grammar import character_class

_QUOTES = {"&quot;": '"', "&apos;": "'", "&#34;": '"', "&#39;": "'"}
_ENTITIES = {"&lt;": "<", "&gt;": ">", **_QUOTES, "&amp;": "&"}
MAY_ENCLOSE = "|".join(
    [
        r"[`\u00ab\u00bb\u2018-\u201a\u201c-\u201e\u2039\u203a\u300c\u300e]",
        *_QUOTES,
        "<[!A-Za-z_]|<$",
        *(rf"\{opening}[^\{closing}]*$" for opening, closing in ("()", "[]", "{}")),
    ]
)
"""What is found in each text before an enclosed tag, unless an earlier line opened it; a pattern of
either regex engine."""

_MAY_BE_ENCLOSED = re.compile(MAY_ENCLOSE)
_MARKUP = re.compile(r"<(/?)([A-Za-z_][A-Za-z0-9_:.-]*)[^<>]*?(/?)>|\]\]>")
_START = re.compile(r"<[A-Za-z_][^<>]*")
_CDATA, _CDATA_END = "<![CDATA[", "]]>"
_FIELD = re.compile(rf"\|[ \t]*{character_class('NAME')}=")


@dataclass(frozen=True, slots=True)
class _Pair:
    """What opens, and what closes it."""

    opening: str
    closings: Sequence[str]
    only_directly: bool = False

    def is_open(self, text: str, tag_at: int) -> bool:
        """Whether the tag stands in it: the last of the pair before the tag opens."""
        if text.endswith(self.opening, 0, tag_at):
            return True
        if self.only_directly or self.opening not in text[:tag_at]:
            return False
        closings = "`'" if self.opening == "`" else self.closings  # as in `this'
        is_open = False
        for found in self._marks(text[:tag_at], closings):
            is_open = found[0] == self.opening and not (is_open and found[0] in closings)
        return is_open

    def closed_at(self, text: str, tag_at: int) -> int | None:
        """Where it is closed behind the tag, if it is."""
        depth = 1
        for found in self._marks(text, self.closings, tag_at):
            depth += -1 if found[0] in self.closings else 1
            if not depth:
                return found.start()
        return None

    def _marks(self, text: str, closings: Sequence[str], start: int = 0) -> Iterator[re.Match[str]]:
        marks = re.compile("|".join(map(re.escape, {self.opening, *closings})))
        return (one for one in marks.finditer(text, start) if not is_apostrophe(text, one.start()))


# Double and single quotes of several languages, guillemets, corner brackets.
_PAIRS = (
    *(_Pair(*pair) for pair in ("()", "[]", "{}", "``", "\u201c\u201d", "\u2018\u2019")),
    *(_Pair(*pair) for pair in ("\u00ab\u00bb", "\u2039\u203a", "\u300c\u300d", "\u300e\u300f")),
    _Pair("\u201e", "\u201c\u201d"),
    _Pair("\u201a", "\u2018\u2019"),
    *(_Pair(one, (one,)) for one in _QUOTES),
    # Of those that stand for other things, too: only what stands directly before a tag.
    _Pair("<", ">", only_directly=True),
    _Pair("\u201d", "\u201d", only_directly=True),
    _Pair("\u2019", "\u2019", only_directly=True),
    _Pair("\u00bb", "\u00ab", only_directly=True),
    _Pair("\u203a", "\u2039", only_directly=True),
)


def cut(text: str, tag_at: int) -> str | None:
    """The text up to the end of what encloses the tag at `tag_at`.

    All of it if nothing does, or that is never closed; None if it is not clear where it is.
    """
    text = _cut_at_end_tag(text, tag_at)
    return _cut_at_closing(text, tag_at) if _MAY_BE_ENCLOSED.search(text[:tag_at]) else text


def has_field_behind(text: str, start: int) -> bool:
    """Whether a field follows a pipe from a place on."""
    return _FIELD.search(text, start) is not None


def is_apostrophe(text: str, at: int) -> bool:
    """Whether at a place stands an apostrophe, between two letters or digits."""
    return text[at] in "'\u2019" and is_word(text, at - 1) and is_word(text, at + 1)


def is_word(text: str, at: int) -> bool:
    """Whether at a place stands a letter, a digit or an underscore."""
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def is_attribute(text: str, opening: int) -> bool:
    """Whether the value of an attribute of XML begins at a quote."""
    start_tag = text.rfind("<", 0, opening)
    return text[:opening].endswith("=") and bool(_START.fullmatch(text, start_tag, opening))


def unescaped(text: str) -> str:
    """The text with the entities that XML has by itself, and its quotes by number, replaced."""
    for entity, character in _ENTITIES.items() if "&" in text else ():
        text = text.replace(entity, character)
    return text


def _cut_at_end_tag(text: str, tag_at: int) -> str:
    """The text up to the end of the XML element in which the tag stands.

    Its start tag stands before the tag; or on an earlier line, if nothing but end tags follows.
    """
    if "<" not in text[:tag_at] and not text.rstrip(" \t").endswith(">"):
        return text
    outside = _open_elements(text[:tag_at])
    in_cdata = text.rfind(_CDATA, 0, tag_at) > text.rfind(_CDATA_END, 0, tag_at)
    inside: Counter[str] = Counter()
    found = list(_MARKUP.finditer(text, tag_at))
    ends_at = _end_tags_at(text, found)
    for one in found:
        name = one[2]
        if one[0] == _CDATA_END:
            if in_cdata:
                return text[: one.start()]
        elif not one[1]:
            inside[name] += not one[3]
        elif inside[name] > 0:
            inside[name] -= 1
        elif outside[name] > 0 or one.start() >= ends_at:
            return text[:tag_at] + unescaped(text[tag_at : one.start()])
    return text


def _open_elements(prefix: str) -> Counter[str]:
    """By name, how many elements begin before the tag and do not end there."""
    found: Counter[str] = Counter()
    for one in _MARKUP.finditer(prefix):
        if one[0] != _CDATA_END and not one[3]:
            found[one[2]] = max(0, found[one[2]] + (-1 if one[1] else 1))
    return found


def _end_tags_at(text: str, found: Sequence[re.Match[str]]) -> int:
    """Where the end tags begin behind which nothing else stands in a text."""
    at = len(text)
    for one in reversed(found):
        is_end = one[1] or one[0] == _CDATA_END
        if not is_end or text[one.end() : at].strip(" \t"):
            break
        at = one.start()
    return at


def _cut_at_closing(text: str, tag_at: int) -> str | None:
    """The text up to what closes a pair in which the tag stands."""
    ends = [
        end
        for pair in _PAIRS
        if pair.is_open(text, tag_at) and (end := pair.closed_at(text, tag_at)) is not None
    ]
    if not ends:
        return text
    return None if has_field_behind(text, min(ends) + 1) else text[: min(ends)]
