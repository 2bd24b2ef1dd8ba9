"""One line: an event, plain, or malformed, as the contract defines it.

It puts the grammar, quotes and damage together; the vectorised reader is held to it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from tracecheck.events.trace_line.damage import (
    damaged_tags,
    first_field_at,
    has_second_event,
    is_damaged_before,
)
from tracecheck.events.trace_line.grammar import TraceLine, read_trace_line
from tracecheck.events.trace_line.lost_envelopes import goes_on_as_envelope
from tracecheck.events.trace_line.quotes import cut
from tracecheck.events.trace_line.unfinished import is_unfinished


@dataclass(frozen=True, slots=True)
class OneLine:
    """What a line is: an event (`trace_line`), or malformed, or plain."""

    trace_line: TraceLine | None = None
    malformed: bool = False
    has_second_event: bool = False


def read_line(text: str, tags: Collection[str], fields: Collection[str] = ()) -> OneLine:
    """Read one cleaned, unwrapped line.

    `tags` are those that some rule names, `fields` those that one reads.
    """
    found = read_trace_line(text, tags)
    is_damaged = any(damaged_tags(text, tags, fields))
    if found is None:
        return OneLine(malformed=is_damaged)
    start = len(found.prefix)
    unquoted = cut(text, start)
    if unquoted is None:
        return OneLine(malformed=True)
    if unquoted != text:
        inside = read_trace_line(unquoted[start:], tags)
        if inside is None:
            return OneLine(malformed=is_damaged)
        found = replace(inside, prefix=found.prefix)
    elif goes_on_as_envelope(text, start):
        return OneLine(malformed=True)
    if is_damaged_before(text, tags, fields, found.tag, start):
        return OneLine(malformed=True)
    first_field = first_field_at(text, start + len(found.tag))
    is_second = has_second_event(text, tags, fields, first_field)
    if is_unfinished(found.prefix):
        return OneLine(malformed=found.tag in tags or is_second or is_damaged)
    return OneLine(found, has_second_event=is_second)
