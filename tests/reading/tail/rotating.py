"""A log that is rotated in small steps, and what must be read of it.

Whoever rotates a log does so in many calls, and anyone may look between two of them. Each step
here is one call. The model knows each file by what it is, not by its name, its inode or its age.
"""

from __future__ import annotations

import gzip
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from reading.tail.schemes import Scheme
from reading.tail.texts import TOLD_BY, Lines

_FIRST = 1_766_091_600
_SECOND = 1_000_000_000
_PAUSES = (10_000, 1_000_000, 300_000_000, 2 * _SECOND, 100 * _SECOND)


@dataclass(eq=False)
class File:
    """What was written to a file, or to one place of it between two truncations.

    `lost` was written behind it when it had been copied and was not yet truncated.
    """

    name: str
    data: bytearray = field(default_factory=bytearray)
    lost: bytes = b""
    packed: bool = False
    gone: bool = False

    @property
    def whole(self) -> bytes:
        """All that ever stood in it."""
        return bytes(self.data) + self.lost


class Rotating:
    """The log on the disk and in the model; `files` has all there ever were, oldest first.

    Its times are made up, as those of the system are too coarse for many steps in a moment, unless
    it is `slow`.
    """

    def __init__(
        self, folder: str, scheme: Scheme, text: Lines, rng: Random, *, slow: bool = False
    ) -> None:
        self.folder = folder
        self.base = os.path.join(folder, scheme.base)
        self.files: list[File] = []
        self.is_frozen = False  # nothing is written now: it would be lost
        self._scheme = scheme
        self._text = text
        self._rng = rng
        self._is_slow = slow
        self._rotations = 0
        self._now = _FIRST * _SECOND
        self._fd: int | None = None
        self._writing: File | None = None
        self._unwritten = b""

    # --- what the application does ------------------------------------------------------------

    def open(self) -> str:
        """Open the log, anew after it was renamed."""
        self.close()
        how = os.O_APPEND if self._scheme.appends else 0
        if not os.path.exists(self.base):
            self._create()
        self._fd = os.open(self.base, os.O_WRONLY | how)
        self._writing = self.files[-1]
        return "open"

    def write(self) -> str:
        """Write some lines; of the last one perhaps only a part for now."""
        file = self._writing
        assert self._fd is not None
        assert file is not None
        data = self._unwritten + self._text.lines(is_new=not file.data)
        self._unwritten = b""
        may_be_cut = self._text.may_be_cut and not self._scheme.loses
        if may_be_cut and len(data) > TOLD_BY and self._rng.random() < 0.05:
            at = self._rng.randrange(TOLD_BY, len(data))
            data, self._unwritten = data[:at], data[at:]
        self._put(file, data)
        return f"write {len(data)} to {self._text.number}"

    def flush(self) -> None:
        """Write the rest of the last line."""
        if self._unwritten and self._writing:
            self._put(self._writing, self._unwritten)
            self._unwritten = b""

    def close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
        self._fd = self._writing = None

    def _put(self, file: File, data: bytes) -> None:
        assert self._fd is not None
        os.write(self._fd, data)
        size = os.fstat(self._fd).st_size
        file.data += bytes(size - len(data) - len(file.data)) + data  # with the hole before it
        self._stamp(self._fd)

    # --- what rotates it ----------------------------------------------------------------------

    def rotation(self) -> Iterator[str]:
        """One rotation, a step at a time; nothing is done before the first one is asked for."""
        scheme = self._scheme
        if scheme.packs and scheme.packs_first:
            yield from self._compression(scheme.packs - 1)
        if scheme.keeps and self._rng.random() < 0.5:
            yield from self._retention(self._rng.randrange(scheme.keeps))
        self._rotations += 1
        yield from self._make_room()
        yield from self._copytruncate() if scheme.copies else self._rename()
        if scheme.packs and not scheme.packs_first:
            yield from self._compression(scheme.packs)
        if scheme.keeps:
            yield from self._retention(scheme.keeps)

    def rotated(self) -> list[File]:
        """The rotated files that are there, oldest first."""
        return [one for one in self.files if one.name != self._scheme.base and not one.gone]

    def path(self, file: File) -> str:
        return os.path.join(self.folder, file.name + ".gz" * file.packed)

    def stored(self) -> dict[str, bytes]:
        """What stands in the files of the folder, by their names."""
        found = {}
        for name in os.listdir(self.folder):
            path = os.path.join(self.folder, name)
            opened: Callable[..., gzip.GzipFile] = gzip.open if name.endswith(".gz") else open  # type: ignore[assignment]
            with opened(path, "rb") as file:
                found[path] = file.read()
        return found

    def _make_room(self) -> Iterator[str]:
        if self._scheme.is_numbered:
            there = self.rotated()
            for at, file in enumerate(there):
                before = self.path(file)
                file.name = self._scheme.name(len(there) + 1 - at)
                os.rename(before, self.path(file))
                yield f"mv {os.path.basename(before)}"

    def _new_name(self) -> str:
        return self._scheme.name(1 if self._scheme.is_numbered else self._rotations)

    def _create(self) -> None:
        fd = os.open(self.base, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        self._stamp(fd)
        os.close(fd)
        self.files.append(File(self._scheme.base))

    def _rename(self) -> Iterator[str]:
        file = self.files[-1]
        file.name = self._new_name()
        os.rename(self.base, self.path(file))
        yield f"mv {self._scheme.base}"
        if self._scheme.creates:
            self._create()
            yield "create"
        if self._scheme.is_late:
            for _ in range(self._rng.randrange(3)):
                yield f"late {self.write()}"
        yield self.open()

    def _copytruncate(self) -> Iterator[str]:
        file = self.files[-1]
        name = self._new_name()
        copy = os.path.join(self.folder, name)
        self.is_frozen = not self._scheme.loses
        fd = os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        self._stamp(fd)
        yield f"create {name}"
        at = 0
        for _ in range(self._rng.randrange(3)):
            end = self._rng.randrange(at, len(file.data) + 1)
            os.write(fd, file.data[at:end])
            self._stamp(fd)
            at = end
            yield f"copy up to {at}"
        os.write(fd, file.data[at:])
        self._stamp(fd)
        at = len(file.data)
        os.close(fd)
        self._keep_times(self.base, copy)
        yield "copied"
        file.lost, file.data = bytes(file.data[at:]), file.data[:at]
        file.name = name
        os.truncate(self.base, 0)
        self._stamp(self.base)
        self.files.append(File(self._scheme.base))
        self._writing = self.files[-1]
        self.is_frozen = False
        yield "truncate"

    def _compression(self, newest: int) -> Iterator[str]:
        """Compress the rotated file that has so many newer ones, itself counted."""
        there = self.rotated()
        if not 0 < newest <= len(there) or there[-newest].packed:
            return
        file = there[-newest]
        plain = self.path(file)
        part = f"{plain}.tmp" if self._scheme.packs_aside else f"{plain}.gz"
        data = gzip.compress(file.data, 1, mtime=0)
        fd = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        self._stamp(fd)
        yield f"create {os.path.basename(part)}"
        at = self._rng.randrange(len(data))
        if at:
            os.write(fd, data[:at])
            self._stamp(fd)
            yield f"gzip up to {at}"
        os.write(fd, data[at:])
        self._stamp(fd)
        os.close(fd)
        yield "gzipped"
        if self._scheme.times:
            self._keep_times(plain, part)
            yield "utime"
        if self._scheme.packs_aside:
            os.rename(part, f"{plain}.gz")
            yield "mv .gz"
        os.unlink(plain)
        file.packed = True
        yield f"rm {os.path.basename(plain)}"

    def _retention(self, keeps: int) -> Iterator[str]:
        there = self.rotated()
        for file in there[: max(0, len(there) - keeps)]:
            os.unlink(self.path(file))
            file.gone = True
            yield f"rm {os.path.basename(self.path(file))}"

    # --- times --------------------------------------------------------------------------------

    def _stamp(self, file: int | str) -> None:
        """Set the time at which it was written."""
        if not self._is_slow:
            self._now += self._rng.choice(_PAUSES)
            os.utime(file, ns=(self._now, self._now))

    def _keep_times(self, path: str, copy: str) -> None:
        """Give a copy the time of its original, if the scheme does so."""
        if self._scheme.times:
            time = os.stat(path).st_mtime_ns
            time -= time % _SECOND if self._scheme.times == "seconds" else 0
            os.utime(copy, ns=(time, time))
