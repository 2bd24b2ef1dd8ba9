"""What is dropped of a line where its envelopes are unwrapped, one by one."""

from __future__ import annotations

import json
import re
from collections.abc import Container, Iterator

import polars as pl

from .decoding import DEEPEST, cleaned
from .envelopes import unwrap, without_surrogates

_TEXT = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_MAY_BE_UNCLEAN = re.compile(r"[\x00\x1b\x80-\x9f\\#^]")
"""All that begins an escape or an end: to clean one text takes long."""
_LINE_ENDS = "\r\n"


def heads_and_members(text: str, tags: Container[str]) -> tuple[list[str], list[str]]:
    """What stands before each object up to its brace, and the texts in it that are no message.

    Names are such texts, too, and so is what a name that comes again has hidden.
    """
    heads: list[str] = []
    members: list[str] = []
    for _ in range(DEEPEST):
        envelope = unwrap(text, tags)
        if envelope is None:
            break
        heads.append(envelope.head + "{")
        members += _members(text[len(envelope.head) :], envelope.text)
        text = _cleaned(envelope.text)
    return heads, members


def _members(body: str, message: str) -> Iterator[str]:
    message = message.rstrip(_LINE_ENDS)
    for found in _TEXT.finditer(body):
        text = found[0][1:-1]
        if "\\" in text:
            text = without_surrogates(json.loads(found[0]))
        if text.rstrip(_LINE_ENDS) != message:
            yield _cleaned(text)


def _cleaned(text: str) -> str:
    return str(cleaned(pl.Series([text]))[0]) if _MAY_BE_UNCLEAN.search(text) else text
