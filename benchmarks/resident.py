"""Look at a running process: its memory, its processor time, and the files it has open (Linux)."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")
_KIB = 1024
_NANO = 1_000_000_000


def memory(pid: int) -> tuple[int, int] | None:
    """Return the resident bytes of a process, now and at their peak; None if it is over."""
    found: dict[str, int] = {}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
            name, _, rest = line.partition(":")
            if name in {"VmRSS", "VmHWM"}:
                found[name] = int(rest.split()[0]) * _KIB
    return (found["VmRSS"], found["VmHWM"]) if len(found) == 2 else None


def processor_seconds(pid: int) -> float:
    """Return the user and system time that all threads of a process have taken."""
    text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    fields = text.rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def waited_seconds(pid: int) -> float:
    """Return how long the threads of a process that now run have waited for a free core, in all."""
    waited = 0
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with suppress(OSError):
            waited += int((thread / "schedstat").read_text(encoding="ascii").split()[1])
    return waited / _NANO


def open_inodes(pid: int) -> set[int]:
    """Return the inodes of the regular files that a process has open."""
    found: set[int] = set()
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{pid}/fd"):
            with suppress(OSError):
                if os.readlink(entry.path).startswith("/"):
                    found.add(os.stat(entry.path).st_ino)
    return found


def slope(points: list[tuple[float, float]]) -> float:
    """Return the slope of the straight line through points, by least squares."""
    count = len(points)
    mean_x = sum(x for x, _ in points) / count
    mean_y = sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
