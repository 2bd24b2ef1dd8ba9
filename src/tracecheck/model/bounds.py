"""What a run that goes on for days may keep in memory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a rule may keep in memory, None for all there is.

    `open_keys` are keys under which something is not settled; `closed_keys` are those that are
    remembered to tell a duplicate from an orphan.
    """

    open_keys: int | None = None
    closed_keys: int | None = None


UNBOUNDED = Bounds()
