"""The reference reader of trace lines, and the character classes of the grammar behind it.

Some ten thousand lines a second: it defines what a trace line is, teaches the vectorised
reader the layouts it meets, and explains a bad line. Bulk data never passes through it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from lark import Lark, Token, Tree
from lark.exceptions import UnexpectedInput

from ...grammars import Grammar

TRACE_LINE = Grammar(__package__, "trace_line", ("event", "level_event"), "contextual")


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


def read_trace_line(text: str, tags: Iterable[str] = frozenset()) -> TraceLine | None:
    """Read one cleaned, unwrapped line; None if it is no trace line. `tags` are those named."""
    parser = _parser(frozenset(_WORDS.findall(text)).intersection(tags))
    for start in ("event", "level_event"):
        try:
            return _trace_line(parser.parse(text, start=start))
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


def is_level(word: str) -> bool:
    """Whether a word is that of a log level, which stands in any line."""
    return re.fullmatch(character_class("LEVEL_WORD"), word) is not None


def alone() -> str:
    """What stands before a tag, as a pattern of either regex engine."""
    return rf"(?:^|{none_of('WORD_CHAR')})"


def none_of(terminal: str, *others: str) -> str:
    """The class of the characters that are neither of a one-line terminal nor among `others`."""
    return f"[^{''.join(others)}{character_class(terminal).removeprefix('[')}"


def _trace_line(tree: Tree[Token]) -> TraceLine:
    prefix = tag = ""
    segments: list[tuple[str | None, str]] = []
    for child in tree.children:
        if isinstance(child, Token):
            if child.type.endswith("TAG"):
                tag = str(child)
            else:
                prefix += str(child)
        elif child.data == "field":
            name, *value = child.children
            segments.append((str(name)[:-1], str(value[0]) if value else ""))
        else:
            segments.append((None, "".join(map(str, child.children))))
    return TraceLine(prefix, tag, tuple(segments))


@functools.lru_cache(maxsize=64)
def _parser(tags: frozenset[str]) -> Lark:
    """A parser for lines in which these of the named tags stand, so that no pattern is large."""
    named = {
        "NAMED_TAG": [tag for tag in tags if not is_level(tag)],
        "NAMED_LEVEL": [tag for tag in tags if is_level(tag)],
    }
    return TRACE_LINE.parser(
        {
            character_class(terminal): f"(?:{'|'.join(sorted(words))})"
            for terminal, words in named.items()
            if words
        }
    )


@functools.cache
def _grammar() -> str:
    return TRACE_LINE.text


_WORDS = re.compile(character_class("TAG_WORD"))
