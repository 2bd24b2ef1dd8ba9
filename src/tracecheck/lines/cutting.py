"""Bytes of one source, in pieces of any size, into blocks of whole lines.

Lines end at LF and nothing else. A line over `MAX_LINE` bytes is cut there, so that memory
stays bounded whatever the file holds. CRI partial lines are joined here, as bytes, since a
character may be cut between two parts. How the bytes arrive never shows in what leaves.
"""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from .envelopes import CRI_PREFIX, may_hold_envelope
from .places import place_of

MAX_LINE = 1 << 20
"""Bytes of a line without its line end; what is beyond is dropped (contract, section 2)."""

MAX_WAIT = 16 << 20
"""What may stand between a CRI partial line and its end; then it ends unfinished. Counted in
bytes, and `_LINE_COST` more for each line, as short lines take room too."""

_LINE_COST = 64
_PIECE = 256 << 10

_MOST_LINES = 1 << 17

_BOM = b"\xef\xbb\xbf"
_CRI_PARTIAL_MARKS = [" stdout P", " stderr P"]
_CRI = re.compile(CRI_PREFIX.encode())


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of one source, as valid text.

    `texts` are the lines as they stand, line ends gone; `places` is where each stands: a range,
    or a list where joined parts leave gaps. `undecodable` and `too_long` are positions (0-based,
    in the block) of lines that were mended or cut. `has_escape` and `has_brace` tell what the
    bytes may hold: terminal escapes, JSON envelopes.
    """

    texts: pl.Series
    places: Sequence[int]
    undecodable: frozenset[int] = frozenset()
    too_long: frozenset[int] = frozenset()
    has_escape: bool = False
    has_brace: bool = False


class Cutter:
    """Cuts one source. Begin each of its files, fill it, end it; close the last; all in order."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._carried = 0  # bytes at the start of the buffer that are not a whole line yet
        self._carry_is_cut = False
        self._next_place = 0
        self._started = False
        self._waiting: list[_Line] = []
        self._offset = 0  # what all lines so far cost

    def begin(self, file: int) -> None:
        """What is filled in from here on is of this file, from its first byte."""
        self._next_place = place_of(file, 1)
        self._started = False

    def room(self, size: int) -> memoryview:
        """Where the next `size` bytes of the file go; tell with `filled` how many they were."""
        wanted = self._carried + size
        if len(self._buffer) < wanted:
            self._buffer.extend(bytes(wanted - len(self._buffer)))
        return memoryview(self._buffer)[self._carried : wanted]

    def filled(self, size: int) -> Iterator[Block]:
        """Yield blocks of the lines that `size` more bytes made whole."""
        total = self._carried + size
        buffer = self._buffer
        if not self._started:
            if total < len(_BOM) and buffer.startswith(_BOM[:total]):
                self._carried = total
                return
            if buffer.startswith(_BOM) and total >= len(_BOM):
                buffer[: total - len(_BOM)] = buffer[len(_BOM) : total]
                total -= len(_BOM)
            self._started = True
        end = buffer.rfind(b"\n", 0, total) + 1
        whole = bytes(memoryview(buffer)[:end])
        first_is_cut = self._carry_is_cut
        self._carry_is_cut = first_is_cut and not end
        self._carried = total - end
        buffer[: self._carried] = buffer[end:total]
        if self._carried > MAX_LINE + 1:
            # Longer than the limit even if a CR is still to be dropped: the rest of the line
            # need not be kept. One byte over the limit remains, to tell that it was cut.
            self._carried, self._carry_is_cut = MAX_LINE + 1, True
        if whole:
            yield from self._blocks(whole, first_is_cut=first_is_cut, closing=False)

    def feed(self, data: bytes) -> Iterator[Block]:
        """Take bytes that are there already."""
        self.room(len(data))[:] = data
        return self.filled(len(data))

    def end(self, *, closing: bool) -> Iterator[Block]:
        """Yield what is left at the end of a file; a last line without LF counts.

        `closing` tells that it is the source's last file: no part of a line is still to come.
        """
        rest, self._carried = bytes(self._buffer[: self._carried]), 0
        if not self._started:
            rest = rest.removeprefix(_BOM)
        first_is_cut, self._carry_is_cut = self._carry_is_cut, False
        if rest or (closing and self._waiting):
            yield from self._blocks(rest, first_is_cut=first_is_cut, closing=closing)

    def _blocks(self, data: bytes, *, first_is_cut: bool, closing: bool) -> Iterator[Block]:
        raw = data
        data, too_long = _cut_long_lines(data, first_is_cut=first_is_cut)
        block = _block(data, self._next_place, frozenset(too_long))
        joins = self._waiting or block.texts.str.contains_any(_CRI_PARTIAL_MARKS).any()
        if joins and len(pieces := _pieces(raw)) > 1:
            # Joining looks at each line on its own, and lines can be very short.
            for at, piece in enumerate(pieces):
                yield from self._blocks(
                    piece,
                    first_is_cut=first_is_cut and at == 0,
                    closing=closing and at == len(pieces) - 1,
                )
            return
        self._next_place += len(block.texts)
        if joins:
            cost = len(data) + _LINE_COST * len(block.texts)
            block = self._joined(data, block, closing=closing)
            self._offset += cost
        yield from _in_slices(block)

    def _joined(self, data: bytes, block: Block, *, closing: bool) -> Block:
        """Join CRI parts; lines after a part that still waits for its end wait with it."""
        lines = [*self._waiting, *_lines_of(data, block, self._offset)]
        ready, self._waiting = _join_parts(lines, closing=closing)
        joined = _block(
            b"".join(line.data + b"\n" for line in ready),
            0,
            frozenset(at for at, line in enumerate(ready) if line.too_long),
        )
        return replace(joined, places=[line.place for line in ready])


