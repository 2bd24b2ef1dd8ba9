"""What stands in the way of reading a log, and what was left unread of it."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST_LOSSES = 20


@dataclass(slots=True)
class Troubles:
    """The troubles of one source, each in a line for a person.

    `fault`: why the last read failed; the next one tries again. `wait`: why the last look found
    no file to go on with. `gone`: the log that was read is there no more, and may come back.
    `moves`: files changed their names all through the last look. `loss`: what was left unread
    last, until more is read behind it. `losses`: all that was left unread for good, up to 20 of
    the newest.
    """

    fault: str | None = None
    wait: str | None = None
    gone: str | None = None
    moves: bool = False
    loss: str | None = None
    losses: list[str] = field(default_factory=list)

    @property
    def now(self) -> str | None:
        """What stands in the way now, in one line."""
        return self.fault or self.wait or self.gone or self.loss

    def unread(self, path: str) -> list[str]:
        """What could not be read, and cannot be any more or not now; not what is gone."""
        now = self.fault or self.wait
        if now is None and self.moves:
            now = f"{path}: it was being rotated all the while; check it again"
        return [*self.losses, *([now] if now else [])]

    def lose(self, loss: str) -> None:
        """Note that a file, or a part of it, is left unread."""
        self.loss = loss
        self.losses.append(loss)
        del self.losses[:-_MOST_LOSSES]


def gone(path: str) -> str:
    """The trouble of a file that went away."""
    return f"{path}: the file is gone; waiting for it to come back"
