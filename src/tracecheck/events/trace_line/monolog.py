"""What Monolog, the logger of PHP, writes behind each message: its context and more, as JSON.

`[2025-12-18T21:00:00+00:00] app.INFO: TAG|a=1 {"user":7} []`: it belongs to no value.
"""

from __future__ import annotations

import json
import re

PREFIX = r"\[[0-9]{4}-[^\]]*\] [A-Za-z0-9_.-]+\.[A-Z]+: "
"""What stands before each message, as a pattern of either regex engine."""

_PREFIX = re.compile(PREFIX)
_MAY_BEGIN = re.compile(r"[ \t](?=\{|\[\])")
_TRIES = 50
_BLANKS = " \t"


def without_context(text: str, tag_at: int) -> str:
    """The text without the objects, or empty lists, behind the message in which a tag stands.

    There are at most two. All of it where they do not end the text, or its prefix is another.
    """
    if not _PREFIX.search(text, 0, tag_at):
        return text
    for _ in range(2):
        text = text.rstrip(_BLANKS)
        starts = [found.end() for found in _MAY_BEGIN.finditer(text, tag_at)][-_TRIES:]
        start = next((at for at in reversed(starts) if _is_context(text[at:])), None)
        if start is None:
            break
        text = text[:start].rstrip(_BLANKS)
    return text


def _is_context(text: str) -> bool:
    if not text.endswith(("}", "[]")):
        return False
    try:
        return isinstance(json.loads(text), (dict, list))
    except (ValueError, RecursionError):
        return False
