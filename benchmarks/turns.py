"""The turns of a go-live log: what a sound turn writes, and what each fate makes of it.

A turn has exactly one fate, so that the planted counts do not blur into each other. Only a failed
result is drawn beside the fate.
"""

from __future__ import annotations

from bisect import bisect
from collections import Counter, deque
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from plan import FATES, SOUND, Plan
from records import (
    DELIVERY,
    INSTANCE_GUARD,
    OUTBOX_GUARD,
    PLANNER,
    RESOLVER,
    RESULT,
    SENDER,
    Record,
)

if TYPE_CHECKING:
    from random import Random

RESTING = 40  # conversations that pause between two of their turns
GOOD_INSTANCE = "kumon_assistant"
SOURCES = ("meta", "channel", "state")


@dataclass(slots=True)
class Conversation:
    """A conversation, and how much of it is left; `idem` None means a new one for each turn."""

    conv: str
    idem: str | None
    turns_left: int
    one_turn: bool
    weak: bool = False
    attributed: bool = True


class Ids(NamedTuple):
    """What the lines of one turn share; `key` is written out as `conv=...|idem=...`."""

    key: str
    state: str
    outbox: str
    in_outbox: int


class Conversations:
    """Hand out the conversation of each next turn: one that has rested, or a new one."""

    def __init__(self, plan: Plan, rng: Random) -> None:
        """Start with nobody resting."""
        self.plan = plan
        self.rng = rng
        self.resting: deque[Conversation] = deque()

    def take(self) -> Conversation:
        """Return a conversation for one turn; no other turn of it is in flight."""
        talk = self.resting.popleft() if len(self.resting) > RESTING else self.start()
        talk.turns_left -= 1
        return talk

    def give_back(self, talk: Conversation) -> None:
        """Let a conversation rest when its turn is over and others are to come."""
        if talk.turns_left > 0:
            self.resting.append(talk)

    def start(self) -> Conversation:
        """Draw a new conversation: the void parts of its key, and the number of its turns."""
        plan, bits, draw = self.plan, self.rng.getrandbits, self.rng.random()
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


