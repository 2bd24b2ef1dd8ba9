"""What a person did wrong where YAML says that something else was expected: the true mistake.

YAML finds out late: it complains of a colon where a line is indented too deep, and of the next line
where a blank is missing. What is wrong is read off the lines around the complaint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..text.wording import quoted
from .source_text import RuleText

_KEY = r"[A-Za-z0-9_-]+"
_LINE = re.compile(rf"(?P<blanks> *)(?P<dash>(?:- +)?)(?P<key>{_KEY}(?=:(?: |$)))?(?P<rest>.*)")
_HAS_VALUE = re.compile(rf"{_KEY}: +[^ #]|[\"'].*[\"']$")
_NO_BLANK = re.compile(rf" *(?:- +)?({_KEY}):([^ /].*)")  # `id:a`; `http://…` is none
_NO_DASH_BLANK = re.compile(r" *-([A-Za-z_].*)")  # `-id: a`
_BLOCK_TEXT = re.compile(r".*: [|>][0-9+-]*")  # the text below begins deeper

Mistake = tuple[int, str, str]
"""Where, what, and how to mend it."""


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that says something: its number, where it starts in the file, and what is in it."""

    number: int
    start: int
    text: str

    @property
    def blanks(self) -> int:
        return len(self.text) - len(self.text.lstrip(" "))

    @property
    def place(self) -> int:
        """The offset of the first character that is no blank."""
        return self.start + self.blanks

    def columns(self) -> Iterator[tuple[int, str]]:
        """Where a `- ` and where a key stands, each with what it looks like."""
        found = _LINE.fullmatch(self.text)
        if found is None:
            return
        if found["dash"]:
            yield found.start("dash"), "-"
        if found["key"]:
            yield found.start("key"), f"{found['key']}:"


def true_mistake(file: RuleText, problem: str, offset: int, begun: int | None) -> Mistake | None:
    """What is wrong at `offset`, where YAML has this `problem`; None if the problem says it.

    `begun` is where that begins which YAML could not read.
    """
    at = offset if begun is None or "could not find" not in problem else begun
    lines = list(_lines(file, at))
    here = next((one for one in lines if one.start <= at <= one.start + len(one.text)), None)
    if here is None:
        return None
    above = [one for one in lines if one.start < here.start]
    if "document start" in problem:
        return _first_is_indented(above)
    if "mapping values are not allowed" in problem:
        return _missing_blank(above) or _too_deep(here, above)
    if "could not find expected ':'" in problem:
        return _no_key(here, above)
    if "<block end>" in problem and here.place == offset:
        return _between(here, above)
    return None


def _lines(file: RuleText, offset: int) -> Iterator[_Line]:
    """The lines down to the one of the offset, without those that are empty or comments."""
    number, _ = file.position(offset)
    start = 0
    for at, text in enumerate(re.split(r"(?<=\n)", file.text)[:number], start=1):
        if text.strip() and not text.lstrip().startswith("#"):
            yield _Line(at, start, text.rstrip())
        start += len(text)


def _first_is_indented(above: list[_Line]) -> Mistake | None:
    if not above or not above[0].blanks:
        return None
    return (
        above[0].place,
        "the first line is indented, and others are not",
        "begin it with no blank",
    )


def _missing_blank(above: list[_Line]) -> Mistake | None:
    """The line before, if it lacks the blank that makes it a key and a value."""
    if not above:
        return None
    before = above[-1]
    if found := _NO_DASH_BLANK.fullmatch(before.text):
        return before.place, "a blank is missing after the dash", f"- {found[1]}"
    if found := _NO_BLANK.fullmatch(before.text):
        place = before.start + found.start(2)
        return place, "a blank is missing after the colon", f"{found[1]}: {found[2]}"
    return None


def _too_deep(here: _Line, above: list[_Line]) -> Mistake | None:
    """A line that stands deeper than one that has its value already."""
    if not above:
        return None
    before = above[-1]
    column, key = max(before.columns(), default=(0, ""))
    if here.blanks <= column or not _HAS_VALUE.match(before.text[column:]):
        return None
    above_it = f"{quoted(key)} on line {before.number}, which has its value already"
    what = f"this line is indented by {here.blanks}, deeper than {above_it}"
    return here.place, what, f"indent it by {column}"


def _no_key(here: _Line, above: list[_Line]) -> Mistake:
    if above and _BLOCK_TEXT.fullmatch(above[-1].text) and here.blanks <= above[-1].blanks:
        column, key = max(above[-1].columns(), default=(0, ""))
        what = f"this text is not indented deeper than {quoted(key)} above it"
        return here.place, what, f"indent it by {column + 2}"
    word = here.text.strip()
    hint = f"{word}:" if re.fullmatch(_KEY, word) else "put a text of several lines in quotes"
    return here.place, "this line is neither a key with a colon nor a `- `", hint


def _between(here: _Line, above: list[_Line]) -> Mistake | None:
    """A line that begins at none of the columns at which those above begin."""
    wanted = next((what for _, what in here.columns()), "")
    levels = [
        (column, what, number)
        for column, what, number in _levels(above)
        if (what == "-") == (wanted == "-")
    ]
    if not levels:
        return None
    column, what, number = min(levels, key=lambda one: (abs(one[0] - here.blanks), -one[0]))
    return (
        here.place,
        f"this line is indented by {here.blanks}, which fits no line above it",
        f"indent it by {column}, as {quoted(what)} on line {number}",
    )


def _levels(above: list[_Line]) -> Iterator[tuple[int, str, int]]:
    """The columns at which a line may go on, each with what stands there, the deepest first."""
    limit = 1 << 30
    for line in reversed(above):
        for column, what in sorted(line.columns(), reverse=True):
            if column < limit:
                yield column, what, line.number
        limit = min(limit, line.blanks)
