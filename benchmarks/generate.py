"""Write a go-live log of any size, with planted violations and their exact counts.

    python benchmarks/generate.py --messages 700000 --seed 1 --format plain \
        --output big.log --truth big.truth.json

The same arguments give the same bytes on every machine. The log is streamed: a handful of turns
is in flight at a time, so memory does not grow with the number of messages.

A *message* is one turn of one conversation. A sound turn writes five trace lines (planned,
delivered, instance, send, result); what can go wrong with a turn is its *fate*, and a turn has
exactly one fate, so that the planted counts do not blur into each other. Only a failed result is
drawn beside the fate. See README.md for what each fate writes and what it counts.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import time
from bisect import bisect
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from json.encoder import encode_basestring_ascii
from pathlib import Path
from typing import NamedTuple, TextIO

IN_FLIGHT = 6  # turns that write at the same time
RESTING = 40  # conversations that pause between two of their turns
FIRST_MOMENT_MS = 1_766_000_000_000  # 2025-12-17 19:33:20 UTC
BATCH_LINES = 4096  # lines handed to the file at once
GOOD_INSTANCE = "kumon_assistant"
SOURCES = ("meta", "channel", "state")


def rate(default: float, about: str) -> float:
    """Declare one argument of `Plan`: its default and its line of help."""
    value: float = field(default=default, metadata={"help": about})
    return value


def amount(default: int, about: str) -> int:
    """Declare one argument of `Plan` that is a number of lines."""
    value: int = field(default=default, metadata={"help": about})
    return value


@dataclass(frozen=True)
class Plan:
    """What to plant: shares of 1 (of turns, where nothing else is said) and numbers of lines."""

    lost: float = rate(0.001, "the handoff is lost: nothing follows the planned line")
    empty: float = rate(0.0005, "the delivery has count=0: nothing is sent")
    guarded: float = rate(0.8, "share of the empty handoffs that the guard reports")
    drift_state: float = rate(0.0005, "state_id differs between planned and delivered")
    drift_outbox: float = rate(0.0005, "outbox_id differs")
    drift_both: float = rate(0.0002, "both ids differ")
    forbidden: float = rate(0.001, "the instance is default, thread_… or invalid_pattern_thread_…")
    duplicate: float = rate(0.0002, "a second delivery, empty and with other ids")
    orphan: float = rate(0.0002, "the planned line is absent (only in one-turn conversations)")
    out_of_order: float = rate(0.0002, "the instance is resolved before the delivery")
    unresolved: float = rate(0.0003, "source=error, and nothing is sent")
    second_emitter: float = rate(0.01, "planned is written as outbox_count=, without outbox_id")
    no_outbox_id: float = rate(0.005, "planned has outbox_id=MISSING")
    failed: float = rate(0.02, "share of the results that failed")
    template: float = rate(0.0001, "a line with unresolved template text comes before the turn")
    noise: float = rate(0.235, "records of other parts of the service, per turn")
    many_turns: float = rate(0.03, "share of conversations with 2 to 6 turns, half of one key")
    conv_void: float = rate(0.0005, "share of conversations with conv=None")
    unattributed: float = rate(0.0001, "share of conversations with conv=None and idem=unknown")
    checkpointers: int = amount(3, "lines 'Using memory checkpointer'")
    alerts: int = amount(2, "lines 'delivery_failure_rate … exceeds …'")
    malformed: int = amount(4, "trace lines cut off behind their tag")


# The fates that are drawn for a turn, in the order of `Plan`; a turn without one is sound.
FATES = (
    "lost",
    "empty",
    "drift_state",
    "drift_outbox",
    "drift_both",
    "forbidden",
    "duplicate",
    "orphan",
    "out_of_order",
    "unresolved",
    "second_emitter",
    "no_outbox_id",
)
SOUND = "sound"


class Speaker(NamedTuple):
    """One call site: what its lines look like before and after the text, in both forms."""

    plain_head: str
    json_head: str
    json_tail: str


class Record(NamedTuple):
    """One logging call: who speaks, and the text without any prefix."""

    speaker: Speaker
    text: str


def speaker(level: str, logger: str, function: str, line: int) -> Speaker:
    """Build the constant parts of the lines of one call site."""
    module = logger.rpartition(".")[2]
    head = f'"level": "{level}", "logger": "{logger}", "message": '
    tail = f', "module": "{module}", "function": "{function}", "line": {line}}}\n'
    return Speaker(f" {level} {logger}: ", head, tail)


PLANNER = speaker("INFO", "app.core.planner", "plan_outbox", 214)
DELIVERY = speaker("INFO", "app.core.delivery", "deliver_outbox", 96)
RESOLVER = speaker("INFO", "app.core.delivery", "resolve_instance", 151)
SENDER = speaker("INFO", "app.core.delivery", "send_message", 188)
RESULT = speaker("INFO", "app.core.delivery", "report_result", 231)
OUTBOX_GUARD = speaker("ERROR", "app.core.guards", "check_handoff", 57)
INSTANCE_GUARD = speaker("ERROR", "app.core.guards", "check_instance", 83)
HTTP = speaker("INFO", "app.api.http", "log_request", 41)
WEBHOOK = speaker("INFO", "app.api.webhook", "receive", 120)
WORKER = speaker("DEBUG", "app.core.worker", "tick", 33)
FAILURE = speaker("ERROR", "app.core.worker", "run", 72)
GRAPH = speaker("WARNING", "app.core.graph", "build_graph", 18)
ALERTS = speaker("CRITICAL", "app.core.alerts", "evaluate", 64)


@dataclass(slots=True)
class Conversation:
    """A conversation and what is left of it; `idem` None means a new one for each turn."""

    conv: str
    idem: str | None
    turns_left: int
    one_turn: bool
    weak: bool = False
    attributed: bool = True


class Ids(NamedTuple):
    """What the lines of one turn carry; `key` is the written `conv=…|idem=…`."""

    key: str
    state: str
    outbox: str
    count: int


class TurnWriter:
    """Make the records of turns, and count in `truth` what the contract finds in them."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        """Prepare the draw of fates: `cuts` are the upper ends of their shares, ascending."""
        self.plan = plan
        self.rng = rng
        self.truth: Counter[str] = Counter()
        self.cuts: list[float] = []
        edge = 0.0
        for fate in FATES:
            edge += getattr(plan, fate)
            self.cuts.append(edge)
        if edge > 1:
            message = f"the shares of the fates add up to {edge:.3f}, more than 1"
            raise SystemExit(message)

    def turn(self, talk: Conversation) -> list[Record]:
        """Return the records of the next turn of a conversation, the last one first."""
        bits = self.rng.getrandbits
        idem = talk.idem or f"{bits(128):032x}"
        ids = Ids(
            f"conv={talk.conv}|idem={idem}",
            f"0x7f{bits(40):010x}",
            f"0x7f{bits(40):010x}",
            1 if bits(3) else 2 + bits(4),
        )
        fate = self.fate(talk)
        records = self.planned(talk, ids, fate)
        if fate != "lost":
            records += self.delivered(talk, ids, fate)
        self.truth["messages"] += 1
        self.truth["events"] += len(records)
        self.truth[f"fate_{fate}"] += 1
        self.count_joins(talk, fate)
        records.reverse()
        return records

    def fate(self, talk: Conversation) -> str:
        """Draw the fate of a turn; a turn without a key stays sound, so that nothing hides."""
        drawn = bisect(self.cuts, self.rng.random())
        fate = FATES[drawn] if drawn < len(FATES) else SOUND
        if not talk.attributed or (fate == "orphan" and not talk.one_turn):
            return SOUND
        return fate

    def planned(self, talk: Conversation, ids: Ids, fate: str) -> list[Record]:
        """Return the planner lines: turns of one key also write the count before planning."""
        head = f"OUTBOX_TRACE|phase=planner|{ids.key}|state_id={ids.state}"
        if fate == "orphan":
            return []
        if fate == "second_emitter":
            records = [Record(PLANNER, f"{head}|outbox_count={ids.count}")]
        elif fate == "no_outbox_id":
            records = [Record(PLANNER, f"{head}|outbox_id=MISSING|count={ids.count}")]
        else:
            records = [Record(PLANNER, f"{head}|outbox_id={ids.outbox}|count={ids.count}")]
        if talk.idem is not None:
            records.insert(0, Record(PLANNER, f"{head}|outbox_id={ids.outbox}|count=0"))
        return records

    def delivered(self, talk: Conversation, ids: Ids, fate: str) -> list[Record]:
        """Return what follows the planner lines where the handoff is not lost."""
        if fate == SOUND:  # nearly all turns: kept short, because it sets the speed
            return [delivery(ids), *self.sent(ids, GOOD_INSTANCE)]
        if fate == "empty":
            return self.empty(ids)
        if fate == "forbidden":
            return [delivery(ids), *self.forbidden(ids)]
        if fate == "unresolved":
            trace = f"INSTANCE_TRACE|source=error|instance=unknown|{ids.key}"
            return [delivery(ids), Record(RESOLVER, trace)]
        records = [delivery(self.drifted(ids, fate)), *self.sent(ids, GOOD_INSTANCE)]
        if fate == "out_of_order":
            records[0], records[1] = records[1], records[0]
        elif fate == "duplicate":
            other = self.drifted(ids, "drift_both")
            records.insert(1, delivery(other._replace(count=0)))
        return records

    def drifted(self, ids: Ids, fate: str) -> Ids:
        """Return the ids as the delivery sees them: those that drift are new ones."""
        state, outbox = ids.state, ids.outbox
        if fate in {"drift_state", "drift_both"}:
            state = f"0x7e{self.rng.getrandbits(40):010x}"
        if fate in {"drift_outbox", "drift_both"}:
            outbox = f"0x7e{self.rng.getrandbits(40):010x}"
        return ids._replace(state=state, outbox=outbox)

    def empty(self, ids: Ids) -> list[Record]:
        """Return an empty delivery and, most of the time, the guard that notices it."""
        records = [delivery(ids._replace(count=0))]
        if self.rng.random() < self.plan.guarded:
            self.truth["outbox_guard"] += 1
            guard = (
                "OUTBOX_GUARD|level=CRITICAL|type=handoff_violation"
                f"|planner_after={ids.count}|delivery_before=0|{ids.key}"
            )
            records.append(Record(OUTBOX_GUARD, guard))
        return records

    def forbidden(self, ids: Ids) -> list[Record]:
        """Return the last three lines with a forbidden instance, and its guard if it has one."""
        thread = f"thread_{self.rng.getrandbits(48):012x}"
        form = self.rng.random()
        if form < 0.3:  # noqa: PLR2004 - three forms: default, wrapped, and hardly ever bare
            instance = "default"
        else:
            instance = f"invalid_pattern_{thread}" if form < 0.9 else thread  # noqa: PLR2004
        records = self.sent(ids, instance)
        if instance.startswith("invalid"):
            self.truth["instance_guard"] += 1
            guard = f"INSTANCE_GUARD|level=CRITICAL|type=invalid_pattern|value={thread}|{ids.key}"
            records.insert(0, Record(INSTANCE_GUARD, guard))
        self.truth["forbidden_instance"] += len(records)
        return records

    def sent(self, ids: Ids, instance: str) -> list[Record]:
        """Return instance, send and result of a message that goes out."""
        draw = self.rng.random()
        source = SOURCES[int(draw * 3)]
        phone = f"55119999{int(draw * 10_000):04d}"
        key = ids.key
        return [
            Record(RESOLVER, f"INSTANCE_TRACE|source={source}|instance={instance}|{key}"),
            Record(
                SENDER, f"DELIVERY_TRACE|action=send|instance={instance}|phone={phone}|{key}"
            ),
            Record(
                RESULT, f"DELIVERY_TRACE|action=result|{self.status()}".format(instance, key)
            ),
        ]

    def status(self) -> str:
        """Draw how a result ends; the braces take its instance and its key."""
        self.truth["results_total"] += 1
        draw = self.rng.random()
        if draw >= self.plan.failed:
            self.truth["results_ok"] += 1
            return "status=success|http=200|instance={}|{}"
        part = draw / self.plan.failed
        if part < 0.1:  # noqa: PLR2004 - a tenth of the failures never got an answer
            return "status=failed|http=unknown|instance={}|{}"
        if part < 0.5:  # noqa: PLR2004 - two fifths carry free text with a pipe in it
            return (
                "status=failed|http=500|instance={}|{}"
                "|error={{'code': 500, 'detail': 'upstream | timeout=30s'}}"
            )
        return "status=failed|http=500|instance={}|{}"

    def count_joins(self, talk: Conversation, fate: str) -> None:
        """Count what handoff, consistent and sequence find in one turn, by the contract."""
        truth = self.truth
        if not talk.attributed:
            truth["unattributed_handoff"] += 2
            truth["unattributed_sequence"] += 5
            return
        if fate == "orphan":
            truth["orphan"] += 1
            return
        truth["handoffs"] += 1
        truth["handoffs_weak"] += talk.weak
        if fate == "lost":
            truth["lost"] += 1
        else:
            truth["pairs"] += 1
            truth["pairs_weak"] += talk.weak
        truth["mismatch"] += fate == "empty"
        truth["duplicate"] += fate == "duplicate"
        truth["drift_state_id"] += fate in {"drift_state", "drift_both"}
        truth["drift_outbox_id"] += fate in {"drift_outbox", "drift_both"}
        truth["sequence_missing"] += fate in {"lost", "empty", "unresolved"}
        truth["sequence_out_of_order"] += fate == "out_of_order"


def delivery(ids: Ids) -> Record:
    """Return the line of the delivery phase."""
    text = (
        f"OUTBOX_TRACE|phase=delivery|{ids.key}"
        f"|state_id={ids.state}|outbox_id={ids.outbox}|count={ids.count}"
    )
    return Record(DELIVERY, text)


class Talks:
    """Hand out the conversation of the next turn: a rested one, or a new one."""

    def __init__(self, plan: Plan, rng: random.Random) -> None:
        """Start with nobody resting."""
        self.plan = plan
        self.rng = rng
        self.resting: deque[Conversation] = deque()

    def next(self) -> Conversation:
        """Return a conversation for one turn; no other turn of it is in flight."""
        talk = self.resting.popleft() if len(self.resting) > RESTING else self.new()
        talk.turns_left -= 1
        return talk

    def rest(self, talk: Conversation) -> None:
        """Take a conversation back when its turn is over."""
        if talk.turns_left > 0:
            self.resting.append(talk)

    def new(self) -> Conversation:
        """Draw a new conversation: which parts of its key are void, and how many turns it has."""
        bits, draw = self.rng.getrandbits, self.rng.random()
        plan = self.plan
        if draw < plan.unattributed:
            return Conversation("None", "unknown", 1, one_turn=True, attributed=False)
        draw -= plan.unattributed
        if draw < plan.conv_void:
            return Conversation("None", None, 1, one_turn=True, weak=True)
        draw -= plan.conv_void
        conv = f"conv_{bits(48):012x}"
        if draw >= plan.many_turns:
            return Conversation(conv, None, 1, one_turn=True)
        turns = 2 + bits(16) % 5
        if draw < plan.many_turns / 2:
            return Conversation(conv, "unknown", turns, one_turn=False, weak=True)
        return Conversation(conv, None, turns, one_turn=False)


class LogFile:
    """Write records in one of the two forms, each some milliseconds after the one before."""

    def __init__(self, file: TextIO, form: str, rng: random.Random) -> None:
        """Write to `file`; `form` is plain or json."""
        self.file = file
        self.is_json = form == "json"
        self.rng = rng
        self.now_ms = FIRST_MOMENT_MS
        self.second = -1
        self.second_text = ""
        self.buffer: list[str] = []
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
            stamp = f'{{"timestamp": "{self.second_text}.{ms:03d}Z", {site.json_head}'
            line = stamp + encode_basestring_ascii(text) + site.json_tail
        else:
            line = f"{self.second_text},{ms:03d}{site.plain_head}{text}\n"
        self.buffer.append(line)
        if len(self.buffer) >= BATCH_LINES:
            self.flush()

    def flush(self) -> None:
        """Hand the buffered records to the file, and count their physical lines."""
        batch = "".join(self.buffer)
        self.lines += batch.count("\n")
        self.file.write(batch)
        self.buffer.clear()


TRACEBACK = """upstream call failed, will retry
Traceback (most recent call last):
  File "/app/core/worker.py", line 71, in run
    reply = client.post(url, json={'retry': {'after': 3}})
