"""The fold: part after part of a log into one state."""

from __future__ import annotations

from .plan import Plan
from .state import Partial

_ROWS_OF_A_PART = 12_500
"""What a part counts for beside its open events: its findings and names take room too."""


class Fold:
    """Part after part into one state, from the beginning of the log.

    Merges when as much is waiting as there is already, so that the whole costs no more than
    sorting it, even where nothing ever settles.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._whole: Partial | None = None
        self._waiting: list[Partial] = []
        self._height = 0

    def add(self, part: Partial) -> None:
        """Take the next part."""
        if self._whole is None:
            self._whole = part.anchored()
            return
        self._waiting.append(part)
        self._height += part.height + _ROWS_OF_A_PART
        if self._height >= max(self._plan.tuning.merge_after, self._whole.height // 2):
            self.whole()

    def whole(self) -> Partial:
        """All that was taken so far, merged."""
        if self._whole is None:
            return self._plan.beginning()
        if self._waiting:
            self._whole = self._plan.merge([self._whole, *self._waiting])
            self._waiting, self._height = [], 0
        return self._whole
