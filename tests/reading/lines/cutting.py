"""Lines as the cutter makes them of bytes that arrive in pieces."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tracecheck.reading.lines.blocks import Block, Cutter
from tracecheck.reading.lines.places import file_and_line


def lines_of(
    *files: Iterable[bytes], resumed: bool = False, tags: frozenset[str] = frozenset()
) -> list[str]:
    """The texts of a source, whose files come in pieces."""
    blocks = blocks_of(*files, resumed=resumed, tags=tags)
    return [text for block in blocks for text in block.texts]


def numbers_of(*files: Iterable[bytes]) -> list[tuple[int, int]]:
    """File and number of each line."""
    return [file_and_line(place) for block in blocks_of(*files) for place in block.places]


def defects_of(*files: Iterable[bytes]) -> tuple[int, int]:
    """How many lines are undecodable, and how many too long."""
    blocks = blocks_of(*files)
    return sum(len(one.undecodable) for one in blocks), sum(len(one.too_long) for one in blocks)


def blocks_of(
    *files: Iterable[bytes], resumed: bool = False, tags: frozenset[str] = frozenset()
) -> list[Block]:
    """All blocks of a source; `resumed` goes on from a written state after each piece."""
    cutter = Cutter(tags=tags)
    found: list[Block] = []
    for number, pieces in enumerate(files):
        cutter.begin(number)
        for piece in pieces:
            found += cutter.feed(piece)
            if resumed:
                cutter = Cutter.resumed(json.loads(json.dumps(cutter.state())), tags=tags)
        found += cutter.end(closing=number == len(files) - 1)
    return found
