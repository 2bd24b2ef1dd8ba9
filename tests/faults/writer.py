"""The trace log of the fault run: turns of planner, outbox and delivery, some of them broken."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from random import Random

RULES = """
version: 1
name: faults
key: [conv, idem]
personal: []
events:
  planned:   OUTBOX_TRACE where phase == "planner" and count >= 1
  delivered: OUTBOX_TRACE where phase == "delivery"
  sent:      DELIVERY_TRACE where action == "send"
  result:    DELIVERY_TRACE where action == "result"
rules:
  - {id: handed, handoff: {from: planned, to: delivered, expect: to.count >= 1, within: 30s}}
  - {id: ids-survive, consistent: {from: planned, to: delivered, fields: [state_id, outbox_id]}}
  - {id: steps, sequence: {steps: [planned, delivered, sent, result], within: 45s}}
  - {id: no-guard, forbid: {where: OUTBOX_GUARD}}
  - {id: no-memory, forbid: {text: "Using memory"}}
  - {id: not-many, require: {where: result, at_least: 1, at_most: 12}}
  - {id: success, rate: {of: 'DELIVERY_TRACE where status == "ok"', over: result, at_least: 95%}}
  - {id: mostly-formed, wellformed: {at_most: 2%}}
"""

_ZERO = datetime(2025, 12, 18, 21, tzinfo=UTC)
_PROSE = ("heartbeat, all is well", "größer als früher: 5 €", "Using memory checkpointer", "{")


class Turns:
    """Lines in the order in which they are written; several turns are under way at a time."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._now = _ZERO
        self._number = 0
        self._due: list[deque[str]] = []

    def jump(self, seconds: float) -> None:
        """The clock of the one who writes the log is another from here on."""
        self._now += timedelta(seconds=seconds)

    def line(self) -> bytes:
        """The next one."""
        rng = self._rng
        if len(self._due) < 4 or rng.random() < 0.1:
            self._due.append(deque(self._turn()))
        turn = rng.choice(self._due)
        text = turn.popleft()
        if not turn:
            self._due.remove(turn)
        self._now += timedelta(milliseconds=rng.choice((1, 7, 90, 900, 4000)))
        stamp = f"{self._now:%Y-%m-%dT%H:%M:%S}.{self._now.microsecond // 1000:03d}Z"
        if rng.random() < 0.04:
            return f"{stamp} {rng.choice(_PROSE)} {self._number}\n".encode()
        if rng.random() < 0.02:
            return f"{stamp} OUTBOX_TRACE {text}\n".encode()
        return f"{stamp} {text}\n".encode()

    def _turn(self) -> list[str]:
        """One turn: what it is to be is drawn, and mostly it is sound."""
        rng = self._rng
        self._number += 1
        conv = f"c{self._number:06d}" if rng.random() < 0.8 else f"again{rng.randrange(3)}"
        key = f"conv={conv}|idem={rng.choice(('i1', 'i1', 'i1', 'unknown'))}"
        if rng.random() < 0.03:
            key = "conv=None|idem=unknown"
        ids = f"state_id=s{self._number}|outbox_id=o{self._number}"
        fate = rng.choice(("sound",) * 9 + ("lost", "empty", "drift", "twice", "guard", "short"))
        other = ids.replace("state_id=s", "state_id=x") if fate == "drift" else ids
        count = 0 if fate == "empty" else 1
        text = f"größer {'€' * (self._number % 5)}"
        lines = [
            f"INFO OUTBOX_TRACE|{key}|phase=planner|{ids}|count=1|text={text}",
            f"INFO OUTBOX_TRACE|{key}|phase=delivery|{other}|count={count}",
            f"INFO DELIVERY_TRACE|{key}|action=send",
            f"INFO DELIVERY_TRACE|{key}|action=result|status={rng.choice(('ok',) * 15 + ('no',))}",
        ]
        match fate:
            case "lost":
                del lines[1]
            case "twice":
                lines.insert(2, lines[1])
            case "guard":
                lines.append(f"CRITICAL OUTBOX_GUARD|{key}|handoff_violation=1")
            case "short":
                lines.pop()
        return lines
