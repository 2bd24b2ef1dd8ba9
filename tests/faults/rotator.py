"""The application of a stress run, a process of its own: it writes a trace log and rotates it.

    python -m faults.rotator FOLDER SCHEME SEED SECONDS

It writes what was there before, says so with a line, waits for one, and goes on until its time is
over. Its last line says how much there was.
"""

from __future__ import annotations

import json
import sys
import time
from random import Random

from reading.tail.rotating import Rotating
from reading.tail.schemes import SCHEMES

from faults.writer import Turns

_START = "".join(
    f"INFO app.core.start: component {n} of 25 is ready ...... ok\n" for n in range(25)
)


class Traces:
    """The lines of a trace log; with a header, each file begins with the same ones."""

    may_be_cut = True

    def __init__(self, rng: Random) -> None:
        self.number = 0
        self._rng = rng
        self._turns = Turns(rng)
        self._has_header = rng.random() < 0.3

    def lines(self, *, is_new: bool) -> bytes:
        count = self._rng.choice((1, 3, 20, 100, 300))
        self.number += count + 25 * (is_new and self._has_header)
        data = b"".join(self._turns.line() for _ in range(count))
        return _START.encode() + data if is_new and self._has_header else data


def _rotate(log: Rotating, rng: Random) -> None:
    pauses = rng.choice(((0,), (0, 0, 0, 0.001, 0.03)))
    for _ in log.rotation():
        if not log.is_frozen and rng.random() < 0.3:
            log.write()
        time.sleep(rng.choice(pauses))
    log.write()  # so that no file is empty: a check names those too


def main() -> None:
    folder, scheme, seed, seconds = sys.argv[1:]
    rng = Random(seed)
    text = Traces(rng)
    log = Rotating(folder, SCHEMES[scheme], text, rng, slow=True)
    log.open()
    log.write()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    rotations = 0
    end = time.monotonic() + float(seconds)
    while time.monotonic() < end:
        for _ in range(rng.choice((1, 3, 8))):
            log.write()
            time.sleep(rng.choice((0, 0.002, 0.02)))
        for _ in range(rng.choice((0, 0, 1, 1, 4))):
            rotations += 1
            _rotate(log, rng)
        time.sleep(rng.choice((0, 0.01, 0.1)))
    log.flush()
    log.close()
    sys.stdout.write(json.dumps({"rotations": rotations, "lines": text.number}) + "\n")


if __name__ == "__main__":
    main()
