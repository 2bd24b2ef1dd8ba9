"""Parts of lines into lines: each is joined to the next of its stream, up to the last."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Container, Iterable, Mapping
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
    the `stream` of it; `tail` comes behind the last. At `flag_at` it says that it goes on. Of its
    last part, `is_full` says whether docker may have cut the line there, `word` how it ends, and
    `time` when it came. `shows_tag`: one that some rule names stands in it, with its pipe.
    """

    place: int
    data: bytes | bytearray
    too_long: bool
    offset: int = 0
    stream: str | None = None
    tail: bytes = b""
    flag_at: int | None = None
    is_full: bool = False
    word: str | None = None
    time: str | None = None
    shows_tag: bool = False

    def begin(self, part: Part, tags: Container[str]) -> None:
        """Be the first part of a line."""
        self.data = bytearray(part.head + part.content)  # grows in place with each part
        self.tail = part.tail
        self.flag_at = part.flag_at
        self.take(part, tags)

    def take(self, part: Part, tags: Container[str]) -> None:
        """Note what a part, whose content is here, says of the next."""
        self.stream = self.word = self.time = None
        self.is_full = False
        if not part.last:
            self.stream, self.is_full = part.stream, part.is_full
            self.word, self.time = part.word, part.time
            self.shows_tag = self.shows_tag or part.shows_tag(tags)
        at = self.flag_at
        if part.last and at is not None:
            self.data = self.data[:at] + b"F" + self.data[at + 1 :]

    def append(self, content: bytes, *, too_long: bool) -> None:
        """Add the content of a part; one that is `too_long` goes on, cut off."""
        if self.too_long:
            return
        room = long_lines.MAX_LINE - len(self.data)
        self.data += content[:room]
        self.too_long = too_long or long_lines.is_beyond(content[room:])
        if self.too_long and len(content) > room:
            self.data = bytearray(long_lines.whole_characters(bytes(self.data)))

    def give_up(self, *, in_doubt: bool = False) -> None:
        """No next part comes. What docker cut is left cut: its quotes are never closed."""
        self.stream = None
        if self.is_full or in_doubt:
            self.tail = b""

    def finish(self) -> None:
        """Nothing more is added."""
        self.append(self.tail, too_long=False)
        self.tail = b""


class Joiner:
    """Joins the parts of one source, which is given line after line.

    Nothing need be given while nothing waits and no line is a part that is not the last. `tags` are
    those that rules name.
    """

    def __init__(self, tags: Container[str] = frozenset()) -> None:
        self._tags = tags
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
    def resumed(cls, state: Mapping[str, Any], tags: Container[str] = frozenset()) -> Joiner:
        """Go on where another joiner was when its `state` was taken."""
        joiner = cls(tags)
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
            for line in self._open.values():
                line.give_up()
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
        first = self._open.pop(part.stream, None) if part else None
        is_anew = bool(part and first and self._begins_anew(first, part))
        is_in_doubt = bool(part and first and not is_anew and _is_in_doubt(first, part))
        if part and first and not is_anew and not is_in_doubt:
            first.append(part.content, too_long=line.too_long)
            first.take(part, self._tags)
            line = first
        else:
            if first:
                first.give_up(in_doubt=is_in_doubt)
            if part and not part.last:
                line.begin(part, self._tags)
            self._waiting.append(line)
        if line.stream:
            self._open[line.stream] = line

    def _begins_anew(self, first: Line, part: Part) -> bool:
        """Whether what looks like a part of a line is one of its own.

        What is killed leaves its last words without a newline. A tag joined to these is none.
        """
        if not first.word or first.is_full:
            return False
        return part.begins_with_tag(self._tags, first.word)

    def _give_up(self, line: Line) -> None:
        """End, unfinished, the lines that have waited over MAX_WAIT for their next part at `line`.

        Asked at each line, so that it does not depend on how the bytes arrive.
        """
        for stream, first in list(self._open.items()):
            if line.offset - first.offset > MAX_WAIT:
                self._open.pop(stream).give_up()


def _is_in_doubt(first: Line, part: Part) -> bool:
    """Whether a part may be a line of its own, and what waits for it a trace line.

    Docker cuts what is full, and gives all parts of a line one time.
    """
    is_timed = first.time is not None and part.time is not None
    return first.shows_tag and not first.is_full and is_timed and first.time != part.time
