"""What a generated log plants: every rate, and the fates that a turn can have."""

from __future__ import annotations

from dataclasses import dataclass, field


def share(default: float, about: str) -> float:
    """Declare one share of `Plan`, between 0 and 1, with its line of help."""
    value: float = field(default=default, metadata={"help": about})
    return value


def amount(default: int, about: str) -> int:
    """Declare one number of lines of `Plan`, with its line of help."""
    value: int = field(default=default, metadata={"help": about})
    return value


@dataclass(frozen=True)
class Plan:
    """What to plant: shares of all turns, unless something else is said, and numbers of lines."""

    lost: float = share(0.001, "the handoff is lost: nothing follows the planned line")
    empty: float = share(0.0005, "the delivery has count=0, and nothing is sent")
    guarded: float = share(0.8, "share of the empty handoffs that the guard reports")
    drift_state: float = share(0.0005, "state_id differs between planned and delivered")
    drift_outbox: float = share(0.0005, "outbox_id differs")
    drift_both: float = share(0.0002, "both ids differ")
    forbidden: float = share(0.001, "the instance is default, thread_* or wraps a thread_*")
    duplicate: float = share(0.0002, "a second delivery, empty and with other ids")
    orphan: float = share(0.0002, "the planned line is absent (one-turn conversations only)")
    out_of_order: float = share(0.0002, "the instance is resolved before the delivery")
    unresolved: float = share(0.0003, "source=error, and nothing is sent")
    second_emitter: float = share(0.01, "planned has outbox_count= and no outbox_id")
    no_outbox_id: float = share(0.005, "planned has outbox_id=MISSING")
    failed: float = share(0.02, "share of the results that failed")
    template: float = share(0.0001, "a line with template text comes before the turn")
    noise: float = share(0.235, "a line of another part of the service comes before the turn")
    many_turns: float = share(0.03, "share of conversations of 2 to 6 turns, half under one key")
    conv_void: float = share(0.0005, "share of conversations with conv=None")
    unattributed: float = share(0.0001, "share of conversations with conv=None, idem=unknown")
    checkpointers: int = amount(3, "lines 'Using memory checkpointer'")
    alerts: int = amount(2, "lines 'delivery_failure_rate ... exceeds ...'")
    malformed: int = amount(4, "trace lines cut behind their tag")


SOUND = "sound"
# Those shares of `Plan` of which a turn gets at most one; a turn that gets none is sound.
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