class TurnWriter:
    """Make the records of turns, and count in `truth` what the contract finds in them."""

    def __init__(self, plan: Plan, rng: Random) -> None:
        """Prepare the draw of fates: `cuts` are the upper ends of their shares, ascending."""
        self.plan = plan
        self.rng = rng
        self.truth: Counter[str] = Counter()
        self.cuts: list[float] = list(accumulate(getattr(plan, fate) for fate in FATES))
        if self.cuts[-1] > 1:
            message = f"the shares of the fates add up to {self.cuts[-1]:.3f}, more than 1"
            raise SystemExit(message)

    def turn(self, talk: Conversation) -> list[Record]:
        """Return the records of the next turn of a conversation, in order."""
        bits = self.rng.getrandbits
        idem = talk.idem or f"{bits(128):032x}"
        # Counts of two digits catch who compares numbers as text; one count in eight is not 1.
        in_outbox = 1 if bits(3) else 2 + bits(4)
        key = f"conv={talk.conv}|idem={idem}"
        ids = Ids(key, f"0x7f{bits(40):010x}", f"0x7f{bits(40):010x}", in_outbox)
        fate = self.fate(talk)
        records = planned(ids, fate, repeated=talk.idem is not None)
        if fate != "lost":
            records += self.delivered(ids, fate)
        self.count(talk, fate, len(records))
        return records

    def fate(self, talk: Conversation) -> str:
        """Draw the fate of a turn; where a fate would not show as itself the turn is sound.

        That is: a turn without a key joins nothing, and a delivery without its plan could
        discharge the lost plan of an earlier turn under the same key.
        """
        drawn = bisect(self.cuts, self.rng.random())
        fate = FATES[drawn] if drawn < len(FATES) else SOUND
        if not talk.attributed or (fate == "orphan" and not talk.one_turn):
            return SOUND
        return fate

    def delivered(self, ids: Ids, fate: str) -> list[Record]:
        """Return what follows the plan where the handoff is not lost."""
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
            second = self.drifted(ids, "drift_both")._replace(in_outbox=0)
            records.insert(1, delivery(second))
        return records

    def drifted(self, ids: Ids, fate: str) -> Ids:
        """Return the ids as the delivery sees them: those that drift are new ones."""
        if fate in {"drift_state", "drift_both"}:
            ids = ids._replace(state=f"0x7e{self.rng.getrandbits(40):010x}")
        if fate in {"drift_outbox", "drift_both"}:
            ids = ids._replace(outbox=f"0x7e{self.rng.getrandbits(40):010x}")
        return ids

    def empty(self, ids: Ids) -> list[Record]:
        """Return an empty delivery and, most of the time, the guard that notices it."""
        records = [delivery(ids._replace(in_outbox=0))]
        if self.rng.random() < self.plan.guarded:
            self.truth["outbox_guard"] += 1
            guard = (
                "OUTBOX_GUARD|level=CRITICAL|type=handoff_violation"
                f"|planner_after={ids.in_outbox}|delivery_before=0|{ids.key}"
            )
            records.append(Record(OUTBOX_GUARD, guard))
        return records

    def forbidden(self, ids: Ids) -> list[Record]:
        """Return the last three lines with a forbidden instance; a wrapped one has a guard too."""
        thread = f"thread_{self.rng.getrandbits(48):012x}"
        wrapped = f"invalid_pattern_{thread}"
        # Bare threads hardly ever reach a log: three of ten are the default, six are wrapped.
        instance = (*["default"] * 3, *[wrapped] * 6, thread)[int(self.rng.random() * 10)]
        records = self.sent(ids, instance)
        if instance is wrapped:
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
        status, error = self.status()
        carried = f"instance={instance}|{ids.key}"
        sent = f"DELIVERY_TRACE|action=send|instance={instance}|phone={phone}|{ids.key}"
        return [
            Record(RESOLVER, f"INSTANCE_TRACE|source={source}|{carried}"),
            Record(SENDER, sent),
            Record(RESULT, f"DELIVERY_TRACE|action=result|{status}|{carried}{error}"),
        ]

    def status(self) -> tuple[str, str]:
        """Draw how a result ends: its status fields, and what an error writes behind the key."""
        self.truth["results_total"] += 1
        if self.rng.random() >= self.plan.failed:
            self.truth["results_ok"] += 1
            return "status=success|http=200", ""
        # Free text with a pipe in it, as emitters write it: they have no escapes.
        error = "|error={'code': 500, 'detail': 'upstream | timeout=30s'}"
        return (
            ("status=failed|http=500", ""),
            ("status=failed|http=500", error),
            ("status=failed|http=unknown", ""),
        )[int(self.rng.random() * 3)]

    def count(self, talk: Conversation, fate: str, lines: int) -> None:
        """Count one turn of so many lines, and what handoff, consistent and sequence find."""
        truth = self.truth
        truth["messages"] += 1
        truth["events"] += lines
        truth[f"fate_{fate}"] += 1
        if not talk.attributed:
            truth["unattributed_handoff"] += 2
            truth["unattributed_sequence"] += 5
        elif fate == "orphan":
            truth["orphan"] += 1
        else:
            truth["handoffs"] += 1
            truth["handoffs_weak"] += talk.weak
            if fate != "lost":
                truth["pairs"] += 1
                truth["pairs_weak"] += talk.weak
            if fate != SOUND:
                self.count_violations(fate)

    def count_violations(self, fate: str) -> None:
        """Count what the joining rules find in a turn with a plan and with this fate."""
        truth = self.truth
        truth["lost"] += fate == "lost"
        truth["mismatch"] += fate == "empty"
        truth["duplicate"] += fate == "duplicate"
        truth["drift_state_id"] += fate in {"drift_state", "drift_both"}
        truth["drift_outbox_id"] += fate in {"drift_outbox", "drift_both"}
        truth["sequence_missing"] += fate in {"lost", "empty", "unresolved"}
        truth["sequence_out_of_order"] += fate == "out_of_order"


def planned(ids: Ids, fate: str, *, repeated: bool) -> list[Record]:
    """Return the planner lines; turns that repeat a key also write the count before planning."""
    if fate == "orphan":
        return []
    head = f"OUTBOX_TRACE|phase=planner|{ids.key}|state_id={ids.state}"
    if fate == "second_emitter":
        records = [Record(PLANNER, f"{head}|outbox_count={ids.in_outbox}")]
    elif fate == "no_outbox_id":
        records = [Record(PLANNER, f"{head}|outbox_id=MISSING|count={ids.in_outbox}")]
    else:
        records = [Record(PLANNER, f"{head}|outbox_id={ids.outbox}|count={ids.in_outbox}")]
    if repeated:
        records.insert(0, Record(PLANNER, f"{head}|outbox_id={ids.outbox}|count=0"))
    return records


def delivery(ids: Ids) -> Record:
    """Return the line of the delivery phase."""
    text = (
        f"OUTBOX_TRACE|phase=delivery|{ids.key}"
        f"|state_id={ids.state}|outbox_id={ids.outbox}|count={ids.in_outbox}"
    )
    return Record(DELIVERY, text)
