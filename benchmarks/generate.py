"""Write a go-live log of any size, with planted violations and their exact counts.

    python benchmarks/generate.py --messages 700000 --seed 1 --format plain \
        --output big.log --truth big.truth.json

The same arguments give the same bytes. The log is streamed: a handful of turns is in flight at a
time, so that memory does not grow with the number of messages. A *message* is one turn of one
conversation; what can go wrong with it is in `turns.py`, the lines between the turns are in
`records.py`, and README.md says what the counts of the truth mean.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import time
from itertools import islice
from json.encoder import encode_basestring_ascii
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, TextIO

from plan import FATES, SOUND, Plan
from records import (
    CUT_LINE,
    FAILURE_ALERT,
    MEMORY_CHECKPOINTER,
    NOISE,
    TEMPLATES,
    NoiseMix,
    Record,
)
from turns import Conversation, Conversations, TurnWriter

if TYPE_CHECKING:
    from collections.abc import Iterator

IN_FLIGHT = 6  # turns that write at the same time
FIRST_MOMENT_MS = 1_766_000_000_000  # 2025-12-17 19:33:20 UTC
BATCH_LINES = 4096  # lines handed to the file at once

# What the truth counts; a key that nothing counted is written as 0.
COUNTED = (
    *("messages", "events", "plain", "malformed"),
    *("handoffs", "handoffs_weak", "lost", "mismatch", "orphan", "duplicate"),
    *("unattributed_handoff", "unattributed_sequence"),
    *("pairs", "pairs_weak", "drift_state_id", "drift_outbox_id"),
    *("sequence_missing", "sequence_out_of_order"),
    *("forbidden_instance", "instance_guard", "outbox_guard"),
    *("results_total", "results_ok"),
    *("template_text", "memory_checkpointer", "failure_alert"),
    *(f"fate_{fate}" for fate in (SOUND, *FATES)),
)


class LogFile:
    """Write records in one of the two forms, each up to 31 ms after the one before."""

    def __init__(self, file: TextIO, form: str, rng: Random) -> None:
        """Write to `file`; `form` is plain or json."""
        self.file = file
        self.is_json = form == "json"
        self.rng = rng
        self.now_ms = FIRST_MOMENT_MS
        self.second = -1
        self.second_text = ""
        self.batch: list[str] = []
        self.lines = 0

    def write(self, record: Record) -> None:
        """Write one record; a newline in its text makes further lines in the plain form only."""
        self.now_ms += self.rng.getrandbits(5)
        second, ms = divmod(self.now_ms, 1000)
        if second != self.second:
            self.second = second
            shape = "%Y-%m-%dT%H:%M:%S" if self.is_json else "%Y-%m-%d %H:%M:%S"
            self.second_text = time.strftime(shape, time.gmtime(second))
        site, text = record
        if self.is_json:
            head = f'{{"timestamp": "{self.second_text}.{ms:03d}Z", {site.json_head}'
            line = head + encode_basestring_ascii(text) + site.json_tail
        else:
            line = f"{self.second_text},{ms:03d}{site.plain_head}{text}\n"
        self.batch.append(line)
        if len(self.batch) >= BATCH_LINES:
            self.flush()

    def flush(self) -> None:
        """Hand the batch to the file, and count its physical lines."""
        text = "".join(self.batch)
        self.lines += text.count("\n")
        self.file.write(text)
        self.batch.clear()


class Generator:
    """Interleave turns, noise and what is planted by number into one log."""

    def __init__(self, plan: Plan, messages: int, log: LogFile, rng: Random) -> None:
        """Make a log of `messages` turns."""
        self.plan = plan
        self.messages = messages
        self.log = log
        self.rng = rng
        self.noise = NoiseMix(NOISE)
        self.templates = NoiseMix(TEMPLATES)
        self.conversations = Conversations(plan, rng)
        self.turns = TurnWriter(plan, rng)
        self.truth = self.turns.truth
        self.schedule = scheduled(plan, messages, rng)

    def run(self) -> None:
        """Write the whole log: each line comes from a random one of the turns in flight."""
        draw, write = self.rng.random, self.log.write
        starts = self.starts()
        flying = list(islice(starts, IN_FLIGHT))
        while flying:
            slot = int(draw() * len(flying))
            talk, records = flying[slot]
            write(records.pop())
            if records:
                continue
            self.conversations.give_back(talk)
            following = next(starts, None)
            if following is None:
                flying.pop(slot)
            else:
                flying[slot] = following
        self.log.flush()

    def starts(self) -> Iterator[tuple[Conversation, list[Record]]]:
        """Yield each turn when it starts, its last record first, after what comes before it."""
        plan = self.plan
        for index in range(self.messages):
            for record in self.schedule.get(index, ()):
                self.write_scheduled(record)
            draw = self.rng.random()
            if draw < plan.template:
                self.truth["template_text"] += 1
                self.write_between(self.templates)
            elif draw < plan.template + plan.noise:
                self.write_between(self.noise)
            talk = self.conversations.take()
            yield talk, self.turns.turn(talk)[::-1]

    def write_between(self, mix: NoiseMix) -> None:
        """Write one record that belongs to no turn, and count its lines."""
        record, is_event = mix.draw(self.rng)
        self.log.write(record)
        self.truth["events" if is_event else "plain"] += 1
        if not self.log.is_json:
            self.truth["plain"] += record.text.count("\n")

    def write_scheduled(self, record: Record) -> None:
        """Write one record that is planted by number, and count it."""
        self.log.write(record)
        self.truth["malformed" if record is CUT_LINE else "plain"] += 1
        self.truth["memory_checkpointer"] += record is MEMORY_CHECKPOINTER
        self.truth["failure_alert"] += record is FAILURE_ALERT


def scheduled(plan: Plan, messages: int, rng: Random) -> dict[int, list[Record]]:
    """Return the records planted by number, each under the index of a random message."""
    records = (
        *[MEMORY_CHECKPOINTER] * plan.checkpointers,
        *[FAILURE_ALERT] * plan.alerts,
        *[CUT_LINE] * plan.malformed,
    )
    schedule: dict[int, list[Record]] = {}
    for record in records:
        schedule.setdefault(int(rng.random() * messages), []).append(record)
    return schedule


def write_log(options: argparse.Namespace, plan: Plan) -> dict[str, int]:
    """Write the log and return its truth: exact counts by name, see README.md."""
    # No secrets here: the same seed has to give the same log.
    rng = Random(options.seed)  # noqa: S311
    with options.output.open("w", encoding="utf-8", newline="\n") as file:
        generator = Generator(plan, options.messages, LogFile(file, options.format, rng), rng)
        generator.run()
    counts = {"lines": generator.log.lines, "bytes": options.output.stat().st_size}
    counts |= {name: generator.truth[name] for name in COUNTED}
    if counts["lines"] != counts["events"] + counts["plain"] + counts["malformed"]:
        message = f"the generator miscounted its own lines: {counts}"
        raise AssertionError(message)
    return counts


def arguments() -> argparse.Namespace:
    """Read the command line; each field of `Plan` is an option of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=700_000, help="turns (default 700000)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("plain", "json"), default="plain")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--truth", type=Path, metavar="FILE.json", help="write the exact counts")
    planted = parser.add_argument_group("what to plant")
    for item in dataclasses.fields(Plan):
        planted.add_argument(
            f"--{item.name.replace('_', '-')}",
            type=type(item.default),
            default=item.default,
            metavar="N" if isinstance(item.default, int) else "SHARE",
            help=f"{item.metadata['help']} (default {item.default})",
        )
    return parser.parse_args()


def main() -> None:
    """Write the log, and its truth where it is asked for."""
    options = arguments()
    plan = Plan(**{item.name: getattr(options, item.name) for item in dataclasses.fields(Plan)})
    counts = write_log(options, plan)
    if options.truth is not None:
        truth = {
            "format": options.format,
            "seed": options.seed,
            "plan": dataclasses.asdict(plan),
            "counts": counts,
        }
        options.truth.write_text(json.dumps(truth, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
