"""How a run is tuned: what changes its speed and its memory, and nothing that it says."""

from __future__ import annotations

import os
from dataclasses import dataclass, field

_MOST_WORKERS = 8


def _cores() -> int:
    """Processors this process may use, where the system tells."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Tuning:
    """The numbers that measurements chose.

    `block`: bytes read at a time; a few blocks are in memory at once, whatever the size of the log.
    `workers`: blocks prepared at once; each takes memory, and the fold is one thread after all.
    `lines`: lines of one batch, as short lines take more room than their bytes.
    `learn_after`: lines of no known layout for which the grammar is asked to read one.
    `search_from`: bytes of a line above which no layout is tried.
    `segments`: segments searched in one go, which bounds memory on lines made of pipes.
    `merge_after`: rows that wait to be merged, as one large merge costs less than many small.
    `leave_out_from`: open events of which a merge leaves out those whose keys do not come again.
    `compact_after`: completed handoffs that wait to be sorted in among those of earlier parts.
    `names`: names of tags, and of fields, that are remembered beside those that rules ask for.
    `values`: values that are remembered of a field that has not every text that rules ask for.
    """

    block: int = 16 << 20
    workers: int = field(default_factory=lambda: min(_MOST_WORKERS, _cores()))
    lines: int = 1 << 17
    learn_after: int = 8
    search_from: int = 1 << 16
    segments: int = 1 << 20
    merge_after: int = 200_000
    leave_out_from: int = 1_000
    compact_after: int = 1_000_000
    names: int = 1_000
    values: int = 100


DEFAULT_TUNING = Tuning()
