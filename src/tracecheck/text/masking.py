"""Personal values are masked before they reach a report, however the line writes them.

A value too many masked costs nothing; one too few is shown to everybody who reads the report. So
where it is not sure where a value ends, the rest of the text is masked.

One scan, from left to right: a pattern finds the next personal name with what separates it from
its value, a function finds the end of the value, and the scan goes on there. Lines may be long and
hostile, so no character is looked at more than a few times: repetitions are possessive or bounded,
and what was read in search of an end is masked and not read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

MASK = "***"
"""What stands in a report for a personal value."""

# Beside each pattern: text -> what it matches of it.

_BEFORE = (  # `a phone`, `\nphone`, `\x22phone`, `%2522phone` -> the place before `phone`
    r"(?:(?<![A-Za-z0-9_])|(?<=\\[abfnrtv])|(?<=\\x[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})"
    r"|(?<=%[0-9A-Fa-f]{2})|(?<=25[0-9A-Fa-f]{2}))"
)
# `\": 1` -> `\"`, `%22%3A1` -> `%22`, `&quot;:1` -> `&quot;`
_QUOTES = r"""(?:["'\\]|[ux](?:00)?2[27]|%(?:25)*+(?:2[27]|5[Cc])|&(?:quot|apos|#3[49]);)*+"""
# `  1` -> `  `, `%20%25201` -> `%20%2520`
_SPACE = r"(?:\s|%(?:25)*+20)*+"
# `=1` -> `=`, `=>1` -> `=>`, `\u003d1` -> `\u003d`, `%3A1` -> `%3A`, `&gt;1` -> `&gt;`
_SEPARATOR = r"(?::|=>?|\\{0,15}+(?<=\\)[ux](?:00)?3[AaDdEe]|%(?:25)*+3[AaDdEe]|&gt;)"

_TOKEN = re.compile(r"""\\++["']?|["']|[\[\](){}<>]|[,|]|\s++""")  # `\\"a` -> `\\"`, `[1` -> `[`
_CLOSED_BY = {"[": "]", "{": "}", "(": ")", "<": ">"}
_ESCAPE = re.compile(r"[ux&]")  # between a name and its value: `\u003d` -> `u`
_ESCAPED = re.compile(r"\\++[ux]|[&%]")  # where a value begins: `\u0022Ann` -> `\u`
_PREFIX = re.compile(r"[bBuUrR]{0,2}+")  # of a string in Python: `b'Ann'` -> `b`
_DIGITS = re.compile(r"[+(-]?\d")  # a further group of a number: `(0) 30` -> `(0`
_UP_TO_PIPE = re.compile(r"[^|]*+")  # `Ann B.|id=1` -> `Ann B.`
_UP_TO_PARAMETER = re.compile(r"[^|&\s]*+")  # `Ann%20B&id=1` -> `Ann%20B`
_UP_TO_TAG = re.compile(r"[^|<]*+")  # `Ann</phone>` -> `Ann`


@dataclass(frozen=True, slots=True)
class Masking:
    """The fields whose values no report may show, under every name they are written with."""

    names: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """A text without the values of personal fields."""
        if not self.names:
            return text
        named, closing = _patterns(self.names)
        # Known beforehand, so that a search for a closing tag always finds one.
        last = max((tag.start() for tag in closing.finditer(text)), default=0)
        shown: list[str] = []
        done = 0
        while found := named.search(text, done):
            start = found.end()
            if found["between"]:
                end, mask = _field(found)
            else:
                tag = closing.search(text, start) if start <= last else None
                end, mask = tag.start() if tag else _after(_UP_TO_TAG, text, start), MASK
            shown += text[done:start], mask if end > start else ""
            done = end
        return "".join((*shown, text[done:]))

    def value(self, name: str, value: str) -> str:
        """A field's value, which may itself hold personal fields."""
        return MASK if name in self.names and value else self.text(value)


@lru_cache(maxsize=16)
def _patterns(names: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds a name with what stands before its value, and what finds a closing tag.

    Of `phone`: `{"phone": 1}` -> `phone": `, `<a:phone>1` -> `<a:phone>`, `</phone>` -> `</phone`.
    """
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    name = f"(?:{'|'.join(''.join(map(_spelled, one)) for one in longest_first)})"
    tag = rf"(?:[\w.-]++:)?{name}"
    between = _QUOTES + _SPACE + _SEPARATOR + _SPACE
    field = rf"{_BEFORE}{name}(?P<between>{between})"
    # A tag without attributes is shown whole; attributes are part of the value.
    return re.compile(rf"<{tag}(?:>|\b(?!{between}))|{field}"), re.compile(rf"</{tag}")


def _spelled(character: str) -> str:
    r"""A pattern of one character of a name: itself, or escaped by JSON, Python or a URL.

    Of `p`: `p`, `\u0070`, `\x70`, `%70`.
    """
    units = character.encode("utf-16-be").hex(" ", 2).split()
    octets = character.encode().hex(" ").split()
    escaped = "".join(rf"\\{{1,15}}+u{unit}" for unit in units)
    in_bytes = "".join(rf"\\{{1,15}}+x{octet}" for octet in octets)
    in_url = "".join(f"%(?:25)*+{octet}" for octet in octets)
    return rf"(?:{re.escape(character)}|(?i:{escaped}|{in_bytes}|{in_url}))"


def _field(found: re.Match[str]) -> tuple[int, str]:
    """Where the value of a name that was found ends, and what stands for it."""
    text, start, between = found.string, found.end(), found["between"].rstrip()
    if "%" in between:
        return _after(_UP_TO_PARAMETER, text, start), MASK
    # `name=>value` without quotes may be a field whose value begins with `>`.
    mapped = between.endswith(":") or (between.endswith("=>") and between[0] in "\\\"'")
    if mapped and not _ESCAPE.search(between) and not _ESCAPED.match(text, start):
        return _end(text, start), f'"{MASK}"'
    # Up to the pipe, as a trace line has it. Quotes written `\\u0022` or `&quot;` are not seen.
    return _after(_UP_TO_PIPE, text, _end(text, start)), MASK


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where that which the pattern matches from `start` on ends."""
    found = pattern.match(text, start)
    return found.end() if found else start


def _end(text: str, start: int) -> int:
    """Where a value ends: a string, a container, a word, or these without space between.

    Quotes are the same if as many backslashes stand before them, as in strings in strings.
    """
    quote, closers = "", list[str]()
    edge = _after(_PREFIX, text, start)  # only here may a string begin outside of containers
    for token in _TOKEN.finditer(text, start):
        found, last = token[0], token[0][-1]
        if quote:
            if found == quote:
                quote, edge = "", token.end()
            # In JSON and Python's repr, however often each is in the other, this many backslashes
            # are never before the end of a string. Other numbers may be, or not.
            elif last == quote[-1] and len(found) % (2 * len(quote)):
                return len(text)
        elif last in "\"'":
            before = text[token.start() - 1]
            is_apostrophe = (
                last == "'" and before.isalnum() and before not in "bBuUrR"
            )  # as in O'Neill
            if token.start() == edge or (closers and not is_apostrophe):
                quote = found
        elif found in _CLOSED_BY:
            closers.append(_CLOSED_BY[found])
        elif closers:
            if found == closers[-1]:
                closers.pop()
        elif found in "]},|" or (found.isspace() and not _DIGITS.match(text, token.end())):
            return token.start()
    return len(text)
