"""Write logs that grow while they are followed.

    python benchmarks/emitter.py --path app.log --rate 20000 --seconds 60 > planted.json

As a script: a steady service. Sound turns with times of now, in a small write every few
milliseconds, and now and then a planted violation, with the moment at which its line was written.
`Stream` is the other log: as many lines as one likes, at hardly any cost.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING

from generate import Generator, LogFile
from plan import FATES, Plan
from records import NOISE, NoiseMix, Record
from turns import GOOD_INSTANCE, Ids, TurnWriter, delivery, planned

if TYPE_CHECKING:
    from collections.abc import Iterator

SOUND_PLAN = Plan(**dict.fromkeys(FATES, 0.0), template=0.0, checkpointers=0, alerts=0, malformed=0)
TICK = 0.005  # seconds between two writes
PLANTED = "conv_planted_"  # how the keys of what is planted begin
FOREVER = 1 << 62  # turns

# --- a steady log ---------------------------------------------------------------------------

Planting = tuple[float, list[Record], str | None]
"""Seconds to wait, what is written then, and the key of the violation that it shows, if any."""


class Over(Exception):
    """The time of the log is over; nothing is wrong."""


def plantings(rng: Random, turns: TurnWriter, every: float) -> Iterator[Planting]:
    """Yield one violation after the other, `every` so many seconds on average, never in step."""
    number = 0
    while True:
        number += 1
        pause, bits = rng.uniform(0.5, 1.5) * every, rng.getrandbits
        conv = f"{PLANTED}{number:06d}"
        key = f"conv={conv}|idem={bits(128):032x}"
        ids = Ids(key, f"0x7f{bits(40):010x}", f"0x7f{bits(40):010x}", 1)
        before = planned(ids, "sound", repeated=False)
        after = [delivery(ids), *turns.sent(ids, GOOD_INSTANCE)]
        # Only one line of the turn is bad, so that it is known which one is told.
        if number % 3 == 0:
            after[0] = delivery(ids._replace(in_outbox=0))
        elif number % 3 == 1:
            after[0] = delivery(ids._replace(state=f"0x7e{bits(40):010x}"))
        else:
            before.append(after.pop(0))
            text = after[0].text.replace(GOOD_INSTANCE, "default")
            after[0] = after[0]._replace(text=text)
        yield pause * 0.6, before, None
        yield pause * 0.4, after, conv


@dataclass
class Steady(LogFile):
    """What `Generator` writes to: records go out at a steady rate, with times of now."""

    descriptor: int
    rate: int
    seconds: float
    planted: Iterator[Planting]
    is_json: bool = False
    lines: int = 0
    latest: float = 0.0
    written: dict[str, float] = field(default_factory=dict)
    batch: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Begin now."""
        self.began = self.wrote = time.monotonic()
        self.room = 0
        self.stamp = ""
        self.next = next(self.planted)
        self.plant_at = self.began + self.next[0]
        self.look_at_clock()

    def look_at_clock(self) -> None:
        """Take the time for the lines that follow."""
        now = time.time()
        shape = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(now))
        self.stamp = f"{shape},{int(now * 1000) % 1000:03d}"

    def write(self, record: Record) -> None:
        """Take one record, and wait once there are enough."""
        self.put(record)
        if self.room <= 0:
            self.tick()

    def put(self, record: Record) -> None:
        """Take one record into the batch."""
        line = f"{self.stamp}{record.site.plain_head}{record.text}\n"
        self.batch.append(line)
        self.room -= line.count("\n")

    def tick(self) -> None:
        """Write the batch with what is planted, and wait for the next tick."""
        shown: list[str] = []
        now = time.monotonic()
        while self.plant_at <= now:
            _, records, conv = self.next
            for record in records:
                self.put(record)
            shown += [] if conv is None else [conv]
            self.next = next(self.planted)
            self.plant_at += self.next[0]
        data = "".join(self.batch).encode()
        self.batch.clear()
        self.lines += data.count(b"\n")
        before = time.monotonic()
        os.write(self.descriptor, data)
        self.written |= dict.fromkeys(shown, before)
        self.latest = max(self.latest, before - self.wrote)
        self.wrote = before
        if before - self.began >= self.seconds:
            raise Over
        time.sleep(max(0.0, TICK - (before - now)))
        due = (time.monotonic() - self.began) * self.rate
        self.room = max(1, int(due) - self.lines)
        self.look_at_clock()

    def flush(self) -> None:
        """Do nothing: ticks write."""


