"""How a report is asked to look; the run itself never depends on it."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

NARROWEST = 40
"""A narrower terminal is treated as this wide: below it, lines only get harder to read."""


@dataclass(frozen=True, slots=True)
class Style:
    """`ascii`: own symbols and all foreign text in ASCII, for an output that knows no more.

    `quiet`: the verdict and why, in one line. What is for machines (JSON) ignores all of it.
    """

    width: int = 80
    color: bool = False
    quiet: bool = False
    ascii: bool = False


def ascii_only(encoding: str | None) -> bool:
    """Whether an output of this encoding must be spared anything but ASCII."""
    try:
        return not codecs.lookup(encoding or "ascii").name.startswith("utf")
    except LookupError:
        return True
