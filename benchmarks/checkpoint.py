"""Measure how long checkpoints of many open keys take, and for how long they hold up reading.

    PYTHON_OF_TRACECHECK benchmarks/checkpoint.py --keys 100000 --folder DIR

Runs inside a Python that has tracecheck, and prints its measures as JSON. Two thirds of the lines
are turns that settle, so that the keys that are closed are there too.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

# As the command does for a run that follows.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from emitter import SOUND_PLAN
from generate import Generator, LogFile
from turns import Ids, planned

from tracecheck.api import rules as api_rules
from tracecheck.kinds import KINDS
from tracecheck.reading.sources.discovery import find_sources
from tracecheck.runs.follow.checkpoints import Checkpoint, Folder
from tracecheck.runs.follow.follower import Follower
from tracecheck.runs.options import BOUNDS, RunOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

SMALL = 2000  # lines that come between two steps: a tenth of a second of a busy service
MORE = 120_000  # turns that are there to be read in all steps
STEPS = 20  # steps that are measured without a checkpoint beside them, each time


def fill(path: Path, turns: int, keys: int = 0) -> None:
    """Write a log of so many turns that settle, and so many keys behind them that stay open."""
    rng = Random(turns)  # noqa: S311 - no secrets here
    with path.open("w", encoding="utf-8", newline="\n") as file:
        log = LogFile(file, "plain", rng)
        Generator(SOUND_PLAN, turns, log, rng).run()
        for ids in opened(rng, keys):
            log.write(planned(ids, "sound", repeated=False)[0])
        log.flush()


def opened(rng: Random, keys: int) -> Iterator[Ids]:
    """Yield what the lines of so many turns share."""
    bits = rng.getrandbits
    for _ in range(keys):
        key = f"conv=conv_{bits(48):012x}|idem={bits(128):032x}"
        yield Ids(key, f"0x7f{bits(40):010x}", f"0x7f{bits(40):010x}", 1)


def measure(path: Path, more: Path, keys: int, runs: int) -> dict[str, Any]:
    """Follow the log, and store checkpoints: alone, and beside steps of reading."""
    rules = api_rules.load_rules(None)
    # None may be let go of, as that is not what is measured.
    bounds = replace(BOUNDS, open_keys=2 * keys)
    folder = path.parent / "state"
    follower = Follower(find_sources([str(path)]), rules, KINDS, RunOptions(bounds=bounds))
    follower.step()
    while follower.behind:
        follower.step()
    state = Folder(str(folder))
    found: dict[str, Any] = {"taken": [], "stored": [], "beside": [], "alone": [], "during": []}
    for turn in range(runs + 1):
        begin = time.perf_counter()
        checkpoint = taken(follower)
        between = time.perf_counter()
        state.save(checkpoint)
        if turn:  # the first is to warm up
            found["taken"].append(between - begin)
            found["stored"].append(time.perf_counter() - begin)
    lines = iter(more.read_bytes().splitlines(keepends=True))
    with path.open("ab", buffering=0) as log, ThreadPoolExecutor(1) as writer:

        def step() -> float:
            log.write(b"".join(line for line, _ in zip(lines, range(SMALL), strict=False)))
            begin = time.perf_counter()
            follower.step()
            return time.perf_counter() - begin

        for _ in range(STEPS):
            step()
        for _ in range(runs):
            found["alone"] += [step() for _ in range(STEPS)]
            begin = time.perf_counter()
            checkpoint = taken(follower)
            pause = time.perf_counter() - begin
            storing = writer.submit(state.save, checkpoint)
            while not storing.done():
                # The first step waits for what was taken of the follower's own time too.
                found["during"].append(pause + step())
                pause = 0.0
            storing.result()
            found["beside"].append(time.perf_counter() - begin)
    found["bytes"] = (folder / "checkpoint").stat().st_size
    found["open"] = [outcome.open for outcome in follower.snapshot().verdict.outcomes]
    state.close()
    follower.release()
    return found


def taken(follower: Follower) -> Checkpoint:
    """Take a checkpoint, which there always is of one source."""
    checkpoint = follower.checkpoint()
    if checkpoint is None:
        sys.exit("error: the follower had no checkpoint")
    return checkpoint


def main() -> None:
    """Write the log, measure, and print the measures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--keys", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    log, more = options.folder / "open.log", options.folder / "more.log"
    fill(log, options.keys, options.keys)
    fill(more, MORE)
    json.dump(measure(log, more, options.keys, options.runs), sys.stdout)


if __name__ == "__main__":
    main()
