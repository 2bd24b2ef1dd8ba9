"""JSON envelopes around messages, also behind a container prefix (contract, section 2).

A line is unwrapped up to three deep: docker's json-file around a JSON logger around an event.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson

from .escapes import without_escapes

DEEPEST = 3
MESSAGE_NAMES = ("message", "msg", "log", "event")
TIME_NAMES = ("timestamp", "time", "ts", "@timestamp")
LEVEL_NAMES = ("level", "levelname", "severity")
LOGGER_NAMES = ("logger", "name")

COMPOSE_PREFIX = r"[A-Za-z0-9][A-Za-z0-9_.-]*[ \t]+\| "
CRI_PREFIX = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2}) (?P<stream>stdout|stderr) (?P<flag>[FP])(?P<tags>:[^ ]*)? "
)
"""Also, as bytes, what the parts of a line begin with."""

CANDIDATE = rf"^(?:{COMPOSE_PREFIX}|{CRI_PREFIX})*[ \t]*\{{"
"""What the text of an envelope starts with; the vectorised reader asks only such lines."""

_AFTER_BRACE = (b'"', b" ", b"\t", b"\r", b"\x1b")
_MOST_BRACES = 10_000
_MOST_DIGITS = 64

_COMPOSE = re.compile(COMPOSE_PREFIX)
_CRI = re.compile(CRI_PREFIX)
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Message:
    """What was inside the envelopes.

    `stamps` are the times that the envelopes offer, the one that wins first: a text, or a
    number. `level` and `logger` are the innermost.
    """

    text: str
    stamps: tuple[str | Decimal, ...] = ()
    level: str | None = None
    logger: str | None = None


def may_hold_envelope(data: bytes) -> bool:
    """Whether an envelope may begin in `data`: a brace before a quote, white space or an escape.

    Looks at the braces only, since they are rare in logs that hold no JSON.
    """
    at = data.find(b"{")
    for _ in range(_MOST_BRACES):
        if at < 0:
            return False
        if data[at + 1 : at + 2] in _AFTER_BRACE:
            return True
        at = data.find(b"{", at + 1)
    return True


def unwrap(text: str) -> Message | None:
    """The message inside the envelopes of a cleaned line; None if there are none."""
    stamps: list[str | Decimal] = []
    level = logger = None
    found = False
    for _ in range(DEEPEST):
        envelope, body, container_stamp = _envelope(text)
        message = _first_text(envelope, MESSAGE_NAMES) if envelope else None
        if message is None:
            break
        found = True
        stamps[:0] = _stamps(envelope, body, container_stamp)
        level = _first_text(envelope, LEVEL_NAMES, level)
        logger = _first_text(envelope, LOGGER_NAMES, logger)
        text = without_escapes(_without_newline(message))
    return Message(text, tuple(stamps), level, logger) if found else None


def _envelope(text: str) -> tuple[dict[str, Any], str, str | None]:
    """The JSON object behind container prefixes, its own text, and the CRI stamp before it."""
    if text.startswith("{"):
        return _json_object(text), text, None
    stamp = None
    patterns = [_COMPOSE, _CRI]
    while match := next(filter(None, (pattern.match(text) for pattern in patterns)), None):
        patterns.remove(match.re)
        if match.re is _CRI:
            stamp = text[: text.index(" ")]
        text = text[match.end() :]
    return _json_object(text), text, stamp


def _json_object(text: str) -> dict[str, Any]:
    """The text as one JSON object; empty if it is none, as if it had no message."""
    if not (text.startswith("{") and text.endswith("}")):
        text = text.strip(" \t")
        if not (text.startswith("{") and text.endswith("}")):
            return {}
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        # What Python's own loggers write and RFC 8259 forbids: NaN, lone surrogates.
        found = _loads(text)
    return found if isinstance(found, dict) else {}


def _loads(text: str) -> Any:
    """As Python reads JSON, numbers exact; None if it is none, or too deep to read."""
    try:
        return json.loads(text, parse_int=_number, parse_float=_number)
    except (ValueError, RecursionError):
        return None


def _number(digits: str) -> Decimal | None:
    """A JSON number, exactly as far as a time may need it; beyond all measure it is none."""
    if len(digits) > _MOST_DIGITS:
        whole = digits.partition(".")[0]
        if len(whole) >= _MOST_DIGITS or "e" in digits.lower():
            return None
        digits = digits[:_MOST_DIGITS]
    try:
        return Decimal(digits)
    except InvalidOperation:
        return None


def _first_text(
    envelope: dict[str, Any], names: tuple[str, ...], default: str | None = None
) -> str | None:
    for name in names:
        value = envelope.get(name)
        if isinstance(value, str):
            return value if value.isascii() else _SURROGATE.sub("\ufffd", value)
    return default


def _stamps(
    envelope: dict[str, Any], body: str, container_stamp: str | None
) -> list[str | Decimal]:
    if any(isinstance(envelope.get(name), float) for name in TIME_NAMES):
        # A float has lost the nanoseconds of an epoch; read the number again as written.
        envelope = _loads(body.strip(" \t")) or envelope
    stamps: list[str | Decimal] = []
    for name in TIME_NAMES:
        value = envelope.get(name)
        if isinstance(value, bool):
            continue
        if isinstance(value, str):
            stamps.append(value)
        elif isinstance(value, (int, float, Decimal)):
            stamps.append(Decimal(value))
    return [*stamps, container_stamp] if container_stamp else stamps


def _without_newline(message: str) -> str:
    return message[:-2] if message.endswith("\r\n") else message.removesuffix("\n")
