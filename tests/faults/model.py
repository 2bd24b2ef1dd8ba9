"""What can be read of a log: the files there are, and how far one who follows them has come.

The model knows each file by what it is and not by its first bytes, its inode or its age. It
follows the rules that tailing promises: a file is read to its end before the next one begins;
what comes next stands after it in the rotated set; if it is in the set no more, after all that is
known there. A file that was truncated is another file from then on, unless all that
was read of it still stands there.
"""

from __future__ import annotations

import gzip
import os
import shutil
from dataclasses import dataclass, field

HEAD, GUARD = 1024, 256

_OPEN = os.open  # the writer has none of the follower's troubles


@dataclass(eq=False)
class Inode:
    """A file on the disk, whatever it is called; `writes` counts the times that it was emptied."""

    data: bytes = b""
    packed: bool = False


class Disk:
    """A log with its rotated files, on the disk and in the model; number 0 is the log itself."""

    def __init__(self, folder: str) -> None:
        self.base = os.path.join(folder, "app.log")
        self.names: dict[int, Inode] = {}
        self.writing: Inode | None = None
        self._file: int | None = None

    def path(self, number: int, *, packed: bool = False) -> str:
        return (f"{self.base}.{number}" if number else self.base) + ".gz" * packed

    @property
    def is_there(self) -> bool:
        return 0 in self.names

    @property
    def last(self) -> int:
        return max(self.names, default=0)

    def create(self) -> None:
        """The writer opens its log anew."""
        self.close()
        self._file = _OPEN(self.base, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self.writing = self.names.setdefault(0, Inode())

    def write(self, data: bytes) -> None:
        assert self._file is not None
        assert self.writing is not None
        assert os.write(self._file, data) == len(data)
        self.writing.data += data

    def rename(self) -> None:
        self._make_room()
        os.rename(self.base, self.path(1))
        self.names[1] = self.names.pop(0)

    def copytruncate(self) -> None:
        self._make_room()
        shutil.copyfile(self.base, self.path(1))
        self.names[1] = Inode(self.names[0].data)
        self.truncate(0)

    def truncate(self, size: int) -> None:
        os.truncate(self.base, size)
        self.names[0].data = self.names[0].data[:size]

    def delete(self, number: int = 0) -> None:
        one = self.names.pop(number)
        os.unlink(self.path(number, packed=one.packed))

    def compress(self, number: int) -> None:
        """As a tool does it that keeps the time of the file."""
        one = self.names[number]
        plain, packed = self.path(number), self.path(number, packed=True)
        status = os.stat(plain)
        with open(plain, "rb") as file, gzip.GzipFile(packed, "wb", mtime=0) as other:
            shutil.copyfileobj(file, other)
        os.utime(packed, ns=(status.st_atime_ns, status.st_mtime_ns))
        os.unlink(plain)
        self.names[number] = Inode(one.data, packed=True)

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
        self._file = self.writing = None

    def _make_room(self) -> None:
        for number in sorted(self.names, reverse=True):
            if number:
                one = self.names.pop(number)
                old, new = (self.path(n, packed=one.packed) for n in (number, number + 1))
                os.rename(old, new)
                self.names[number + 1] = one


@dataclass
class Begun:
    """What was read of one file."""

    data: bytes = b""

    def fits(self, data: bytes) -> bool:
        """Whether a file with this content can be the one that was read."""
        end = len(self.data)
        return (
            len(data) >= end
            and data[: min(end, HEAD)] == self.data[:HEAD]
            and data[max(0, end - GUARD) : end] == self.data[-GUARD:]
        )


@dataclass
class Followed:
    """How far the follower has come: what it read of each file, and which one it holds open.

    What was rotated before it began it has `passed` over.
    """

    begun: list[Begun] = field(default_factory=list)
    passed: list[Begun] = field(default_factory=list)
    holds: Inode | None = None

    @property
    def position(self) -> int:
        """How much was read of the file that began last."""
        return len(self.begun[-1].data) if self.begun else 0

    def copy(self) -> Followed:
        """What a checkpoint knows of it: no file is open after a restart."""
        return Followed([Begun(one.data) for one in self.begun], self.passed)

    def start(self, disk: Disk) -> None:
        """Begin without a checkpoint."""
        self.passed = [Begun(one.data) for number, one in disk.names.items() if number]

    def look(self, disk: Disk, *, may_open: bool = True) -> None:
        """Read all that can be read."""
        while self._goes_on(disk, may_open=may_open):
            pass

    def _goes_on(self, disk: Disk, *, may_open: bool) -> bool:
        if not self.begun:
            return may_open and self._begin_behind(disk, even_empty=False)
        last = self.begun[-1]
        if self.holds is None:
            if not may_open:
                return False
            self.holds = self._found(disk)
            if self.holds is None:
                return self._begin_behind(disk)
        if not last.fits(self.holds.data):
            assert may_open
            copy = self._found(disk)
            if copy is None:
                return self._begin_behind(disk)
            self.holds = copy
        last.data += self.holds.data[len(last.data) :]
        return may_open and self._begin_next(disk)

    def _begin_next(self, disk: Disk) -> bool:
        """Begin what stands after the file in the set, if there is something in it."""
        assert self.holds is not None
        numbers = sorted(disk.names)
        at = next((n for n in numbers if disk.names[n] is self.holds), None)
        if at is None:
            found = self._found(disk)
            at = next((n for n in numbers if disk.names[n] is found), None)
        if at is None:
            return self._begin_behind(disk, even_empty=False)
        newer = [n for n in numbers if n < at]
        return any(self._begin(disk.names[n], even_empty=False) for n in reversed(newer))

    def _begin_behind(self, disk: Disk, *, even_empty: bool = True) -> bool:
        """Begin what stands behind all that is known, where the last of it is nowhere."""
        known = [one for one in (*self.begun, *self.passed) if one.data]
        read = [n for n, there in disk.names.items() if any(one.fits(there.data) for one in known)]
        newer = [n for n in sorted(disk.names) if n < min(read, default=disk.last + 1)]
        return any(self._begin(disk.names[n], even_empty=even_empty and not n) for n in newer[::-1])

    def _found(self, disk: Disk) -> Inode | None:
        """The file that began last, or a copy of it, in the set."""
        fitting = [one for one in disk.names.values() if self.begun[-1].fits(one.data)]
        return fitting[0] if self.position and fitting else None

    def _begin(self, one: Inode | None, *, even_empty: bool) -> bool:
        if one is None or not (one.data or even_empty):
            return False
        self.begun.append(Begun())
        self.holds = one
        return True
