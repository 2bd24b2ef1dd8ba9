"""Faults are raised where they are found and gathered here, so that all are reported at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import Complaint, RuleFileError
from ..text.wording import printable
from .source_text import RuleText


class Fault(Exception):
    """Something wrong at one place of a rule file; ends the reading of one value."""

    def __init__(self, file: RuleText, offset: int, message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.file = file
        self.offset = offset
        self.message = message
        self.hint = hint


class SkipError(Exception):
    """A value that cannot be read because of a fault that is noted already."""


class Complaints:
    """All faults found so far; `rule` is the rule that is being read."""

    def __init__(self) -> None:
        self.rule: str | None = None
        self._files: dict[str, int] = {}
        self._found: dict[tuple[int, int, str], tuple[Fault, str | None]] = {}
        self._concealed: set[str] = set()

    def __len__(self) -> int:
        return len(self._found)

    def opened(self, file: RuleText) -> None:
        """Note a file; complaints are reported in the order of the files."""
        self._files.setdefault(file.path, len(self._files))

    def add(self, fault: Fault) -> None:
        """Note one fault; the same at the same place only once."""
        self.opened(fault.file)
        place = (self._files[fault.file.path], fault.offset, fault.message)
        self._found.setdefault(place, (fault, self.rule))

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Note a fault that the block raises, and go on after it."""
        try:
            yield
        except Fault as fault:
            self.add(fault)
        except SkipError:
            pass

    @contextmanager
    def concealing(self, path: str) -> Iterator[None]:
        """If the file is no rule file, report that alone, and quote nothing of it."""
        try:
            yield
        except Fault as fault:
            fault.hint = fault.hint or "include names rule files"
            self._concealed.add(path)
            self._found = {
                place: found for place, found in self._found.items() if found[0].file.path != path
            }
            raise

    def raise_all(self) -> None:
        """Raise RuleFileError with all that was found, in file order; return if nothing was."""
        if self._found:
            raise RuleFileError([self._complaint(*self._found[p]) for p in sorted(self._found)])

    def _complaint(self, fault: Fault, rule: str | None) -> Complaint:
        file = fault.file
        line, column = file.position(fault.offset)
        return Complaint(
            file.path,
            line,
            column,
            printable(fault.message),
            rule,
            printable(fault.hint) if fault.hint else None,
            "" if file.path in self._concealed else file.excerpt(fault.offset),
        )
