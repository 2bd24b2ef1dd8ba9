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

    One that differs in upper and lower case alone is alike. Only the first `among` are looked at:
    a hostile file could otherwise ask for millions of comparisons.
    """
    names = list(islice(known, among))
    found = get_close_matches(name[:_SHOWN], names, n=1, cutoff=cutoff)
    found = found or [one for one in names if one.casefold() == name.casefold()]
    return found[0] if found else None


def did_you_mean(word: str) -> str:
    """The hint that `word` was meant."""
    return f"did you mean {word}?"


def suggestion(name: str, known: Iterable[str]) -> str | None:
    """The hint that the nearest of the known names was meant, if one is near."""
    near = nearest(name, known)
    return did_you_mean(near) if near else None


def printable(text: str) -> str:
    """`text` without what could move the cursor or break the line of a message."""
    return "".join(char if char.isprintable() else "\ufffd" for char in text)


def quoted(text: str) -> str:
    """`text` as a message shows it: on one line, printable, not too long."""
    shown = printable(text[: _SHOWN + 1])
    return f"`{shown[:_SHOWN]}\u2026`" if len(shown) > _SHOWN else f"`{shown}`"
