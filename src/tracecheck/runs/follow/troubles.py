"""What stands in the way of a run: told when it begins, changes, or is over."""

from __future__ import annotations

from collections.abc import Mapping

from ...model.live import Trouble


class Troubles:
    """Remembers the troubles that stand, by what each is about, to tell only what changes."""

    def __init__(self) -> None:
        self._standing: dict[str, str] = {}

    @property
    def standing(self) -> tuple[Trouble, ...]:
        """Those that stand, as they were told last."""
        return tuple(Trouble(about, message) for about, message in self._standing.items())

    def update(self, now: Mapping[str, str]) -> list[Trouble]:
        """What changed, now that these stand: what is over first, then what is new."""
        before, self._standing = self._standing, dict(now)
        over = [Trouble(*one, over=True) for one in before.items() if one[0] not in now]
        new = [Trouble(*one) for one in now.items() if before.get(one[0]) != one[1]]
        return [*over, *new]
