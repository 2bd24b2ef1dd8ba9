"""Bytes of one source, in pieces of any size, into blocks of whole lines.

Lines end at LF and nothing else; long ones are cut, and parts of lines are joined, while they
are bytes. How the bytes arrive never shows in what leaves.
"""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from ...model.tuning import DEFAULT_TUNING, Tuning
from ...model.verdict import Input
from . import long_lines
from .envelopes import may_hold_envelope
from .escapes import may_hold_escape
from .line_ends import BLANKS, lead, pieces, without_leads
from .part_forms import may_hold_part
from .parts import Joiner, Line
from .places import file_of, next_place, place_of

LF = ord("\n")


@dataclass(frozen=True, slots=True)
class Block:
    """Whole lines of one source, as valid text.

    `texts` (String) are the lines as they stand, line ends gone; `places` is where each stands: a
    range, or a list where joined parts leave gaps. `undecodable` and `too_long` are positions
    (0-based, in the block) of lines that are no UTF-8, or were cut. Without `has_escape` there are
    no terminal escapes, without `has_brace` no JSON envelopes.
    """

    texts: pl.Series
    places: Sequence[int]
    undecodable: frozenset[int] = frozenset()
    too_long: frozenset[int] = frozenset()
    has_escape: bool = False
    has_brace: bool = False


@dataclass(slots=True)
class FileRead:
    """What was read of one file: its path as it began, lines, and bytes, decompressed.

    `in_line`: the last of the bytes ends no line.
    """

    path: str
    lines: int = 0
    bytes: int = 0
    in_line: bool = False


def inputs_of(files: Sequence[FileRead], paths: Sequence[str]) -> list[Input]:
    """What was read of the files of a source, oldest first, and what these are called now."""
    return [
        Input(path, file.lines, file.bytes, unfinished=file.in_line and at < len(files))
        for at, (file, path) in enumerate(zip(files, paths, strict=True), start=1)
    ]


def counted(blocks: Iterable[Block], files: Mapping[int, FileRead]) -> Iterator[Block]:
    """The same blocks, their lines counted to `files` by number: a block may be of several."""
    for block in blocks:
        start = 0
        while start < len(block.places):
            file = file_of(block.places[start])
            end = bisect_left(block.places, place_of(file + 1, 0), start)
            files[file].lines += end - start
            start = end
        yield block


class Cutter:
    """Cuts the bytes of one source into blocks.

    Call `begin` for each of its files in order, `room` and `filled` (or `feed`) for its bytes, and
    `end`, which is `closing` for the last. `tags` are those that rules name. Raises SourceError for
    a file of too many lines.
    """

    def __init__(self, tuning: Tuning = DEFAULT_TUNING, tags: frozenset[str] = frozenset()) -> None:
        self._most_lines = tuning.lines
        self._buffer = bytearray()
        self._carried = 0  # bytes at the start of the buffer that are not a whole line yet
        self._carry_is_cut = False
        self._line_bytes = 0  # bytes of that line, also those that are not kept
        self._next_place = 0
        self._joiner = Joiner(tags)

    def state(self) -> dict[str, Any]:
        """What is carried over, as plain values that a later run can go on with."""
        return {
            "carry": b64encode(self._buffer[: self._carried]).decode(),
            "carry_is_cut": self._carry_is_cut,
            "line_bytes": self._line_bytes,
            "next_place": self._next_place,
            "joiner": self._joiner.state(),
        }

    @classmethod
    def resumed(
        cls,
        state: Mapping[str, Any],
        tuning: Tuning = DEFAULT_TUNING,
        tags: frozenset[str] = frozenset(),
    ) -> Cutter:
        """Go on where another cutter was when its `state` was taken."""
        cutter = cls(tuning, tags)
        cutter._buffer = bytearray(b64decode(state["carry"]))
        cutter._carried = len(cutter._buffer)
        cutter._carry_is_cut = state["carry_is_cut"]
        cutter._line_bytes = state["line_bytes"]
        cutter._next_place = state["next_place"]
        cutter._joiner = Joiner.resumed(state["joiner"], tags)
        return cutter

    def drop_carry(self) -> int:
        """Forget the line that is not whole yet, as its end will not be read; return its bytes."""
        dropped = self._line_bytes
        self._carried, self._carry_is_cut, self._line_bytes = 0, False, 0
        return dropped

    def begin(self, file: int) -> None:
        """Go on with the first byte of this file, by its number in the run."""
        self._next_place = place_of(file, 1)

    def room(self, size: int) -> memoryview:
        """Where to put the next `size` bytes of the file; then call `filled` with their number."""
        wanted = self._carried + size
        if not self._buffer:
            # The system gives no page of it before it is used; a log may be short.
            self._buffer = bytearray(wanted)
        elif len(self._buffer) < wanted:
            self._buffer.extend(bytes(wanted - len(self._buffer)))
        return memoryview(self._buffer)[self._carried : wanted]

    def filled(self, size: int) -> Iterator[Block]:
        """Yield blocks of the lines that `size` more bytes made whole."""
        total = self._carried + size
        buffer = self._buffer
        end = buffer.rfind(b"\n", 0, total) + 1
        whole = bytes(memoryview(buffer)[:end])
        first_is_cut = self._carry_is_cut
        self._line_bytes = total - end if end else self._line_bytes + size
        self._carry(end, total)
        if whole:
            yield from self._blocks(whole, first_is_cut=first_is_cut, closing=False)

    def _carry(self, start: int, end: int) -> None:
        """Keep what the buffer has of a line that is not whole yet, and no more than it can need.

        What is dropped at its start is dropped as it arrives. Over the limit the line is cut,
        unless nothing but blanks turn up behind it.
        """
        buffer = self._buffer
        is_cut = self._carry_is_cut and not start
        start = lead(buffer, start, end)
        most = start + long_lines.MAX_LINE
        if end > most:
            is_cut = is_cut or long_lines.is_beyond(buffer[most:end])
            end = most
        self._carried, self._carry_is_cut = end - start, is_cut
        buffer[: self._carried] = buffer[start:end]

    def feed(self, data: bytes | bytearray) -> Iterator[Block]:
        """Take bytes that are there already."""
        self.room(len(data))[:] = data
        return self.filled(len(data))

    def end(self, *, closing: bool) -> Iterator[Block]:
        """Yield what is left at the end of a file; a last line without LF counts.

        With `closing` it is the source's last file: no part of a line is still to come.
        """
        rest = bytes(self._buffer[: self._carried])
        if self._line_bytes:
            rest += b"\n"  # also of a line of which nothing is left
        first_is_cut = self._carry_is_cut
        self.drop_carry()
        if rest or (closing and self._joiner.waits):
            yield from self._blocks(rest, first_is_cut=first_is_cut, closing=closing)

    def _blocks(self, data: bytes, *, first_is_cut: bool, closing: bool) -> Iterator[Block]:
        raw = without_leads(data)
        data, too_long = long_lines.cut(raw, first_is_cut=first_is_cut)
        block = _block(data, self._next_place, frozenset(too_long))
        joins = self._joiner.waits or may_hold_part(block.texts, has_brace=block.has_brace)
        if joins and len(parts := list(pieces(raw))) > 1:
            # Joining looks at each line on its own.
            for at, piece in enumerate(parts):
                yield from self._blocks(
                    piece,
                    first_is_cut=first_is_cut and at == 0,
                    closing=closing and at == len(parts) - 1,
                )
            return
        self._next_place = next_place(self._next_place, len(block.texts))
        if joins:
            block = self._joined(data, block, closing=closing)
        yield from _in_slices(block, self._most_lines)

    def _joined(self, data: bytes, block: Block, *, closing: bool) -> Block:
        """The block with its parts joined; what still waits for its end is left for the next."""
        texts = data.removesuffix(b"\n").split(b"\n") if data else ()
        lines = [
            Line(place, text, at in block.too_long)
            for at, (place, text) in enumerate(zip(block.places, texts, strict=True))
        ]
        ready = self._joiner.joined(lines, closing=closing)
        joined = _block(
            b"".join(line.data + b"\n" for line in ready),
            0,
            frozenset(at for at, line in enumerate(ready) if line.too_long),
        )
        return replace(joined, places=[line.place for line in ready])


