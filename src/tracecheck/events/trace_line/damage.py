"""Damage: a tag that some rule names, where it cannot be read as the tag of an event.

Such a line is malformed, which is told; a tag that prose mentions is prose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .grammar import character_class, is_level, none_of
from .quotes import cut
from .unfinished import is_unfinished

REPEATED = "message repeated "
"""What stands in the lines that syslog writes for several: how often is not seen in their text."""

_ESCAPES = (r"\\[nrt]", "#0[0-7]{2}", r"\\0[0-7]{2}", r"\\x[0-9A-Fa-f]{2}", r"\\u[0-9A-Fa-f]{4}")
ESCAPE = "|".join(_ESCAPES)
"""A line feed or another character as JSON, Python or rsyslog write it. A named tag behind it is no
tag, since a letter or a digit stands before it, but it shows."""

_FIELD = rf"{character_class('NAME')}="
_OTHER = none_of("NAME_CHAR", " ", r"\t")
# Behind a tag: blanks, and then the end, a pipe, or up to three odd characters and a field.
BEHIND = rf"[ \t]*(?:$|\||(?:{_OTHER}[ \t]*){{0,3}}{_FIELD})"
"""What stands behind a damaged tag, as a pattern of the engine: to `re`, `$` is also before a last
line feed."""

_NO_WORD, _OVER = (f"({look}{character_class('WORD_CHAR')})" for look in ("?<!", "?!"))
_ALONE = f"(?:{'|'.join([_NO_WORD, *(f'(?<={one})' for one in _ESCAPES)])})"
_WORD = rf"{_ALONE}({character_class('TAG_WORD')}){_OVER}"
_AT_END = BEHIND.replace("$", r"\Z")
# Without its pipe, a tag may run into the name behind it: `TAGlevel=1`. `TAG_X=1` is another word.
_DAMAGED = re.compile(rf"{_ALONE}({character_class('TAG_WORD')})(?![A-Z0-9_])(?={_AT_END})")
_PIPED = re.compile(rf"(?<!=){_WORD}(?=[ \t]*\|)")
_SEGMENT_WITH_FIELD = re.compile(rf"\|[ \t]*{_FIELD}")
_BLANKS = re.compile(r"[ \t]*")
_PIPE = re.compile(r"[ \t]*\|")
_REPEATED = re.compile(rf"{REPEATED}[0-9]+ times: \[")


def damaged_tags(
    text: str, tags: Collection[str], end: int | None = None
) -> Iterator[re.Match[str]]:
    """The named tags that stand damaged in a text before `end`; group 1 is the tag."""
    for found in _DAMAGED.finditer(text):
        if end is not None and found.start() >= end:
            return
        if found[1] in tags and not is_level(found[1]):
            yield found


def is_damaged_before(text: str, tags: Collection[str], tag: str, tag_at: int) -> bool:
    """Whether a line with an event of a tag, which stands at `tag_at`, is malformed all the same.

    The same tag once more, with its pipe, is no damage.
    """
    if is_repeated(text[:tag_at]):
        return True
    end = first_field_at(text, tag_at + len(tag))
    return any(
        found.start(1) != tag_at and not (found[1] == tag and _PIPE.match(text, found.end(1)))
        for found in damaged_tags(text, tags, end)
    )


def explain_malformed(text: str, tags: Collection[str]) -> str:
    """Why a line is malformed, with the column (1-based)."""
    found = next(damaged_tags(text, tags), None)
    if is_repeated(text if found is None else text[: found.start(1)]):
        return "the line stands for several: how often is not seen"
    if is_unfinished(text if found is None else text[: found.start(1)]):
        return "the line is a part whose end is not in the log"
    if found is None:
        return "its tag stands in quotes that are never closed"
    tag, column = found[1], found.start(1) + 1
    if cut(text, found.start(1)) is None:
        # Were there no fields behind, it would be clear what closes.
        is_closed = cut(text[: column - 1] + text[column - 1 :].replace("=", "-"), column - 1)
        which = "that are never closed" if is_closed is None else "of which the end is not clear"
        return f"{tag} at column {column} stands in quotes {which}"
    behind = _BLANKS.match(text, found.end(1))
    end = found.end(1) if behind is None else behind.end()
    if end == len(text):
        return f"{tag} at column {column} ends the line: its fields are cut off"
    if text[end] == "|":
        return f"{tag}| at column {column} has no field (name=value) of its own after it"
    odd = text[found.end(1)]
    return f"{tag} at column {column} is followed by {odd!r} where `|` should stand"


def first_field_at(text: str, start: int) -> int:
    """Where the first segment that is a field begins, behind `start`; -1 if there is none."""
    found = _SEGMENT_WITH_FIELD.search(text, start)
    return found.start() if found else -1


def has_second_event(text: str, tags: Collection[str], start: int) -> bool:
    """Whether a named tag with a field behind it stands in a text from `start` on."""
    last = max((one.start() for one in _SEGMENT_WITH_FIELD.finditer(text, start)), default=-1)
    return any(found[1] in tags and found.end() <= last for found in _PIPED.finditer(text, start))


def is_repeated(prefix: str) -> bool:
    """Whether the text before a tag says that the line stands for several."""
    return _REPEATED.search(prefix) is not None