def emit_steadily(options: argparse.Namespace) -> dict[str, object]:
    """Write until the time is over; what was written, and when."""
    # No secrets here: it only has to look like a log.
    rng = Random(options.seed)  # noqa: S311
    planted = plantings(rng, TurnWriter(SOUND_PLAN, rng), options.every)
    descriptor = os.open(options.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    log = Steady(descriptor, options.rate, options.seconds, planted)
    try:
        Generator(SOUND_PLAN, FOREVER, log, rng).run()
    except Over:
        pass
    finally:
        os.close(descriptor)
    spent = time.monotonic() - log.began
    return {"lines": log.lines, "seconds": spent, "gap": log.latest, "planted": log.written}


# --- a stream of any length -----------------------------------------------------------------

LINES_A_HANDOFF = 20
HANDOFFS = 1000  # of one chunk, which is one second of log time
LATEST = 8  # a turn ends so many chunks after it began, at the latest
LOST, LATE = 0.002, 0.001  # shares of handoffs: nothing follows; it follows after LATEST - 1 s
KEY, MOMENT = "@KEY%d@@@", "@SECOND@"  # stand for what each chunk has of its own
FIRST_SECOND = 1_766_000_000


@dataclass(frozen=True)
class Chunk:
    """Lines of one second, and what they hold."""

    data: bytes
    counts: Counter[str]


class Stream:
    """Chunk after chunk: the same turns and noise, under other keys and at other times.

    Only the keys and the seconds are written anew, which costs next to nothing. A turn that began
    in one chunk goes on in those that follow.
    """

    def __init__(self, seed: int) -> None:
        """Make the chunk that all others are copies of."""
        rng = Random(seed)  # noqa: S311 - as above
        turns = TurnWriter(SOUND_PLAN, rng)
        noise = NoiseMix(tuple(one for one in NOISE if "\n" not in one.text))
        placed: list[tuple[float, int, Record, str]] = []
        for number in range(HANDOFFS):
            placed += self._turn(rng, turns, number)
        own = len(placed)
        for _ in range(HANDOFFS * LINES_A_HANDOFF - own):
            placed.append((rng.random(), 0, noise.draw(rng)[0], "noise"))
        placed.sort(key=lambda one: one[0])
        self._lines = [
            (f"{MOMENT},{int(at * 1000):03d}{one.site.plain_head}{one.text}\n", behind, what)
            for at, behind, one, what in placed
        ]
        self._whole = self._joined(LATEST)

    def chunk(self, number: int) -> Chunk:
        """Return the chunk of this number, from 0 on."""
        text, counts = self._whole if number >= LATEST else self._joined(number)
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(FIRST_SECOND + number))
        data = text.replace(MOMENT.encode(), moment.encode())
        for behind in range(min(number, LATEST) + 1):
            data = data.replace((KEY % behind).encode(), f"{number - behind:08x}".encode())
        return Chunk(data, counts)

    def _turn(
        self, rng: Random, turns: TurnWriter, number: int
    ) -> Iterator[tuple[float, int, Record, str]]:
        """Yield the lines of a turn: when in a chunk, how many chunks after its first, and what."""
        draw, at = rng.random(), rng.random()
        state, outbox = f"0x7f{rng.getrandbits(40):010x}", f"0x7f{rng.getrandbits(40):010x}"
        name = f"{KEY}{number:06x}"
        ids = Ids(f"conv=conv_{name}|idem=idem_{name}", state, outbox, 1)
        records = [(planned(ids, "sound", repeated=False)[0], "planned")]
        if draw >= LOST:
            records += [(delivery(ids), "delivered")]
            records += [(record, "sent") for record in turns.sent(ids, GOOD_INSTANCE)]
        for nth, (record, what) in enumerate(records):
            if nth == 1 and LOST <= draw < LOST + LATE:
                at += LATEST - 1.5
            elif nth:
                at += rng.random() * 0.3
            behind, within = divmod(min(at, LATEST + 0.999), 1)
            key = name.replace(KEY, KEY % int(behind))
            text = record.text.replace(name, key)
            yield within, int(behind), record._replace(text=text), what

    def _joined(self, number: int) -> tuple[bytes, Counter[str]]:
        """Join the lines that a chunk of this number can have: of turns that have begun."""
        taken = [(line, what) for line, behind, what in self._lines if behind <= number]
        counts = Counter(what for _, what in taken)
        counts["lines"] = len(taken)
        return "".join(line for line, _ in taken).encode(), counts


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--path", required=True)
    parser.add_argument("--rate", type=int, default=20_000, help="lines a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--every", type=float, default=0.1, help="seconds between two violations")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Write a steady log, and print what was planted in it."""
    json.dump(emit_steadily(arguments()), sys.stdout)


if __name__ == "__main__":
    main()
