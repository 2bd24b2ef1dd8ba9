"""Texts as one message of a chat: short, and with nothing in it that the chat would obey.

Slack reads `<!here>` and `<https://…|text>`; Mattermost and Discord read `@here`, `@somebody` and
`[text](https://…)` anywhere. A line of a log may hold all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

from ..text.safe import one_line

LONGEST = 2000
"""Characters of one message; Discord takes no more."""

LINES = 10
"""Lines of a digest; the rest is counted."""

_FRAME = 60
"""Characters that the first and the last line of a digest may take."""

# Slack's own three escapes. An at sign or a backtick becomes its fullwidth form, which looks the
# same and means nothing.
_INERT = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "\uff20", "`": "\uff40"}


def inert(text: str, limit: int = LONGEST) -> str:
    """The text on one line, as a chat shows it without obeying it, cut to `limit` characters."""
    safe = one_line(text[: limit + 1]).replace("](", "] (")
    inert = [_INERT.get(character, character) for character in safe]
    ends = list(accumulate(map(len, inert)))
    if not ends or ends[-1] <= limit:
        return "".join(inert)
    return "".join(text for text, end in zip(inert, ends, strict=True) if end < limit) + "…"


def digest(texts: Sequence[str]) -> str:
    """One text as it is; of several how many they are, the first, and how many more."""
    if len(texts) == 1:
        return inert(texts[0])
    first = texts[:LINES]
    room = (LONGEST - _FRAME) // len(first) - len("\n• ")
    lines = [f"{len(texts):,} findings:", *(f"• {inert(text, room)}" for text in first)]
    if len(texts) > len(first):
        lines.append(f"and {len(texts) - len(first):,} more")
    return "\n".join(lines)
