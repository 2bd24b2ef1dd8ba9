"""What flows in while logs are followed: their tails, cut into blocks, their files numbered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, BinaryIO

from ..model.verdict import Input
from .lines.blocks import Block, Cutter, lines_of_files
from .lines.places import file_number
from .sources.decompression import InflateLimit
from .sources.discovery import Source
from .tail.handle import Access
from .tail.tail import Begin, End, Tail


@dataclass(slots=True)
class _File:
    path: str
    lines: int = 0
    bytes: int = 0


@dataclass(slots=True)
class _Inlet:
    """One source: its tail, what cuts it, and the files it has begun."""

    source: Source
    tail: Tail
    cutter: Cutter = field(default_factory=Cutter)
    files: list[_File] = field(default_factory=list)


class GrowingSources:
    """The sources of a run that follows, in their order; files have their numbers for good."""

    def __init__(
        self, block: int, inflate_limit: InflateLimit | None, stdin: BinaryIO | None
    ) -> None:
        self._inlets: list[_Inlet] = []
        self._block = block
        self._access = Access(stdin, inflate_limit)

    def add(self, source: Source, *, from_end: bool, joins: bool = False) -> int:
        """Follow one more source; its number.

        Raises SourceError for what is no log; of one that `joins`, that is a trouble.
        """
        tail = Tail(source, self._access, from_end=from_end, checked=not joins)
        self._inlets.append(_Inlet(source, tail))
        return len(self._inlets) - 1

    def __len__(self) -> int:
        return len(self._inlets)

    def behind(self, number: int) -> bool:
        """Whether a source had more to read when it was read last."""
        return self._inlets[number].tail.behind

    def live(self, number: int) -> bool:
        """Whether anything may still come of a source."""
        return not self._inlets[number].tail.ended

    @property
    def lag(self) -> int:
        """Bytes that are there and were not read."""
        return sum(inlet.tail.lag for inlet in self._inlets)

    @property
    def read_bytes(self) -> int:
        """Bytes that were read, in all."""
        return sum(file.bytes for inlet in self._inlets for file in inlet.files)

    def troubles(self) -> dict[str, str]:
        """What stands in the way of reading, by path."""
        return {
            inlet.source.files[-1]: inlet.tail.trouble
            for inlet in self._inlets
            if inlet.tail.trouble is not None
        }

    def unread(self) -> list[str]:
        """What could not be read of the sources, in a line each."""
        return [line for inlet in self._inlets for line in inlet.tail.unread]

    def paths(self) -> dict[int, str]:
        """Every file by its number, as it was called when it began."""
        return {number: file.path for number, file in self._files().items()}

    def paths_now(self) -> dict[int, str]:
        """Every file by its number, as it is called now."""
        names = (path for inlet in self._inlets for path in inlet.tail.names())
        return dict(zip(self._files(), names, strict=True))

    def inputs(self, paths: Mapping[int, str]) -> list[Input]:
        """What was read of each file."""
        return [
            Input(paths[number], file.lines, file.bytes) for number, file in self._files().items()
        ]

    def read(self, number: int, size: int) -> Iterator[Block]:
        """What is there now of a source, at most about `size` bytes, cut into blocks."""
        inlet = self._inlets[number]
        gathered: list[bytes] = []
        waiting = 0
        for piece in inlet.tail.read(size):
            if isinstance(piece, bytes):
                gathered.append(piece)
                waiting += len(piece)
                if waiting < self._block:
                    continue
            yield from self._fed(inlet, gathered)
            gathered, waiting = [], 0
            if isinstance(piece, Begin):
                inlet.files.append(_File(piece.path))
                inlet.cutter.begin(file_number(number, len(inlet.files) - 1))
            elif isinstance(piece, End):
                yield from map(self._counted, inlet.cutter.end(closing=False))
        yield from self._fed(inlet, gathered)

    def end(self, number: int) -> Iterator[Block]:
        """The last lines of a source, as its log is closed."""
        inlet = self._inlets[number]
        if inlet.tail.behind and inlet.files:
            # It was left in the middle: what is not a whole line is the start of one.
            inlet.files[-1].bytes -= inlet.cutter.drop_carry()
        yield from map(self._counted, inlet.cutter.end(closing=True))

    def close(self) -> None:
        """Let go of all files."""
        for inlet in self._inlets:
            inlet.tail.close()

    def state(self) -> list[dict[str, Any]]:
        """Where reading is, as plain values that a later run can go on with."""
        return [
            {
                "source": list(inlet.source.files),
                "tail": inlet.tail.state(),
                "cutter": inlet.cutter.state(),
                "files": [asdict(file) for file in inlet.files],
            }
            for inlet in self._inlets
        ]

    def resume(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Go on where another was when it told its state."""
        for one in state:
            source = Source(tuple(one["source"]))
            tail = Tail.resumed(source, one["tail"], self._access)
            files = [_File(**file) for file in one["files"]]
            self._inlets.append(_Inlet(source, tail, Cutter.resumed(one["cutter"]), files))

    def _fed(self, inlet: _Inlet, gathered: Sequence[bytes]) -> Iterator[Block]:
        data = b"".join(gathered)
        if data:
            inlet.files[-1].bytes += len(data)
            yield from map(self._counted, inlet.cutter.feed(data))

    def _counted(self, block: Block) -> Block:
        files = self._files()
        for file, lines in lines_of_files(block):
            files[file].lines += lines
        return block

    def _files(self) -> dict[int, _File]:
        """Every file that has begun, by its number, in the order of a report."""
        return {
            file_number(source, at): file
            for source, inlet in enumerate(self._inlets)
            for at, file in enumerate(inlet.files)
        }