def _block(data: bytes, first_place: int, too_long: frozenset[int]) -> Block:
    """The lines of `data`, without gaps between them."""
    undecodable: frozenset[int] = frozenset()
    try:
        # Looks for bytes that are no UTF-8 by the way, faster than asking for them.
        texts = _split_lines(data)
    except pl.exceptions.PolarsError:
        data, undecodable = _valid_utf8(data)
        texts = _split_lines(data)
    return Block(
        texts,
        range(first_place, first_place + len(texts)),
        undecodable,
        too_long,
        has_escape=b"\x1b" in data,
        has_brace=may_hold_envelope(data),
    )


def _in_slices(block: Block) -> Iterator[Block]:
    """The block in parts of at most `_MOST_LINES`: short lines take more room than bytes."""
    for start in range(0, len(block.texts), _MOST_LINES):
        yield replace(
            block,
            texts=block.texts.slice(start, _MOST_LINES),
            places=block.places[start : start + _MOST_LINES],
            undecodable=_moved(block.undecodable, start),
            too_long=_moved(block.too_long, start),
        )


def _moved(positions: frozenset[int], start: int) -> frozenset[int]:
    return frozenset(at - start for at in positions if 0 <= at - start < _MOST_LINES)


def _pieces(data: bytes) -> list[bytes]:
    """The bytes in pieces of whole lines, of some `_PIECE` bytes each."""
    pieces = []
    start = 0
    while start < len(data):
        end = data.rfind(b"\n", start, start + _PIECE) + 1
        if not end:
            end = data.find(b"\n", start) + 1 or len(data)
        pieces.append(data[start:end])
        start = end
    return pieces


def _valid_utf8(data: bytes) -> tuple[bytes, frozenset[int]]:
    """The bytes with what is no UTF-8 replaced by U+FFFD, and the lines where that was done."""
    lines = data.split(b"\n")
    undecodable = []
    for at, line in enumerate(lines):
        try:
            line.decode()
        except UnicodeDecodeError:
            undecodable.append(at)
            lines[at] = line.decode(errors="replace").encode()
    return b"\n".join(lines), frozenset(undecodable)


