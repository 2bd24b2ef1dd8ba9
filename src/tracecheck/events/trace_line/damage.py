"""Damage: a tag that some rule names, where it cannot be read as the tag of an event.

Such a line is malformed, which is told; a tag that prose mentions is prose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from .grammar import TraceLine, character_class, is_level, none_of, read_trace_line
from .lost_envelopes import goes_on_as_envelope
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

_NO_WORD = f"(?<!{character_class('WORD_CHAR')})"
_ALONE = f"(?:{'|'.join([_NO_WORD, *(f'(?<={one})' for one in _ESCAPES)])})"
# Without its pipe, a tag may run into the name behind it: `TAGlevel=1`. `TAG_X=1` is another word.
_SHOWN = re.compile(rf"(?=[A-Z]){_ALONE}({character_class('TAG_WORD')})(?![A-Z0-9_])")
_AT_END = re.compile(BEHIND.replace("$", r"\Z"))
_PARTED = re.compile(rf"[ \t]*(?:(?!\|){_OTHER}[ \t]*){{0,3}}{_FIELD}")
_ENDS = re.compile(r"[ \t]*\Z")
_BEGINS = re.compile(rf"(?:[ \t\r\n|]|{ESCAPE})\Z")
_LONGEST_ESCAPE = 6
_ITEM = re.compile(r"""[,(\[{<"'][A-Z0-9_]+[,)\]}>"']""")
_NAME = re.compile(character_class("NAME"))
_SEGMENT_WITH_FIELD = re.compile(rf"\|[ \t]*{_FIELD}")
_LONGEST_EXPLAINED = 10_000
"""Characters of a line of which the grammar is asked what is wrong: hostile ones take it long."""
_BLANKS = re.compile(r"[ \t]*")
_PIPE = re.compile(r"[ \t]*\|")
_BESIDE = "a tag that some rule names stands beside its message, in what is dropped of the line"
_REPEATED = re.compile(rf"{REPEATED}[0-9]+ times: \[")


def damaged_tags(
    text: str, tags: Collection[str], fields: Collection[str], end: int | None = None
) -> Iterator[re.Match[str]]:
    """The named tags that stand damaged in a text before `end`; group 1 is the tag.

    `fields` are those that rules read, by all their spellings.
    """
    for found in _shown(text, tags):
        if end is not None and found.start() >= end:
            return
        behind = _AT_END.match(text, found.end())
        if behind and not is_level(found[1]) and not _is_another_word(text, found, fields):
            yield found


def is_damaged_before(
    text: str, tags: Collection[str], fields: Collection[str], tag: str, tag_at: int
) -> bool:
    """Whether a line with an event of a tag, which stands at `tag_at`, is malformed all the same.

    The same tag once more, with its pipe, is no damage.
    """
    if is_repeated(text[:tag_at]):
        return True
    end = first_field_at(text, tag_at + len(tag))
    return any(
        found.start(1) != tag_at and not (found[1] == tag and _PIPE.match(text, found.end(1)))
        for found in damaged_tags(text, tags, fields, end)
    )


def begun_tags(
    text: str, tags: Collection[str], fields: Collection[str]
) -> Iterator[re.Match[str]]:
    """The named tags in a text that begin what should be an event: none that is a mere word.

    A pipe follows, or a field from which no pipe parts it; then it is neither a value nor an item.
    """
    for found in _shown(text, tags):
        if not is_level(found[1]) and (
            _PIPE.match(text, found.end()) or _is_parted(text, found, fields)
        ):
            yield found


def explain_malformed(text: str, tags: Collection[str], fields: Collection[str]) -> str:
    """Why a line is malformed, with the column (1-based)."""
    found = next(damaged_tags(text, tags, fields), None)
    if is_repeated(text if found is None else text[: found.start(1)]):
        return "the line stands for several: how often is not seen"
    if is_unfinished(text if found is None else text[: found.start(1)]):
        return "the line is a part whose end is not in the log"
    is_long = len(text) > _LONGEST_EXPLAINED
    if not is_long and (sound := _sound_event(text, tags, fields)):
        if goes_on_as_envelope(text, len(sound.prefix)):
            column = len(sound.prefix) + 1
            return f"{sound.tag} at column {column} stands in an envelope whose beginning is lost"
        return _BESIDE
    if found is None:
        if is_long:
            return "it shows a tag that some rule names, which cannot be read"
        quoted = read_trace_line(text, tags) is not None
        return "its tag stands in quotes that are never closed" if quoted else _BESIDE
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


def _sound_event(text: str, tags: Collection[str], fields: Collection[str]) -> TraceLine | None:
    """The event in a text, if nothing before its first field is damaged, and its quotes end."""
    found = read_trace_line(text, tags)
    inside = None if found is None else cut(text, len(found.prefix))
    if found is None or inside is None or read_trace_line(inside, tags) is None:
        return None
    is_damaged = is_damaged_before(text, tags, fields, found.tag, len(found.prefix))
    return None if is_damaged else found


def first_field_at(text: str, start: int) -> int:
    """Where the first segment that is a field begins, behind `start`; -1 if there is none."""
    found = _SEGMENT_WITH_FIELD.search(text, start)
    return found.start() if found else -1


def has_second_event(text: str, tags: Collection[str], fields: Collection[str], start: int) -> bool:
    """Whether a named tag begins another event in a text from `start` on, be it a damaged one."""
    last = max((one.start() for one in _SEGMENT_WITH_FIELD.finditer(text, start)), default=-1)
    for found in _shown(text, tags, start):
        if _PIPE.match(text, found.end()):
            begins = text[found.start() - 1] != "=" and (
                not is_level(found[1]) or found.end() <= last
            )
        else:
            begins = not is_level(found[1]) and (
                _is_parted(text, found, fields) or _is_cut_off(text, found)
            )
        if begins:
            return True
    return False


def is_repeated(prefix: str) -> bool:
    """Whether the text before a tag says that the line stands for several."""
    return _REPEATED.search(prefix) is not None


def _shown(text: str, tags: Collection[str], start: int = 0) -> Iterator[re.Match[str]]:
    return (found for found in _SHOWN.finditer(text, start) if found[1] in tags)


def _is_another_word(text: str, found: re.Match[str], fields: Collection[str]) -> bool:
    """Whether a tag runs into small letters, and nothing speaks for a pipe that was lost there."""
    name = _NAME.match(text, found.end())
    if name is None or "_" in found[1] or name[0] in fields:
        return False
    return first_field_at(text, name.end()) < 0


def _is_parted(text: str, found: re.Match[str], fields: Collection[str]) -> bool:
    """Whether a field follows, from which no pipe parts the tag; it is no value, and no item."""
    if not _PARTED.match(text, found.end()) or _is_another_word(text, found, fields):
        return False
    before = max(0, found.start() - 1)
    return text[before : found.start()] != "=" and not _ITEM.match(text, before)


def _is_cut_off(text: str, found: re.Match[str]) -> bool:
    """Whether a tag that begins a record, as no word of a list does, ends the text."""
    before = text[max(0, found.start() - _LONGEST_ESCAPE) : found.start()]
    return _ENDS.match(text, found.end()) is not None and _BEGINS.search(before) is not None
