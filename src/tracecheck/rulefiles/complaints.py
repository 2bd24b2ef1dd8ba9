"""Faults are raised where they are found and gathered here, so that all are told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Complaint, RuleFileError
from ..grammars.mistakes import printable
from .source import Source


class Fault(Exception):
    """Something wrong at one place of a rule file; ends the reading of one value."""

    def __init__(self, source: Source, offset: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.source = source
        self.offset = offset
        self.message = message
        self.hint = hint


class SkipError(Exception):
    """A value that cannot be judged because of a fault that is already told."""


class Complaints:
    """All faults found so far; `rule` is the rule that is being read."""

    def __init__(self) -> None:
        self.rule: str | None = None
        self._sources: dict[str, int] = {}
        self._found: dict[tuple[int, int, str], Complaint] = {}

    def __len__(self) -> int:
        return len(self._found)

    def opened(self, source: Source) -> None:
        """Note a file, in whose order complaints are told."""
        self._sources.setdefault(source.path, len(self._sources))

    def add(self, fault: Fault) -> None:
        """Note one fault; the same at the same place only once."""
        self.opened(fault.source)
        line, column = fault.source.position(fault.offset)
        self._found.setdefault(
            (self._sources[fault.source.path], fault.offset, fault.message),
            Complaint(
                fault.source.path,
                line,
                column,
                printable(fault.message),
                self.rule,
                printable(fault.hint) if fault.hint else None,
                fault.source.excerpt(fault.offset),
            ),
        )

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Go on after the block if it raises a fault."""
        try:
            yield
        except Fault as fault:
            self.add(fault)
        except SkipError:
            pass

    def tell(self) -> None:
        """Raise what was found, in file order."""
        if self._found:
            raise RuleFileError([self._found[place] for place in sorted(self._found)])
