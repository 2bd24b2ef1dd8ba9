"""Tags that stand beside the message of a line, in what its envelopes hold besides: damage as well.

The message says nothing of them, so no event is read there, and nobody would be told.
"""

from __future__ import annotations

import json
import re
from itertools import islice

import polars as pl

from ...reading.lines.beside import heads_and_members
from ...reading.lines.decoding import Lines
from .damage import begun_tags, damaged_tags
from .grammar import is_level
from .guards import count_tags
from .layouts import Asked

_ESCAPE_IN_JSON = r"\\u00(?:1[bB]|[89])|(?:\\x1[bB]|\\033|#033|\^\[)\["
"""It, or a colour that is written as text, may part a tag, which is whole once it is gone."""

_MOST_EVENTS = 20
"""Of a message that begins more, what comes again of the others is told, rather than kept."""

_NO_MORE = re.compile(r"""(?=[\s"'\\)\]}]|\Z)(?![ \t]*\|)""")
"""Behind what a message holds as well: neither more of a value, nor another field."""


def hide_events(lines: Lines, asked: Asked) -> list[int]:
    """The rows of lines that are malformed for what stands in their envelopes beside the message.

    That is a damaged tag before the object, or a text in it in which an event of a named tag
    begins, unless the message holds it, too.
    """
    tags = frozenset(tag for tag in asked.tags if not is_level(tag))
    wrapped = lines.wrapped
    if not tags or not wrapped.height:
        return []
    # Of what is unwrapped, most is the message, and every tag in it is found there again.
    unwrapped = lines.frame["@text"].gather(wrapped["@row"])
    is_more = count_tags(pl.col("@text"), tags) > count_tags(pl.col("@message"), tags)
    asked_more = wrapped.with_columns(unwrapped.alias("@message")).filter(
        is_more | pl.col("@text").str.contains(_ESCAPE_IN_JSON)
    )
    return [
        row for row, text, message in asked_more.iter_rows() if _hides_event(text, message, asked)
    ]


def _hides_event(text: str, message: str, asked: Asked) -> bool:
    begun = islice(begun_tags(message, asked.tags, asked.wanted), _MOST_EVENTS)
    events = [message[one.start(1) :] for one in begun]
    if events and _is_all(events[0], text, asked.tags):
        return False
    heads, members = heads_and_members(text, asked.tags)
    if any(any(damaged_tags(head, asked.tags, asked.wanted)) for head in heads):
        return True
    held = [*events, *(json.dumps(one, ensure_ascii=False)[1:-1] for one in events)]
    return any(
        not _is_held(member, begun.start(1), message, held)
        for member in members
        if "|" in member or "=" in member
        for begun in begun_tags(member, asked.tags, asked.wanted)
    )


def _is_all(event: str, text: str, tags: frozenset[str]) -> bool:
    """Whether no tag is left in a JSON text without what the message ends in, which comes again.

    Many logs hold each message twice, and to look at all of an object takes long.
    """
    if "\\" in event or re.search(_ESCAPE_IN_JSON, text):
        return False
    rest = text.replace(f'{event}"', '"')
    return not any(tag in rest for tag in tags)


def _is_held(member: str, tag_at: int, message: str, held: list[str]) -> bool:
    """Whether what begins with a tag in a text is held by the message, too."""
    return member[tag_at:] in message or any(
        member.startswith(one, tag_at) and _NO_MORE.match(member, tag_at + len(one)) for one in held
    )
