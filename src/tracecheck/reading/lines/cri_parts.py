"""Parts of CRI lines into lines: each `P` part is joined to the next `F` of its stream.

Done while lines are bytes, as a character may be cut between two parts.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

import polars as pl

from . import long_lines
from .envelopes import CRI_PREFIX

MAX_WAIT = 16 << 20
"""What may stand between a CRI partial line and its end; then it ends unfinished. Counted in
bytes, and `_LINE_COST` more for each line, as short lines take room too."""

_LINE_COST = 64
_MARKS = [" stdout P", " stderr P"]
_CRI = re.compile(CRI_PREFIX.encode())


@dataclass(slots=True)
class Line:
    """One line while parts are joined: the place where it began, and its bytes without LF.

    `offset` is what all lines before it cost (see MAX_WAIT); of an `open` one the next part is
    still to come.
    """

    place: int
    data: bytes | bytearray
    too_long: bool
    offset: int = 0
    joined: bool = False
    open: bool = False

    def finish(self) -> None:
        """Guard a CR that is content from being taken for the line end by a later reader."""
        self.open = False
        if self.joined and self.data.endswith(b"\r"):
            self.data += b"\r"


def may_hold_part(texts: pl.Series) -> bool:
    """Whether a `P` part may be among the lines; a quick look, as every line is asked."""
    return texts.str.contains_any(_MARKS).any()


class Joiner:
    """Joins the parts of one source, which is given line after line.

    Nothing need be given while nothing waits and no line is a `P` part.
    """

    def __init__(self) -> None:
        self._waiting: list[Line] = []
        self._cost = 0

    def state(self) -> dict[str, Any]:
        """What waits, as plain values that a later run can go on with."""
        lines = [{**asdict(line), "data": b64encode(line.data).decode()} for line in self._waiting]
        return {"cost": self._cost, "lines": lines}

    @classmethod
    def resumed(cls, state: Mapping[str, Any]) -> Joiner:
        """Go on where another joiner was when its `state` was taken."""
        joiner = cls()
        joiner._cost = state["cost"]
        joiner._waiting = [
            Line(**{**line, "data": bytearray(b64decode(line["data"]))}) for line in state["lines"]
        ]
        return joiner

    @property
    def waits(self) -> bool:
        """Whether lines were given that did not leave yet."""
        return bool(self._waiting)

    def joined(self, lines: Iterable[Line], *, closing: bool) -> list[Line]:
        """The lines that can go; those after a part that waits for its end wait with it.

        With `closing`, no line follows, and none waits.
        """
        open_parts: dict[bytes, Line] = {}
        kept: list[Line] = []
        for line in chain(self._waiting, self._measured(lines)):
            _give_up(line, open_parts)
            if not _belongs(line, open_parts):
                kept.append(line)
        wait_from = next((at for at, line in enumerate(kept) if line.open), len(kept))
        if closing:
            wait_from = len(kept)
        for line in kept[:wait_from]:
            line.finish()
        self._waiting = kept[wait_from:]
        return kept[:wait_from]

    def _measured(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            line.offset = self._cost
            self._cost += len(line.data) + 1 + _LINE_COST
            yield line


def _belongs(line: Line, open_parts: dict[bytes, Line]) -> bool:
    """Whether the line is a later part of one that is open, to which it is then joined."""
    part = _CRI.match(line.data)
    if not part:
        return False
    if line.open:
        open_parts[part["stream"]] = line
        return False
    first = open_parts.get(part["stream"])
    if first:
        _append_part(first, line.data[part.end() :], too_long=line.too_long)
        if part["flag"] == b"F":
            first.open = False
            del open_parts[part["stream"]]
    elif part["flag"] == b"P":
        head = line.data[: part.start("flag")] + b"F" + (part["tags"] or b"") + b" "
        # Grows in place with each part.
        line.data = bytearray(head + line.data[part.end() :].removesuffix(b"\r"))
        line.open = line.joined = True
        open_parts[part["stream"]] = line
    return first is not None


def _give_up(line: Line, open_parts: dict[bytes, Line]) -> None:
    """End, unfinished, the lines that have waited over MAX_WAIT for their next part at `line`.

    Asked at each line, so that it does not depend on how the bytes arrive.
    """
    for stream, first in list(open_parts.items()):
        if line.offset - first.offset > MAX_WAIT:
            first.open = False
            del open_parts[stream]


def _append_part(first: Line, content: bytes | bytearray, *, too_long: bool) -> None:
    """Add a part to its line. A CR at the end of a part is its line end, not content."""
    if first.too_long:
        return
    content = content.removesuffix(b"\r")
    room = long_lines.MAX_LINE - len(first.data)
    first.data += content[:room]
    if too_long or len(content) > room:
        first.too_long = True
        first.data = long_lines.whole_characters(bytes(first.data))
