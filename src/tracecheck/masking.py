"""Personal values are masked before they reach a report, however the line writes them.

A value too many masked costs nothing; one too few is told to everybody who reads the report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MASK = "***"
"""What stands in a report for a personal value."""

_JSON_VALUE = (
    r"""(?:\\+"(?:(?!\\+").)*(?:\\+")?|"(?:[^"\\]|\\.)*"?|'[^']*'?"""
    r"""|\[[^\]]*\]?|\{[^}]*\}?|[^\s,}\]|]+)"""
)
_QUOTE = r"""\\*["']?"""


@dataclass(frozen=True, slots=True)
class Masking:
    """The fields whose values no report may show, under every name they are written with."""

    names: frozenset[str] = frozenset()

    def text(self, text: str) -> str:
        """A text without the values of personal fields."""
        for pattern, masked in self._patterns():
            text = re.sub(pattern, masked, text)
        return text

    def value(self, name: str, value: str) -> str:
        """A field's value, which may itself hold personal fields."""
        return MASK if name in self.names and value else self.text(value)

    def _patterns(self) -> tuple[tuple[str, str], ...]:
        if not self.names:
            return ()
        either = "|".join(sorted(map(re.escape, self.names), key=len, reverse=True))
        name = rf"(?<![A-Za-z0-9_])(?:{either})"
        return (
            # name: value and name => value, as in JSON and the like of it, also inside a string
            (rf"({name}{_QUOTE}\s*(?::|=>)\s*){_JSON_VALUE}", rf'\g<1>"{MASK}"'),
            # name=value up to the next pipe, as a trace line has it, and in a query
            (rf"({name}{_QUOTE}\s*=(?!>)\s*)[^|\s][^|]*", rf"\g<1>{MASK}"),
            (rf"({name}%3[Dd])[^|&\s]+", rf"\g<1>{MASK}"),
            # <name>value</name>
            (rf"(<(?:{either})\b[^<>|]*>)[^<|]+", rf"\g<1>{MASK}"),
        )
