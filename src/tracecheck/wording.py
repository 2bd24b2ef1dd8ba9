"""Words in a message: quoted, printable, and the nearest known one to what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice

_SHOWN = 60


def nearest(
    name: str, known: Iterable[str], *, cutoff: float = 0.6, among: int = 300
) -> str | None:
    """The known name that `name` was probably meant to be, if one is alike by `cutoff`.

    Only the first `among` are looked at: a hostile file could otherwise ask for millions of
    comparisons.
    """
    found = get_close_matches(name[:_SHOWN], list(islice(known, among)), n=1, cutoff=cutoff)
    return found[0] if found else None


def printable(text: str) -> str:
    """`text` without what could move the cursor or break the line of a message."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def quoted(text: str) -> str:
    """`text` as a message shows it: on one line, printable, not too long."""
    shown = printable(text[: _SHOWN + 1])
    return f"`{shown[:_SHOWN]}\u2026`" if len(shown) > _SHOWN else f"`{shown}`"
