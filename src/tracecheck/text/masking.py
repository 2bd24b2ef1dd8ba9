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

from .records import before_name, begins
from .spellings import NEWLINE, QUOTE, SEPARATOR, SPACE, spelled

MASK = "***"
"""What stands in a report for a personal value."""

# Beside each pattern: text -> what it matches of it.

_BEFORE = (  # `a phone`, `\nphone`, `\x22phone`, `%2522phone` -> the place before `phone`
    r"(?:(?<![A-Za-z0-9_])|(?<=\\[abfnrtv])|(?<=\\x[0-9A-Fa-f]{2})|(?<=\\u[0-9A-Fa-f]{4})"
    r"|(?<=%[0-9A-Fa-f]{2})|(?<=25[0-9A-Fa-f]{2})"
    r"|(?<=5[Cc][abfnrtv])|(?<=5[Cc]x[0-9A-Fa-f]{2})|(?<=5[Cc]u[0-9A-Fa-f]{4}))"
)
# Behind the name, or around it: `]=1` -> `]`, `[]=1` -> `[]`, `%5B0%5D=1` -> `%5B0%5D`
_OPEN, _CLOSE = spelled("["), spelled("]")
_INDEX = rf"(?:{_CLOSE}|{_OPEN}[\w.\"'\\-]{{0,64}}{_CLOSE}){{0,9}}+"
_LINE_ENDS = re.compile(NEWLINE)
_BOUNDARY = re.compile(rf"{NEWLINE}--")  # of the parts of a form: `Ann\r\n--x` -> `\r\n--`

_TOKEN = re.compile(r"""\\++["']?|["']|[\[\](){}<>]|[,|]|\s++""")  # `\\"a` -> `\\"`, `[1` -> `[`
_CLOSED_BY = {"[": "]", "{": "}", "(": ")", "<": ">"}
_IN_A_PAIR = ""  # a bracket that was opened before the value, whichever it is
_ESCAPE = re.compile(r"[ux&]")  # between a name and its value: `\u003d` -> `u`
_ESCAPED = re.compile(r"\\++[urnx]|\\*+[&%\r\n]")  # where a value begins: `\u0022Ann` -> `\u`
_PREFIX = re.compile(r"[bBuUrR]{0,2}+")  # of a string in Python: `b'Ann'` -> `b`
_ANOTHER = re.compile(r"""[+(-]?\d|[bBuUrR]{0,2}\\*+["']""")  # `(0) 30` -> `(0`, `'a' 'b'` -> `'`
_UP_TO_PIPE = re.compile(r"[^|]*+")  # `Ann B.|id=1` -> `Ann B.`
_UP_TO_PARAMETER = re.compile(r"[^|&\s]*+")  # `Ann%20B&id=1` -> `Ann%20B`
_UP_TO_TAG = re.compile(r"[^|<]*+")  # `Ann</phone>` -> `Ann`
_TAG_BEGINS = re.compile(spelled("<"))
_FOLLOWED = re.compile(  # `</a><b>1` -> `</a><b`
    rf"{spelled('<')}\\?{spelled('/')}[\w.:-]{{1,99}}{spelled('>')}{SPACE}{spelled('<')}[\w]"
)
_SPELLED_OTHERWISE = re.compile(r"[\\%&]")


@dataclass(frozen=True, slots=True)
class Masking:
    """The fields whose values no report may show, under every name they are written with."""

    names: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """A text without the values of personal fields."""
        if not self.names:
            return text
        lower = text.lower()
        if not _SPELLED_OTHERWISE.search(text) and not any(n.lower() in lower for n in self.names):
            return text
        named, tags = _patterns(self.names)
        # Known beforehand, so that a search for a closing tag always finds one.
        last = max((tag.start() for tag in tags.finditer(text) if tag["closing"]), default=0)
        shown: list[str] = []
        done = 0
        while found := named.search(text, done):
            start = found.end()
            hidden, until = _before(found, done)
            if hidden < until:
                shown += text[done:hidden], MASK
                done = until
            if found["attribute"] is not None:
                end, mask = _of_attribute(text, start), MASK
            elif found["element"] is not None:
                end, mask = _of_element(found, tags, last), MASK
            elif found["closed"] is not None:
                end, mask = start, ""
            else:
                end, mask = _of_field(found)
            shown += text[done:start], mask if end > start else ""
            done = end
        return "".join((*shown, text[done:]))

    def value(self, name: str, value: str) -> str:
        """A field's value, which may itself hold personal fields."""
        return MASK if name in self.names and value else self.text(value)


