"""How lines become events: the formats that are known, by name.

A reader is made once a run and shared by its threads; what it learns of the log changes its
speed and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from ..reading.lines.decoding import Lines
from .table import EventBatch, Needs
from .trace_line.layouts import LayoutCache
from .trace_line.reader import read_events


class EventReader(Protocol):
    """Reads the events of one format."""

    def read(self, lines: Lines, needs: Needs) -> EventBatch:
        """The lines as a batch: every line is an event, plain, or malformed."""


class TraceLines:
    """`TAG|name=value|...`, as the grammar defines it."""

    def __init__(self) -> None:
        self._book = LayoutCache()

    def read(self, lines: Lines, needs: Needs) -> EventBatch:
        """The lines as a batch."""
        return read_events(lines, needs, self._book)


FORMATS: Mapping[str, Callable[[], EventReader]] = MappingProxyType({"trace_line": TraceLines})
"""Every format by the name that a rule file or `--events` would use."""
