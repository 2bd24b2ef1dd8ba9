"""The identity of a file, also when it was renamed, compressed, or its inode reused.

A device and an inode identify a file while it is open. Over a restart they may belong to another
file, and a copy or a compressed file has others: there its first bytes identify it, and the last
ones that were read of it. What is kept of both is a hash, as logs hold what is nobody's business.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from ...text.amounts import SECOND

HEAD = 1024
"""The first bytes of a file that identify it, at most."""

GUARD = 256
"""The last bytes read, at most, that must still stand before what is read next."""


@dataclass(slots=True)
class ReadPosition:
    """How far a file was read, and of what was read so far the first and the last bytes."""

    position: int = 0
    head: bytes = b""
    guard: bytes = b""

    def add(self, data: bytes) -> None:
        """Go on behind `data`, which was read here."""
        if len(self.head) < HEAD:
            self.head += data[: HEAD - len(self.head)]
        self.guard = (self.guard + data[-GUARD:])[-GUARD:]
        self.position += len(data)


@dataclass(frozen=True, slots=True)
class Known:
    """A file as it was when it was last looked at: enough to find it again, and the place in it.

    `head` is the hash of its first `head_size` bytes and `guard` that of the last bytes before
    `position`, inflated all. `size` is the stored one. `is_pipe`: it is no regular file. Nothing
    more is to be read of what is `done`.
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
            is_pipe=not stat.S_ISREG(status.st_mode),
        )

    def is_at(self, other: Known) -> bool:
        """Whether both have the same device and inode."""
        return (self.device, self.inode) == (other.device, other.inode)

    def ends_as(self, other: Known) -> bool:
        """Whether nothing was written to it between the one look and the other."""
        return (self.size, self.mtime) == (other.size, other.mtime)

    def may_be_copied_to(self, other: Known) -> bool:
        """Whether `other` is young enough for a copy; some tools keep times to the second only."""
        return self.head_size > 0 and other.mtime // SECOND >= self.mtime // SECOND

    def fits_head(self, head: bytes) -> bool:
        """Whether a file with these first bytes (`head_size`, or all it has) may be this one."""
        return not self.head_size or _digest(head[: self.head_size]) == self.head

    def fits(self, reached: ReadPosition) -> bool:
        """Whether a file read as far as `reached` was read as far as this one, and the same."""
        same = reached.position == self.position
        return same and (not self.position or _digest(reached.guard) == self.guard)


def _digest(data: bytes) -> str:
    """A hash of `data`, as text."""
    return blake2b(data, digest_size=16).hexdigest()


def read_at(fd: int, size: int, offset: int) -> bytes:
    """Read `size` bytes from `offset`; fewer only where the file ends."""
    data = b""
    while len(data) < size and (more := os.pread(fd, size - len(data), offset + len(data))):
        data += more
    return data
