"""A log and what happens to it in production, and a reader that remembers what a tail gave."""

from __future__ import annotations

import gzip
import json
import os
import shutil
from pathlib import Path
from typing import Any

from tracecheck.reading.sources.discovery import Source
from tracecheck.reading.tail.pieces import Begin, End, Piece
from tracecheck.reading.tail.tail import Tail

ENOUGH = 1 << 30


class Log:
    """A log that is written and rotated; its rotated files have numbers."""

    def __init__(self, folder: Path | str, name: str = "app.log") -> None:
        self.path = os.path.join(folder, name)

    def write(self, data: bytes, number: int = 0) -> None:
        with open(self.at(number), "ab") as file:
            file.write(data)

    def at(self, number: int, suffix: str = "") -> str:
        return f"{self.path}.{number}{suffix}" if number else self.path

    def rename(self) -> None:
        """Rotate, the application not having opened its new log yet."""
        self.make_room()
        os.rename(self.path, self.at(1))

    def copytruncate(self) -> None:
        self.make_room()
        shutil.copyfile(self.path, self.at(1))
        os.truncate(self.path, 0)

    def compress(self, number: int) -> None:
        status = os.stat(self.at(number))
        with open(self.at(number), "rb") as file, gzip.open(self.at(number, ".gz"), "wb") as packed:
            shutil.copyfileobj(file, packed)
        os.utime(self.at(number, ".gz"), ns=(status.st_atime_ns, status.st_mtime_ns))
        os.unlink(self.at(number))

    def make_room(self) -> None:
        last = 1
        while self.stored(last):
            last += 1
        for number in range(last - 1, 0, -1):
            stored = self.stored(number)
            os.rename(stored, self.at(number + 1, stored.removeprefix(self.at(number))))

    def stored(self, number: int) -> str:
        paths = (self.at(number), self.at(number, ".gz"))
        return next((path for path in paths if os.path.lexists(path)), "")


class Reader:
    """What a tail gave, file by file; it can be restarted."""

    def __init__(self, *files: str, **how: Any) -> None:
        self.source = Source(files)
        self.how = how
        self.tail = Tail(self.source, **how)
        self.files: list[bytearray] = []
        self.paths: list[str] = []
        self.is_open = False

    def read(self, size: int = ENOUGH) -> list[Piece]:
        pieces = []
        for piece in self.tail.read(size):
            self.take(piece)
            pieces.append(piece)
        return pieces

    def take(self, piece: Piece) -> None:
        match piece:
            case Begin(path):
                assert not self.is_open
                self.files.append(bytearray())
                self.paths.append(path)
            case End():
                assert self.is_open
            case _:
                assert piece
                assert self.is_open
                self.files[-1] += piece
        if not isinstance(piece, bytes):
            self.is_open = isinstance(piece, Begin)

    def read_all(self, size: int = ENOUGH) -> list[bytes]:
        """Read until there is nothing more, and return what was read of each file so far."""
        while self.read(size) or self.tail.behind:
            pass
        return self.contents()

    def contents(self) -> list[bytes]:
        return [bytes(file) for file in self.files]

    def restart(self) -> None:
        state = self.stop()
        self.resume(state)

    def stop(self) -> str:
        state = json.dumps(self.tail.state())
        self.tail.close()
        assert json.dumps(self.tail.state()) == state
        return state

    def resume(self, state: str) -> None:
        self.tail = Tail(self.source, state=json.loads(state))
