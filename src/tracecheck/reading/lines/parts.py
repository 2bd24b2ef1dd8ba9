"""Parts of lines into lines: each is joined to the next of its stream, up to the last."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from . import long_lines
from .part_forms import Part, part_of

MAX_WAIT = 16 << 20
"""What may stand between a part and the next; then its line ends unfinished. Counted in bytes,
and `_LINE_COST` more for each line, as short lines take room too."""

_LINE_COST = 64


@dataclass(slots=True)
class Line:
    """One line while parts are joined: the place where it began, and its bytes without LF.

    `offset` is what all lines before it cost (see MAX_WAIT). One that waits for its next part has
    the `stream` of it; `tail` comes behind the last.
    """

    place: int
    data: bytes | bytearray
    too_long: bool
    offset: int = 0
    stream: str | None = None
    tail: bytes = b""

    def append(self, content: bytes, *, too_long: bool) -> None:
        """Add the content of a part; one that is `too_long` goes on, cut off."""
        if self.too_long:
            return
        room = long_lines.MAX_LINE - len(self.data)
        self.data += content[:room]
        self.too_long = too_long or long_lines.is_beyond(content[room:])
        if self.too_long and len(content) > room:
            self.data = long_lines.whole_characters(bytes(self.data))

    def finish(self) -> None:
        """Nothing more is added."""
        self.stream = None
        self.append(self.tail, too_long=False)
        self.tail = b""


class Joiner:
    """Joins the parts of one source, which is given line after line.

    Nothing need be given while nothing waits and no line is a part that is not the last.
    """

    def __init__(self) -> None:
        self._waiting: list[Line] = []
        self._open: dict[str, Line] = {}  # those of them that wait for a part, by its stream
        self._cost = 0

    def state(self) -> dict[str, Any]:
        """What waits, as plain values that a later run can go on with."""
        return {
            "cost": self._cost,
            "lines": [
                {
                    **asdict(line),
                    "data": b64encode(line.data).decode(),
                    "tail": b64encode(line.tail).decode(),
                }
                for line in self._waiting
            ],
        }

    @classmethod
    def resumed(cls, state: Mapping[str, Any]) -> Joiner:
        """Go on where another joiner was when its `state` was taken."""
        joiner = cls()
        joiner._cost = state["cost"]
        for line in state["lines"]:
            data, tail = bytearray(b64decode(line["data"])), b64decode(line["tail"])
            joiner._waiting.append(Line(**{**line, "data": data, "tail": tail}))
        joiner._open = {line.stream: line for line in joiner._waiting if line.stream}
        return joiner

    @property
    def waits(self) -> bool:
        """Whether lines were given that did not leave yet."""
        return bool(self._waiting)

    def joined(self, lines: Iterable[Line], *, closing: bool) -> list[Line]:
        """The lines that can go; those after a part that waits for the next wait with it.

        With `closing`, no line follows, and none waits.
        """
        for line in lines:
            line.offset = self._cost
            self._cost += len(line.data) + 1 + _LINE_COST
            self._give_up(line)
            self._take(line)
        if closing:
            self._open.clear()
        first = min((line.offset for line in self._open.values()), default=self._cost)
        wait_from = next(
            (at for at, line in enumerate(self._waiting) if line.offset >= first),
            len(self._waiting),
        )
        ready, self._waiting = self._waiting[:wait_from], self._waiting[wait_from:]
        for line in ready:
            line.finish()
        return ready

    def _take(self, line: Line) -> None:
        """Join the line to the one whose next part it is, or have it wait."""
        part = part_of(bytes(line.data), is_cut=line.too_long)
        first = self._open.get(part.stream) if part else None
        if part and first:
            first.append(part.content, too_long=line.too_long)
            if part.last:
                self._end(part.stream)
            return
        self._waiting.append(line)
        if part and not part.last:
            self._begin(line, part)

    def _begin(self, line: Line, part: Part) -> None:
        line.data = bytearray(part.head + part.content)  # grows in place with each part
        line.tail = part.tail
        line.stream = part.stream
        self._open[part.stream] = line

    def _end(self, stream: str) -> None:
        self._open.pop(stream).stream = None

    def _give_up(self, line: Line) -> None:
        """End, unfinished, the lines that have waited over MAX_WAIT for their next part at `line`.

        Asked at each line, so that it does not depend on how the bytes arrive.
        """
        for stream, first in list(self._open.items()):
            if line.offset - first.offset > MAX_WAIT:
                self._end(stream)