@lru_cache(maxsize=16)
def _patterns(names: frozenset[str]) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What finds a name with what stands before its value, and what finds its tags.

    Of `phone`: `{"phone": 1}` -> `phone": `, `('phone', 1)` -> `phone', `, `<a:phone>1` ->
    `<a:phone>`, `x="phone" y="1"` -> `="phone"`, `<i>phone</i>` -> `>phone`; `</phone>`.
    """
    longest_first = sorted(names, key=lambda name: (-len(name), name))
    name = f"(?:{'|'.join(''.join(map(spelled, one)) for one in longest_first)})"
    tag = rf"(?:[\w.-]++{spelled(':')})?{name}"
    mapped = rf"{QUOTE}*+{_INDEX}{QUOTE}*+{SPACE}{SEPARATOR}{SPACE}"
    paired = rf"{QUOTE}++{SPACE}{spelled(',')}{SPACE}"
    # The last of a record or a list: only what stands before it can be its value.
    ends = rf"(?:{'|'.join(map(spelled, '])}>'))}|\||\Z)"
    closed = rf"{QUOTE}++(?=(?:{SPACE}{NEWLINE}){{0,9}}+{SPACE}{ends})"
    field = rf"{_BEFORE}{name}(?:(?P<between>{mapped}|{paired})|(?P<closed>{closed}))"
    # A tag without attributes is shown whole; attributes are part of the value.
    element = rf"(?P<element>{spelled('<')}){tag}(?:{spelled('>')}|\b(?!{mapped}))"
    # The name is itself a value: of an attribute, of a part of a form, of an element.
    attribute = (
        rf"{spelled('=')}{SPACE}(?:{QUOTE}++{name}{QUOTE}++|{name}(?={NEWLINE}))"
        rf"|(?P<inner>{spelled('>')}){SPACE}\+?{name}{SPACE}(?={spelled('<')})"
    )
    tags = rf"<(?P<closing>/?){tag}\b"
    return (
        re.compile(rf"{element}|(?P<attribute>{attribute})|{field}"),
        re.compile(tags, re.IGNORECASE),
    )


def _before(found: re.Match[str], done: int) -> tuple[int, int]:
    """The range before a name that was found in which its value may stand."""
    text, begin = found.string, found.start()
    if found["inner"] is not None:  # `<b>1</b><a>phone</a>`, unless `<b>1</b>` follows
        first = (
            None if _FOLLOWED.match(text, found.end()) else _TAG_BEGINS.search(text, done, begin)
        )
        return (first.start() if first else begin), begin
    if found["attribute"] is not None:
        return begins(text, done, begin), begin
    if found["element"] is not None:
        return begin, begin
    return before_name(text, done, begin, may_be_listed=found["closed"] is not None)


def _of_attribute(text: str, start: int) -> int:
    """Where the value ends of a name that is itself a value; it stands in what follows."""
    if _LINE_ENDS.match(text, start):
        boundary = _BOUNDARY.search(text, start)
        return boundary.start() if boundary else len(text)
    return _after(_UP_TO_PIPE, text, start)


def _of_element(found: re.Match[str], tags: re.Pattern[str], last: int) -> int:
    """Where an element ends that begins with the tag that was found; `last`: the last closing."""
    text, start = found.string, found.end()
    if found["element"] != "<":
        return _after(_UP_TO_PARAMETER if "%" in found["element"] else _UP_TO_PIPE, text, start)
    if start > last:
        return _after(_UP_TO_TAG, text, start)
    open_tags, end = 1, start
    for tag in tags.finditer(text, start):
        open_tags += -1 if tag["closing"] else 1
        end = tag.start() if tag["closing"] else end
        if not open_tags:
            break
    return end


def _of_field(found: re.Match[str]) -> tuple[int, str]:
    """Where the value of a name that was found ends, and what stands for it."""
    text, start, between = found.string, found.end(), found["between"]
    written = between.rstrip()
    if "%" in between:
        return _after(_UP_TO_PARAMETER, text, start), MASK
    # `name=>value` without quotes may be a field whose value begins with `>`.
    is_pair = written.endswith(",")
    is_mapped = written.endswith((":", "->")) or (written.endswith("=>") and written[0] in "\\\"']")
    escaped = _ESCAPE.search(between) or _ESCAPED.match(text, start)
    if (is_pair or is_mapped) and not escaped and "\n" not in between:
        return _end(text, start, is_pair=is_pair), f'"{MASK}"'
    # Up to the pipe, as a trace line has it. Quotes written `\\u0022` or `&quot;` are not seen.
    return _after(_UP_TO_PIPE, text, _end(text, start)), MASK


def _after(pattern: re.Pattern[str], text: str, start: int) -> int:
    """Where that which the pattern matches from `start` on ends."""
    found = pattern.match(text, start)
    return found.end() if found else start


def _end(text: str, start: int, *, is_pair: bool = False) -> int:
    """Where a value ends: a string, a container, a word, or these without space between.

    Of a pair, as in `("phone", 1, 2)`, it is all up to the bracket that closes it. Quotes are the
    same if as many backslashes stand before them, as in strings in strings.
    """
    quote, closers = "", [_IN_A_PAIR] if is_pair else []
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
            if token.start() == edge or (closers and not _is_apostrophe(token)):
                quote = found
        elif found in _CLOSED_BY:
            closers.append(_CLOSED_BY[found])
        elif _ends(token, closers):
            return token.start()
        elif closers and found == closers[-1]:
            closers.pop()
        elif found.isspace():
            edge = _after(_PREFIX, text, token.end())
    return len(text)


def _is_apostrophe(quote: re.Match[str]) -> bool:
    before = quote.string[quote.start() - 1]
    return quote[0] == "'" and before.isalnum() and before not in "bBuUrR"  # as in O'Neill


def _ends(token: re.Match[str], closers: list[str]) -> bool:
    """Whether a value ends before a token, `closers` being the brackets that are open in it."""
    if closers:
        return closers == [_IN_A_PAIR] and token[0] in "])}|"
    more = token[0].isspace() and _ANOTHER.match(token.string, token.end())
    return token[0] in "]},|" or (token[0].isspace() and not more)
