"""The reference reader of trace lines, and the character classes of the grammar behind it.

Some ten thousand lines a second: it defines what a trace line is, teaches the vectorised
reader the layouts it meets, and explains a bad line. Bulk data never passes through it.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from importlib import resources

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A line read by the grammar: the text before the tag, the tag, and the segments after it.

    A segment is `(name, value)` for a field and `(None, text)` for a note, in order.
    """

    prefix: str
    tag: str
    segments: tuple[tuple[str | None, str], ...]

    @property
    def fields(self) -> dict[str, str]:
        """Name to value; of a field that is written twice the first value."""
        fields: dict[str, str] = {}
        for name, value in self.segments:
            if name is not None:
                fields.setdefault(name, value)
        return fields

    @property
    def has_duplicate_field(self) -> bool:
        """Whether a field is written twice."""
        return len(self.fields) < sum(name is not None for name, _ in self.segments)


def read_trace_line(text: str) -> TraceLine | None:
    """Read one cleaned, unwrapped line; None if it is no trace line."""
    for start in ("event", "level_event"):
        try:
            return _trace_line(_parser().parse(text, start=start))
        except UnexpectedInput:
            continue
    return None


@functools.cache
def character_class(name: str) -> str:
    """The regular expression of a one-line terminal, such as `TAG_WORD`. Raises KeyError."""
    found = re.search(rf"^{name}: /(.*)/$", _grammar(), re.MULTILINE)
    if found is None:
        raise KeyError(name)
    return found.group(1)


@functools.cache
def trace_pattern() -> str:
    """A pattern (of either regex engine) that is found in trace lines and in no other lines."""
    tag, name = character_class("TAG_WORD"), character_class("NAME")
    return rf"{_alone()}{tag}\|(?s:(?:.*\|)?){name}="


@functools.lru_cache(maxsize=16)
def malformed_pattern(tags: frozenset[str]) -> str | None:
    """A pattern (of either regex engine) that finds the first of `tags` that stands malformed.

    That is: alone as a word, and followed by the end, by a pipe, or by another non-name character
    and then a field. In a line that is no event that is a defect; anything else is prose. The
    group is the tag. A level word stands in any line: None if there is no other tag.
    """
    level = re.compile(character_class("LEVEL_WORD"))
    named = "|".join(sorted(tag for tag in tags if not level.fullmatch(tag)))
    other = _none_of(character_class("NAME_CHAR"), "|")
    after = rf"$|\||{other}{character_class('NAME')}="
    return rf"{_alone()}({named})(?:{after})" if named else None


def explain_malformed(text: str, tags: frozenset[str]) -> str:
    """Why a line in which one of `tags` stands malformed is no event, with the column (1-based)."""
    pattern = malformed_pattern(tags)
    # To `re`, `$` is also before a last line feed; but of several places the first is taken, and
    # no tag has room behind that one.
    found = re.search(pattern, text) if pattern else None
    if found is None:
        return "should have been a trace line"
    tag, column, after = found[1], found.start(1) + 1, text[found.end(1) : found.end(1) + 1]
    if not after:
        return f"{tag} at column {column} ends the line: its fields are cut off"
    if after == "|":
        return f"{tag}| at column {column} has no field (name=value) after it"
    return f"{tag} at column {column} is followed by {after!r} where `|` should stand"


def _trace_line(tree: Tree[Token]) -> TraceLine:
    prefix = ""
    tag = ""
    segments: list[tuple[str | None, str]] = []
    for child in tree.children:
        if isinstance(child, Token):
            if child.type.endswith("PREFIX"):
                prefix = str(child)
            else:
                tag = str(child)
        elif child.data == "field":
            name, *value = child.children
            segments.append((str(name)[:-1], str(value[0]) if value else ""))
        else:
            segments.append((None, "".join(map(str, child.children))))
    return TraceLine(prefix, tag, tuple(segments))


@functools.cache
def _parser() -> Lark:
    return Lark(_grammar(), parser="lalr", lexer="contextual", start=["event", "level_event"])


@functools.cache
def _grammar() -> str:
    return resources.files(__package__).joinpath("trace_line.lark").read_text("utf-8")


def _alone() -> str:
    """What stands before a tag, as a pattern of either engine."""
    return rf"(?:^|{_none_of(character_class('WORD_CHAR'))})"


def _none_of(one: str, *others: str) -> str:
    """The class of the characters that are neither of the class `one` nor among `others`."""
    return f"[^{''.join(others)}{one.removeprefix('[')}"
