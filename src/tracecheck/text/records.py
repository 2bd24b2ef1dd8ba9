"""Where a record begins whose name was found, as its value may stand before its name.

As in `{"value": 1, "name": "phone"}`, `<a value="1" name="phone">`, `filename="1"; name="phone"`.
Where it is not sure where the record begins, all that may be of it is masked.
"""

from __future__ import annotations

import re
from functools import lru_cache

from .spellings import NEWLINE, QUOTE, QUOTE_MARK, SEPARATOR, SPACE, spelled

# Beside each pattern: text -> what it matches of it.

_MOST = 8  # brackets that are tried
_FAR = 200  # characters between a name and what it is the value of
_CLOSED_BY = {"[": "]", "{": "}", "(": ")", "<": ">"}
_BRACKET = re.compile(r"[\[{(<]")
_SPELLED_BRACKET = "|".join(map(spelled, "[{(<"))
_SPELLED_QUOTE = re.compile(rf"(?![\"']){QUOTE_MARK}")  # `&quot;`
_TOKEN = re.compile(r"""\\++["']?|["']|[\[\](){}<>]""")  # `a\\"b` -> `\\"`
_SEGMENT_BEGINS = re.compile(rf"{NEWLINE}|\|")
_ASSIGNED = rf"[A-Za-z_][\w.-]{{0,63}}{QUOTE}*+{SPACE}{SEPARATOR}"  # `"a": 1` -> `a":`
_COMMA = spelled(",")
_NEXT = f"{SEPARATOR}|{_COMMA}"
_VALUE_OF = (  # `"name": "` -> `: "`, `1, "` -> `, "`
    rf"(?:{SPACE}{SEPARATOR}|(?P<comma>{_COMMA})){SPACE}[bBuUrR]{{0,2}}{QUOTE}*+\Z"
)


@lru_cache(maxsize=8)
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern that takes long to compile, and that few runs need."""
    return re.compile(pattern)


def before_name(text: str, done: int, name: int, *, may_be_listed: bool) -> tuple[int, int]:
    """The range before a quoted name at `name` that may be its value; empty if there is none.

    Such a name is itself a value; or it is the last of a list, if it `may_be_listed`. What stands
    before `done` does not count.
    """
    found = _compiled(_VALUE_OF).search(text, max(done, name - _FAR), name)
    if found is None or (found["comma"] and not may_be_listed):
        return name, name
    return begins(text, done, found.start(), found["comma"] or ":"), found.start()


def begins(text: str, done: int, end: int, sign: str = "=") -> int:
    """Where what is before `end` begins of a record in which a name comes next; `end` if nowhere.

    `sign` is what stands before the name: of an attribute, a field, or one of a list.
    """
    is_escaped = _SPELLED_QUOTE.search(text, done, end) is not None
    brackets = [one.start() for one in _BRACKET.finditer(text, done, end)]
    around = next((at for at in reversed(brackets[-_MOST:]) if _is_in(text, at, end)), None)
    if around is not None and (text[around] == "<" or not is_escaped):
        return around + 1 if sign == "," or _compiled(_NEXT).search(text, around + 1, end) else end
    if is_escaped or not _is_in(text, done - 1, end):
        return _furthest(text, done, end, is_escaped=is_escaped)
    start = done
    for found in _SEGMENT_BEGINS.finditer(text, done, end):
        start = found.end()
    first = _compiled(_ASSIGNED).search(text, start if _is_in(text, start - 1, end) else done, end)
    if first is None or (sign != "=" and not re.search(_COMMA, text[first.end() : end])):
        return end
    return first.end()


def _furthest(text: str, done: int, end: int, *, is_escaped: bool) -> int:
    """Where the first value or record begins, whichever it is that the name belongs to."""
    after_tag = text.rfind(">", done, end) + 1
    if is_escaped and after_tag and _compiled(_SPELLED_BRACKET).search(text, after_tag, end):
        done = after_tag  # of HTML in which other HTML stands escaped
    found = (
        _compiled(_SPELLED_BRACKET).search(text, done, end),
        _compiled(_ASSIGNED).search(text, done, end),
    )
    first = min((one.end() for one in found if one), default=end)
    return first if found[1] or _compiled(_NEXT).search(text, first, end) else end


def _is_in(text: str, bracket: int, end: int) -> bool:
    """Whether `end` is directly in what begins at a bracket, or at anything else, and in no quotes.

    Inside a string the quotes up to a place outside are odd, so a bracket of a value is none.
    """
    closing = _CLOSED_BY.get(text[bracket : bracket + 1]) if bracket >= 0 else None
    quote, closers = "", [closing]
    for token in _TOKEN.finditer(text, bracket + 1, end):
        found, last = token[0], token[0][-1]
        if quote:
            if found == quote:
                quote = ""
            elif last == quote[-1] and len(found) % (2 * len(quote)):
                return False
        elif last in "\"'":
            quote = found
        elif found in _CLOSED_BY:
            closers.append(_CLOSED_BY[found])
        elif found == closers[-1]:
            closers.pop()
            if not closers:
                return False
        elif found in "])}":
            return False
    return not quote and len(closers) == 1