def _split_lines(data: bytes) -> pl.Series:
    """Lines at LF, one CR at the end of each dropped: exactly what the engine's reader does.

    The only use of `scan_lines`, which the engine may still change.
    """
    if not data:
        return pl.Series(dtype=pl.String)
    return pl.scan_lines(io.BytesIO(data)).collect().to_series()


@dataclass(slots=True)
class _Line:
    """One line while parts are joined: where it began, in bytes too, and its bytes without LF."""

    place: int
    offset: int
    data: bytes | bytearray
    too_long: bool
    joined: bool = False
    open: bool = False

    def finish(self) -> None:
        """Guard a CR that is content from being taken for the line end by a later reader."""
        self.open = False
        if self.joined and self.data.endswith(b"\r"):
            self.data += b"\r"


def _lines_of(data: bytes, block: Block, offset: int) -> Iterator[_Line]:
    lines = data.removesuffix(b"\n").split(b"\n") if data else ()
    for at, (place, line) in enumerate(zip(block.places, lines, strict=True)):
        yield _Line(place, offset, line, at in block.too_long)
        offset += len(line) + 1 + _LINE_COST


def _join_parts(lines: list[_Line], *, closing: bool) -> tuple[list[_Line], list[_Line]]:
    """Join `P` parts to the next `F` of their stream; (lines that can go, lines that wait)."""
    open_parts: dict[bytes, _Line] = {}
    kept: list[_Line] = []
    for line in lines:
        _give_up(line, open_parts)
        if not _belongs(line, open_parts):
            kept.append(line)
    wait_from = next((at for at, line in enumerate(kept) if line.open), len(kept))
    if closing:
        wait_from = len(kept)
    for line in kept[:wait_from]:
        line.finish()
    return kept[:wait_from], kept[wait_from:]


def _belongs(line: _Line, open_parts: dict[bytes, _Line]) -> bool:
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


def _give_up(line: _Line, open_parts: dict[bytes, _Line]) -> None:
    """Let go of parts that have waited over MAX_WAIT bytes when `line` comes.

    Asked of each line, so that it does not depend on how the bytes arrive.
    """
    for stream, first in list(open_parts.items()):
        if line.offset - first.offset > MAX_WAIT:
            first.open = False
            del open_parts[stream]


def _append_part(first: _Line, content: bytes | bytearray, *, too_long: bool) -> None:
    """Add a part to its line. A CR at the end of a part is its line end, not content."""
    if first.too_long:
        return
    content = content.removesuffix(b"\r")
    room = MAX_LINE - len(first.data)
    first.data += content[:room]
    if too_long or len(content) > room:
        first.too_long = True
        first.data = _whole_characters(bytes(first.data))


def _cut_long_lines(data: bytes, *, first_is_cut: bool) -> tuple[bytes, list[int]]:
    """Cut each line at MAX_LINE bytes; also the positions of the lines that were cut.

    Looks at one byte in a mebibyte where no line is long.
    """
    start = 0
    pieces: list[bytes] = []
    too_long: list[int] = []
    seen = copied = 0
    while len(data) - start > MAX_LINE or (first_is_cut and start == 0):
        end = data.rfind(b"\n", start, start + MAX_LINE + 1)
        if end >= 0 and not (first_is_cut and start == 0):
            start = end + 1
            continue
        end = data.find(b"\n", start)
        end = len(data) if end < 0 else end
        length = end - start - (data[end - 1 : end] == b"\r")
        if length > MAX_LINE or (first_is_cut and start == 0):
            seen += data.count(b"\n", copied, start)
            too_long.append(seen)
            kept = _whole_characters(data[start : start + MAX_LINE])
            # A CR that the cut left last is content: one more guards it.
            pieces += [data[copied:start], kept, b"\r" if kept.endswith(b"\r") else b""]
            copied = end
        start = end + 1
        first_is_cut = False
    return (b"".join([*pieces, data[copied:]]) if pieces else data), too_long


def _whole_characters(data: bytes) -> bytes:
    """Drop the start of a UTF-8 character that the cut left without its end."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    decoder.decode(data)
    unfinished = decoder.getstate()[0]
    return data[: len(data) - len(unfinished)]
