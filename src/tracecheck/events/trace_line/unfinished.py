"""Lines that are not whole: parts as CRI writes them, whose end is not in the log.

Joined, a line has the flag `F` of its last part; where that never came it says `P`. The last value
of such a line may be cut.
"""

from __future__ import annotations

import re

MAY_BE_UNFINISHED = "std(?:out|err) P"
"""What is found in the prefix of each, as a pattern of either regex engine."""

_PART = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2}) std(?:out|err) P(?::[^ ]*)? "
)


def is_unfinished(prefix: str) -> bool:
    """Whether the text before a tag says that its line goes on, and is not there to its end."""
    return _PART.search(prefix) is not None