def _block(data: bytes, first_place: int, too_long: frozenset[int]) -> Block:
    """The lines of `data`, without gaps between them."""
    undecodable: frozenset[int] = frozenset()
    valid = data
    try:
        # Looks for bytes that are no UTF-8 by the way, faster than asking for them.
        texts = _split_lines(data)
    except pl.exceptions.PolarsError:
        valid = data.decode(errors="replace").encode()  # an LF always ends what is no UTF-8
        texts = _split_lines(valid)
    if valid is not data or b"\0" in data:
        undecodable = _undecodable(data)
    has_escape = may_hold_escape(valid, texts)
    return Block(
        texts,
        range(first_place, first_place + len(texts)),
        undecodable,
        too_long,
        has_escape=has_escape,
        has_brace=(has_escape and b"{" in valid) or may_hold_envelope(valid),
    )


def _in_slices(block: Block, most: int) -> Iterator[Block]:
    """The block in parts of at most `most`: short lines take more room than bytes."""
    for start in range(0, len(block.texts), most):
        yield replace(
            block,
            texts=block.texts.slice(start, most),
            places=block.places[start : start + most],
            undecodable=_moved(block.undecodable, start, most),
            too_long=_moved(block.too_long, start, most),
        )


def _moved(positions: frozenset[int], start: int, most: int) -> frozenset[int]:
    return frozenset(at - start for at in positions if 0 <= at - start < most)


def _undecodable(data: bytes) -> frozenset[int]:
    """The lines that are no UTF-8, by their positions.

    UTF-16 and UTF-32 can be valid, but are NULs to a quarter and more, which text never is.
    """
    found = []
    at = 0
    for piece in pieces(data):
        for line in piece.removesuffix(b"\n").split(b"\n"):
            if not _is_utf8(line) or 4 * line.count(b"\0") > len(line.rstrip(BLANKS)):
                found.append(at)
            at += 1
    return frozenset(found)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _split_lines(data: bytes) -> pl.Series:
    """Lines at LF, blanks at their ends dropped: exactly what the engine's reader does, and more.

    The only use of `scan_lines`, which the engine may still change. It drops one CR.
    """
    if not data:
        return pl.Series(dtype=pl.String)
    texts = pl.scan_lines(io.BytesIO(data)).collect().to_series()
    if b"\r" in data or b"\t" in data or texts.str.ends_with(" ").any():
        texts = texts.str.strip_chars_end(BLANKS.decode())
    return texts
