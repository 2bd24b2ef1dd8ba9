"""The sources of a run that follows: their tails, cut into blocks, their files numbered."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from ..model.tuning import Tuning
from ..model.verdict import Input
from .lines.blocks import LF, Block, Cutter, FileRead, counted, inputs_of
from .lines.places import file_number
from .sources.discovery import Source
from .sources.opening import Access
from .tail.identity import Known
from .tail.pieces import Begin, End
from .tail.readers import Readers
from .tail.tail import Tail


@dataclass(slots=True)
class _Source:
    """One source: its tail, what cuts it, and the files it has begun."""

    given: Source
    tail: Tail
    cutter: Cutter
    files: list[FileRead] = field(default_factory=list)
    end: _End | None = None


@dataclass(frozen=True, slots=True)
class _End:
    """What a source left behind when its log was closed.

    `unread` are bytes of each file that was begun, and `others` files that were not. `empty` ones
    stand behind so many that were begun.
    """

    unread: Sequence[int]
    others: Sequence[Known]
    empty: Sequence[tuple[int, str]]


class GrowingSources:
    """The sources of a run that follows, by number; a file never changes its number."""

    def __init__(self, access: Access, tuning: Tuning, tags: frozenset[str]) -> None:
        self.readers = Readers()
        self._sources: list[_Source] = []
        self._tuning = tuning
        self._tags = tags  # that rules name
        self._access = access

    def add(self, source: Source, *, from_end: bool, joins: bool = False) -> int:
        """Follow one more source; return its number.

        Raises SourceError for what is no log; if it `joins` later, that becomes a trouble.
        """
        tail = Tail(
            source,
            self._access,
            from_end=from_end,
            checked=not joins,
            claimed=self.readers.claimed(len(self._sources)),
        )
        self._follow(_Source(source, tail, Cutter(self._tuning, self._tags)))
        return len(self._sources) - 1

    def __len__(self) -> int:
        return len(self._sources)

    def behind(self, number: int) -> bool:
        """Whether a source had more to read when it was read last."""
        return self._sources[number].tail.behind

    def live(self, number: int) -> bool:
        """Whether anything may still come of a source."""
        return not self._sources[number].tail.ended

    @property
    def lag(self) -> int:
        """Stored bytes that are there and were not read."""
        return sum(source.tail.lag for source in self._sources)

    @property
    def read_bytes(self) -> int:
        """Bytes that were read, inflated, in all."""
        return sum(file.bytes for source in self._sources for file in source.files)

    def troubles(self) -> dict[str, str]:
        """What stands in the way of reading, by path."""
        return {
            source.given.files[-1]: source.tail.trouble
            for source in self._sources
            if source.tail.trouble is not None
        }

    def unread(self) -> list[str]:
        """What could not be read of the sources, in a line each."""
        return [line for source in self._sources for line in source.tail.unread]

    def paths(self) -> dict[int, str]:
        """Every file by its number, as it was called when it began."""
        return {number: file.path for number, file in self._files().items()}

    def paths_now(self) -> dict[int, str]:
        """Every file by its number, as it is called now."""
        names = (path for source in self._sources for path in source.tail.names())
        return dict(zip(self._files(), names, strict=True))

    def inputs(self, paths: Mapping[int, str]) -> list[Input]:
        """What was read of each file; of logs that are closed also what was not."""
        called = iter([paths[number] for number in self._files()])
        return [
            one
            for source in self._sources
            for one in _inputs(source, [next(called) for _ in source.files])
        ]

    def read(self, number: int, size: int) -> Iterator[Block]:
        """Blocks of what is there now of a source, about `size` bytes at most.

        Raises SourceError where the numbers of files or lines are used up.
        """
        source = self._sources[number]
        gathered = bytearray()
        for piece in source.tail.read(size):
            if isinstance(piece, bytes):
                gathered += piece
                if len(gathered) < self._tuning.block:
                    continue
            yield from self._fed(source, gathered)
            gathered.clear()
            if isinstance(piece, Begin):
                source.files.append(FileRead(piece.path))
                source.cutter.begin(file_number(number, len(source.files) - 1))
            elif isinstance(piece, End):
                yield from counted(source.cutter.end(closing=False), self._files())
        yield from self._fed(source, gathered)

    def end(self, number: int) -> Iterator[Block]:
        """The last lines of a source, as its log is closed."""
        source = self._sources[number]
        left = source.tail.left()
        unread = [*left.begun]
        if source.tail.behind and source.files:
            # It was left in the middle: what is not a whole line is the start of one.
            dropped = source.cutter.drop_carry()
            source.files[-1].bytes -= dropped
            unread[-1] += dropped
        source.end = _End(unread, left.others, source.tail.empty())
        yield from counted(source.cutter.end(closing=True), self._files())

    def close(self) -> None:
        """Close all files."""
        for source in self._sources:
            source.tail.close()

    def state(self) -> list[dict[str, Any]]:
        """Where reading is, as plain values that a later run can go on with."""
        return [
            {
                "source": list(source.given.files),
                "tail": source.tail.state(),
                "cutter": source.cutter.state(),
                "files": [asdict(file) for file in source.files],
            }
            for source in self._sources
        ]

    def resume(self, state: Sequence[Mapping[str, Any]]) -> None:
        """Go on where another was when its `state` was taken."""
        for own in state:
            given = Source(tuple(own["source"]))
            claimed = self.readers.claimed(len(self._sources))
            tail = Tail(given, self._access, state=own["tail"], claimed=claimed)
            files = [FileRead(**file) for file in own["files"]]
            cutter = Cutter.resumed(own["cutter"], self._tuning, self._tags)
            self._follow(_Source(given, tail, cutter, files))

    def _follow(self, source: _Source) -> None:
        self._sources.append(source)
        self.readers.add(source.given.files[-1], source.tail)

    def _fed(self, source: _Source, data: bytearray) -> Iterator[Block]:
        if data:
            source.files[-1].bytes += len(data)
            source.files[-1].in_line = data[-1] != LF
            yield from counted(source.cutter.feed(data), self._files())

    def _files(self) -> dict[int, FileRead]:
        """Every file that has begun, by its number, in the order of a report."""
        return {
            file_number(number, at): file
            for number, source in enumerate(self._sources)
            for at, file in enumerate(source.files)
        }


def _inputs(source: _Source, paths: Sequence[str]) -> Iterator[Input]:
    """What was read of the files of a source, which are called so now."""
    end = source.end or _End([0] * len(paths), (), ())
    begun = list(zip(source.files, paths, end.unread, strict=True))
    for before, path in reversed(end.empty):
        begun.insert(before, (FileRead(path), path, 0))
    inputs = inputs_of([file for file, _, _ in begun], [path for _, path, _ in begun])
    yield from (
        replace(one, unread=unread) for one, (_, _, unread) in zip(inputs, begun, strict=True)
    )
    yield from (Input(one.path, 0, 0, unread=one.size - one.position) for one in end.others)
