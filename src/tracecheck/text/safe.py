"""Text of a stranger, made safe to print: shown, never obeyed.

A log line may hold anything: escape sequences that rewrite the screen, characters that
reverse or hide what stands beside them, and commands that a CI runner obeys when it meets
them in the output of a job. Nothing of the kind survives `shown`.
"""

from __future__ import annotations

import re
import unicodedata

LONGEST = 1000
"""Characters of one text that a report prints; the rest is only counted."""

# Drawn as nothing, or as a blank, though Unicode calls them letters and marks. The variation
# selectors 15 and 16, which only choose between a symbol and its emoji, are left alone.
_INVISIBLE = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE0E)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)

COMMAND = re.compile(r"(##[a-z]*)\[", re.IGNORECASE)
"""`##[error]`, `##vso[task…]`, `##teamcity[…]`: runners look for them anywhere in a line."""

# `::error::…` and `##…`: runners look for them at the start of a line, blanks aside.
STARTS = ("::", "##")


def shown(text: str, *, ascii: bool = False) -> str:
    r"""Text that does nothing but be read: what is not visible is written \xNN or \uNNNN.

    One line in, one line out. Backslashes stay as they are. With `ascii`, everything else
    beyond ASCII is written so too. That no line *starts* with `::` or `##` is the business
    of who lays out the lines.
    """
    if not text.isprintable() or not text.isascii():
        text = "".join(c if _visible(c, ascii) else _escaped(c) for c in text)
    return COMMAND.sub(r"\1\\x5b", text)


def clipped(text: str, limit: int = LONGEST, *, ascii: bool = False) -> str:
    """The shown text, cut to `limit` characters; a cut text says how long it was."""
    visible = shown(text[:limit], ascii=ascii)
    if len(text) <= limit and len(visible) <= limit:
        return visible
    return f"{visible[:limit]}{'...' if ascii else '…'} ({len(text):,} characters)"


def one_line(text: str) -> str:
    """A message for a person as exactly one line that stands safely at the start of a line."""
    safe = shown(text)
    body = safe.lstrip()
    if body.startswith(STARTS):
        blanks = safe[: len(safe) - len(body)]
        return f"{blanks}{_escaped(body[0])}{body[1:]}"
    return safe


def many_lines(text: str) -> str:
    """A message of several lines of our own (complaints with their excerpts), each made safe."""
    return "\n".join(map(one_line, text.split("\n")))


def _visible(character: str, ascii: bool) -> bool:
    if ascii and not character.isascii():
        return False
    if character in _INVISIBLE:
        return False
    # isprintable: no control, format, surrogate, private, unassigned or separator character,
    # and so no space but the ASCII one; the others of its kind are visible enough.
    return character.isprintable() or unicodedata.category(character) == "Zs"


def _escaped(character: str) -> str:
    code = ord(character)
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
