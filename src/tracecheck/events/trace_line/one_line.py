"""One line: an event, plain, or malformed, as the contract defines it.

The vectorised reader is held to this by a law; it is also what explains a bad line to people.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from .damage import damaged_tags, first_field_at, has_second_event, is_repeated
from .grammar import TraceLine, read_trace_line
from .quotes import cut


@dataclass(frozen=True, slots=True)
class OneLine:
    """What a line is: an event (`trace_line`), or `malformed` for a reason, or plain."""

    trace_line: TraceLine | None = None
    malformed: str | None = None
    has_second_event: bool = False


def read_line(text: str, tags: Collection[str]) -> OneLine:
    """Read one cleaned, unwrapped line. `tags` are those that some rule names."""
    found = read_trace_line(text, tags)
    if found is None:
        return OneLine(malformed=damage(text, tags))
    start = len(found.prefix)
    unquoted = cut(text, start)
    if unquoted is None:
        where = f"{found.tag} at column {start + 1}"
        return OneLine(malformed=f"{where} stands in quotes that are never closed")
    if unquoted != text:
        inside = read_trace_line(unquoted[start:], tags)
        if inside is None:
            return OneLine(malformed=damage(text, tags))
        found = replace(inside, prefix=found.prefix)
    malformed = damage_before(text, tags, found.tag, start)
    if malformed:
        return OneLine(malformed=malformed)
    first_field = first_field_at(text, start + len(found.tag))
    return OneLine(found, has_second_event=has_second_event(text, tags, first_field))


def damage(text: str, tags: Collection[str]) -> str | None:
    """Why a line that is no event is malformed; None if it is plain."""
    found = next(damaged_tags(text, tags), None)
    if found is None:
        return None
    tag, column = found[1], found.start(1) + 1
    behind = text[found.end(1) :]
    if not behind.strip(" \t"):
        return f"{tag} at column {column} ends the line: its fields are cut off"
    if behind.lstrip(" \t").startswith("|"):
        return f"{tag}| at column {column} has no field (name=value) after it"
    return f"{tag} at column {column} is followed by {behind[0]!r} where `|` should stand"


def explain_malformed(text: str, tags: Collection[str]) -> str:
    """Why a line is malformed, with the column (1-based)."""
    return read_line(text, tags).malformed or "should have been a trace line"


def damage_before(text: str, tags: Collection[str], tag: str, tag_at: int) -> str | None:
    """Why a line with an event of a tag, which stands at `tag_at`, is malformed all the same."""
    if is_repeated(text[:tag_at]):
        return f"{tag} stands in a line that was repeated: how often is not seen"
    end = first_field_at(text, tag_at + len(tag))
    for found in damaged_tags(text, tags, end):
        if found[1] != tag:
            column = found.start(1) + 1
            return f"{found[1]} at column {column} cannot be read as the tag: {tag} was taken"
    return None
