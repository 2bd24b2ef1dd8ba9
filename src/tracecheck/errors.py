"""The errors a user can meet; the text of each is made for a person, one line a complaint.

A bad trace line is data and a broken rule is an outcome: neither is an exception.
What is not a `TracecheckError` is a bug, and the command line reports it as one (exit 4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class TracecheckError(Exception):
    """Base of all errors that are the input's fault, not the program's."""


class UsageError(TracecheckError):
    """The command line or the call asks for something that cannot be done."""


class SourceError(TracecheckError):
    """A source cannot be opened, read or decompressed."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """One thing wrong in a rule file, with its place.

    `line` and `column` are 1-based; `excerpt` is the offending source line with a caret
    under the fault (two lines of text), or empty where there is none to show.
    """

    path: str
    line: int
    column: int
    message: str
    rule: str | None = None
    hint: str | None = None
    excerpt: str = ""

    def __str__(self) -> str:
        rule = f" [{self.rule}]" if self.rule else ""
        hint = f" ({self.hint})" if self.hint else ""
        excerpt = f"\n{self.excerpt}" if self.excerpt else ""
        return f"{self.path}:{self.line}:{self.column}:{rule} {self.message}{hint}{excerpt}"


class RuleFileError(TracecheckError):
    """A rule file that cannot be used; carries every complaint found, in file order."""

    def __init__(self, complaints: Sequence[Complaint]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("\n".join(str(complaint) for complaint in self.complaints))