TimeoutError: no answer within 30 s"""


def noise_record(rng: random.Random) -> tuple[Record, bool]:
    """Draw a line of another part of the service, and say whether it is an event.

    Some are traps for a search by literal: prose that names a tag, an instance that is no field.
    """
    number = rng.getrandbits(32)
    short = f"{number:08x}"
    shape = number % 100
    if shape < 50:  # noqa: PLR2004 - the hundredths below are the mix of shapes
        request = f"HTTP request done method=POST path=/webhook status=200 took=0.{shape:03d}s"
        return Record(HTTP, f"{request} request_id=req_{short}"), False
    if shape < 65:  # noqa: PLR2004
        return Record(WEBHOOK, f"DEDUP|hit|conv=conv_{short}|ttl=60s"), True
    if shape < 75:  # noqa: PLR2004
        return Record(WORKER, f"TURN_LOCK|acquired|conv=conv_{short}"), True
    if shape < 85:  # noqa: PLR2004
        return Record(WEBHOOK, "WEBHOOK|skip|no_text"), False
    texts = (
        (GRAPH, "ROUTING|Post-AI Decision|Routing to: planner"),
        (WORKER, f"OUTBOX_TRACE lines are kept for 30 days, job {short}"),
        (HTTP, "configuration: instance=default is ignored, using instance=kumon_assistant"),
        (WORKER, f"tabela |instance=default|conv=conv_{short}| não usada"),
        (WORKER, f'state saved {{"node": "planner", "size": {{"bytes": {number}}}}}'),
        (DELIVERY, "texto enviado: Olá! Sua aula é amanhã às 15h, até lá 👋"),
    )
    chosen = shape - 85
    if chosen < len(texts):
        return Record(*texts[chosen]), False
    if chosen < 8:  # noqa: PLR2004
        return Record(FAILURE, TRACEBACK), False
    return Record(WORKER, f"worker alive queue={number % 7} uptime={number}s"), False


def template_record(rng: random.Random) -> tuple[Record, bool]:
    """Draw a line with unresolved template text, and say whether it is an event."""
    name = "{{name}}" if rng.random() < 0.5 else "{SCHOOL_NAME}"  # noqa: PLR2004
    if rng.random() < 0.5:  # noqa: PLR2004 - in prose or in a field: both count
        return Record(SENDER, f"texto enviado: Olá {name}, tudo bem?"), False
    conv = f"conv_{rng.getrandbits(48):012x}"
    return Record(SENDER, f"MESSAGE_TRACE|conv={conv}|text=Olá {name}, tudo bem?"), True


def scheduled_records(plan: Plan, messages: int, rng: random.Random) -> dict[int, list[Record]]:
    """Return the records that are planted by number, each before a random message (its index)."""
    memory = Record(GRAPH, "Using memory checkpointer")
    alert = Record(
        ALERTS, "CRITICAL ALERT: delivery_failure_rate=0.12 exceeds threshold=0.1"
    )
    cut = Record(PLANNER, "OUTBOX_TRACE|")
    records = [memory] * plan.checkpointers + [alert] * plan.alerts + [cut] * plan.malformed
    schedule: dict[int, list[Record]] = {}
    for record in records:
        schedule.setdefault(rng.randrange(messages), []).append(record)
    return schedule


class Generator:
    """Interleave turns, noise and what is planted by number into one log."""

    def __init__(self, plan: Plan, messages: int, log: LogFile, rng: random.Random) -> None:
        """Make a log of `messages` turns."""
        self.plan = plan
        self.messages = messages
        self.log = log
        self.rng = rng
        self.talks = Talks(plan, rng)
        self.turns = TurnWriter(plan, rng)
        self.truth = self.turns.truth
        self.schedule = scheduled_records(plan, messages, rng)

    def run(self) -> None:
        """Write the whole log: each line comes from a random one of the turns in flight."""
        random_share, write = self.rng.random, self.log.write
        starts = self.starts()
        flying = [turn for _, turn in zip(range(IN_FLIGHT), starts, strict=False)]
        while flying:
            slot = int(random_share() * len(flying))
            talk, records = flying[slot]
            write(records.pop())
            if not records:
                self.talks.rest(talk)
                following = next(starts, None)
                if following is None:
                    flying.pop(slot)
                else:
                    flying[slot] = following
        self.log.flush()

    def starts(self) -> Iterator[tuple[Conversation, list[Record]]]:
        """Yield each turn when it starts, after the other lines that come before it."""
        for index in range(self.messages):
            self.write_scheduled(index)
            draw = self.rng.random()
            if draw < self.plan.template:
                self.truth["template_text"] += 1
                self.write_other(template_record)
            elif draw < self.plan.template + self.plan.noise:
                self.write_other(noise_record)
            talk = self.talks.next()
            yield talk, self.turns.turn(talk)

    def write_other(self, draw: Callable[[random.Random], tuple[Record, bool]]) -> None:
        """Write one record that belongs to no turn, and count it."""
        record, is_event = draw(self.rng)
        self.log.write(record)
        further = 0 if self.log.is_json else record.text.count("\n")
        self.truth["events" if is_event else "plain"] += 1
        self.truth["plain"] += further

    def write_scheduled(self, index: int) -> None:
        """Write the records that are planted by number before the message with this index."""
        for record in self.schedule.get(index, ()):
            self.log.write(record)
            is_cut = record.text == "OUTBOX_TRACE|"
            self.truth["malformed" if is_cut else "plain"] += 1


TRUTH_KEYS = (
    *("messages", "events", "plain", "malformed", "handoffs", "handoffs_weak", "lost", "mismatch"),
    *("orphan", "duplicate", "pairs", "pairs_weak", "drift_state_id", "drift_outbox_id"),
    *("sequence_missing", "sequence_out_of_order", "unattributed_handoff"),
    *("unattributed_sequence", "forbidden_instance", "instance_guard", "outbox_guard"),
    *("results_total", "results_ok", "template_text"),
)


def truth_of(generator: Generator, size: int) -> dict[str, int]:
    """Return the exact counts of a finished log of `size` bytes, zeros included."""
    truth = generator.truth
    counts = {"lines": generator.log.lines, "bytes": size}
    counts |= {key: truth[key] for key in TRUTH_KEYS}
    plan = generator.plan
    counts["memory_checkpointer"] = plan.checkpointers
    counts["failure_alert"] = plan.alerts
    counts |= {f"fate_{fate}": truth[f"fate_{fate}"] for fate in (SOUND, *FATES)}
    if counts["lines"] != counts["events"] + counts["plain"] + counts["malformed"]:
        message = f"the generator miscounted its lines: {counts}"
        raise AssertionError(message)
    return counts


def arguments() -> argparse.Namespace:
    """Read the command line; each field of `Plan` is an option."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--messages", type=int, default=700_000, help="turns to write")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--format", choices=("plain", "json"), default="plain")
    parser.add_argument("--output", type=Path, required=True, metavar="FILE")
    parser.add_argument("--truth", type=Path, metavar="FILE.json", help="write the exact counts")
    for item in dataclasses.fields(Plan):
        parser.add_argument(
            f"--{item.name.replace('_', '-')}",
            type=type(item.default),
            default=item.default,
            metavar="N" if isinstance(item.default, int) else "SHARE",
            help=f"{item.metadata['help']} (default {item.default})",
        )
    return parser.parse_args()


def main() -> None:
    """Write the log, and the truth if it is asked for."""
    options = arguments()
    names = [item.name for item in dataclasses.fields(Plan)]
    plan = Plan(**{name: getattr(options, name) for name in names})
    # Not for secrets: the same seed must give the same log.
    rng = random.Random(options.seed)  # noqa: S311
    with options.output.open("w", encoding="utf-8", newline="\n") as file:
        generator = Generator(plan, options.messages, LogFile(file, options.format, rng), rng)
        generator.run()
    counts = truth_of(generator, options.output.stat().st_size)
    if options.truth is not None:
        origin = {"format": options.format, "seed": options.seed}
        text = json.dumps({**origin, "plan": dataclasses.asdict(plan), "counts": counts}, indent=1)
        options.truth.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
