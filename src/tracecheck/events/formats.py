"""The formats of events: each is a class whose instances read blocks of lines, one a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

from ..model.tuning import Tuning
from ..reading.lines.blocks import Block
from .table import EventBatch, Needs
from .trace_line.reader import TraceLines


class EventReader(Protocol):
    """Reads the events of one format; shared by the threads of a run."""

    def read(self, block: Block, needs: Needs) -> EventBatch:
        """Decode the lines of a block; each is an event, plain, or malformed."""


FORMATS: Mapping[str, Callable[[Tuning], EventReader]] = MappingProxyType({"trace": TraceLines})
"""Every format by its name."""
