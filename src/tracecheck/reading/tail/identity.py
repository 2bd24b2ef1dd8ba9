"""The identity of a file, also when it was renamed, compressed, or its inode reused.

A device and an inode identify a file while it is open. Once it is closed they may belong to another
file, and a copy or a compressed file has others: there all that was read of it identifies it, by
a checksum, and its first bytes and the last ones that were read tell most others apart at once.
What is kept is hashes, as logs hold what is nobody's business.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Self
from zlib import crc32

from ...text.amounts import SECOND

HEAD = 1024
"""The first bytes of a file that identify it, at most."""

GUARD = 256
"""The last bytes read, at most, that must still stand before what is read next."""

_MARKS = 8
"""Ends of reads, at most, at which the checksum is remembered."""


@dataclass(slots=True)
class ReadPosition:
    """How far a file was read, and of what was read so far the first and the last bytes.

    Reading began at `origin`. `checksum` (CRC-32) is of all from there to `position`, and `marks`
    are the last positions behind a read, each with the checksum up to there.
    """

    position: int = 0
    head: bytes = b""
    guard: bytes = b""
    origin: int = 0
    checksum: int = 0
    marks: tuple[tuple[int, int], ...] = ()

    def add(self, data: bytes) -> None:
        """Go on behind `data`, which was read here."""
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        self.guard = (self.guard + data[-GUARD:])[-GUARD:]
        before = max(0, self.origin - self.position)
        self.checksum = crc32(data[before:] if before else data, self.checksum)
        self.position += len(data)
        self.marks = (*self.marks, (self.position, self.checksum))[-_MARKS:]


@dataclass(frozen=True, slots=True)
class Known:
    """A file as it was when it was last looked at: enough to find it again, and the place in it.

    `head` is the hash of its first `head_size` bytes and `guard` that of the last bytes before
    `position`; `origin`, `checksum` and `marks` are those of its ReadPosition; inflated all. `size`
    is the stored one. `is_pipe`: it is no regular file. Nothing more is to be read of what is
    `done`.
    """

    path: str
    device: int
    inode: int
    size: int
    mtime: int
    position: int = 0
    head_size: int = 0
    head: str = ""
    guard: str = ""
    origin: int = 0
    checksum: int = 0
    marks: tuple[tuple[int, int], ...] = ()
    is_pipe: bool = False
    done: bool = False

    @classmethod
    def of(cls, path: str, status: os.stat_result, reached: ReadPosition | None = None) -> Self:
        """The file at `path` with this `status`, read as far as `reached`."""
        reached = reached or ReadPosition()
        return cls(
            path=path,
            device=status.st_dev,
            inode=status.st_ino,
            size=status.st_size,
            mtime=status.st_mtime_ns,
            position=reached.position,
            head_size=len(reached.head),
            head=_digest(reached.head),
            guard=_digest(reached.guard),
            origin=reached.origin,
            checksum=reached.checksum,
            marks=reached.marks,
            is_pipe=not stat.S_ISREG(status.st_mode),
        )

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """One that was written down with `asdict`, as JSON keeps it."""
        marks = tuple((position, checksum) for position, checksum in values["marks"])
        return cls(**{**values, "marks": marks})

    @property
    def is_unread(self) -> bool:
        """Whether it is a file of which nothing was read, nor passed over: it tells no other."""
        return not (self.position or self.is_pipe)

    @property
    def signature(self) -> tuple[int, int, int, int]:
        """What changes with what it holds, and does not with its name."""
        return self.device, self.inode, self.size, self.mtime

    def is_at(self, other: Known) -> bool:
        """Whether both have the same device and inode."""
        return (self.device, self.inode) == (other.device, other.inode)

    def may_be_copied_to(self, other: Known) -> bool:
        """Whether `other` is young enough for a copy; some tools keep times to the second only."""
        return self.head_size > 0 and other.mtime // SECOND >= self.mtime // SECOND

    def fits_head(self, head: bytes) -> bool:
        """Whether a file with these first bytes (`head_size`, or all it has) may be this one."""
        return not self.head_size or _digest(head[: self.head_size]) == self.head

    def fits_guard(self, reached: ReadPosition) -> bool:
        """Whether the last bytes before the position are the same."""
        return _digest(reached.guard) == self.guard

    def fits(self, reached: ReadPosition) -> bool:
        """Whether a file read as far as `reached` was read as far as this one, and the same."""
        is_same = (reached.position, reached.checksum) == (self.position, self.checksum)
        return is_same and self.fits_guard(reached) and self.fits_head(reached.head)


def _digest(data: bytes) -> str:
    """A hash of `data`, as text; of nothing, nothing."""
    return blake2b(data, digest_size=16).hexdigest() if data else ""


def read_at(fd: int, size: int, offset: int) -> bytes:
    """Read `size` bytes from `offset`; fewer only where the file ends."""
    data = b""
    while len(data) < size and (more := os.pread(fd, size - len(data), offset + len(data))):
        data += more
    return data
