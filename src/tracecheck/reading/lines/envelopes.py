"""JSON envelopes around messages, whatever stands before them (contract, section 2).

One object is read here; `decoding` unwraps those inside each other.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, NamedTuple

import orjson
import polars as pl

MESSAGE_NAMES = (
    *("message", "msg", "log", "event", "MESSAGE", "Message", "short_message", "@m"),
    *("textPayload", "body", "line"),
)
TIME_NAMES = (
    *("timestamp", "time", "ts", "@timestamp", "asctime", "created", "@t"),
    "__REALTIME_TIMESTAMP",
)
LEVEL_NAMES = ("level", "levelname", "severity", "lvl", "log.level", "@l")
LOGGER_NAMES = ("logger", "name")
_LOG_LEVEL, _JOURNALD = "log.level", "MESSAGE"

END = r"\}[ \t]*$"
START = r"\{[ \t\r\n]*\""
"""What an envelope has in a text; only texts that have both need be asked."""

BEGUN = r"^(?:[^{]*[^A-Za-z0-9_{])?[A-Z][A-Z0-9_]+\|(?:[^{]*\|)?[ \t]*[A-Za-z0-9_][A-Za-z0-9_.-]*="
"""What a text starts with in which a trace line has begun before any brace: it needs no asking."""

HELD = {
    "row": pl.UInt32,
    **dict.fromkeys(("text", "head", "level", "logger", "stamp"), pl.String),
    "time": pl.Int64,
}
"""What envelopes hold: the message without one newline at its end, what stands before the object,
its level and logger, a text that it says of time, and the time (ns) that this or a number means."""

DEEPEST = 400
"""JSON levels that are looked into where the parsers give up. Both read some more than that."""
_MOST_BRACES = 10_000
_MOST_TRIES = 20
_MOST_DEEP_TRIES = 2  # they take long, and no honest line needs a second
_MOST_DIGITS = 64

_AFTER_BRACE = (b'"', b" ", b"\t", b"\r", b"\x1b", b"\xc2", b"#", b"\\", b"^")
_START = re.compile(START)
_TAG = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]+(?=([ \t]*)\|)")
_FIELD = re.compile(r"\|[ \t]*[A-Za-z0-9_][A-Za-z0-9_.-]*=")
_SURROGATE = re.compile("[\ud800-\udfff]")
_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Number:
    """A number of JSON, as it is written."""

    written: str

    def exactly(self) -> Decimal | None:
        """The number, as far as a time may need it; None beyond all measure."""
        digits = self.written
        if len(digits) > _MOST_DIGITS:
            whole = digits.partition(".")[0]
            if len(whole) >= _MOST_DIGITS or "e" in digits.lower():
                return None
            digits = digits[:_MOST_DIGITS]
        try:
            return Decimal(digits)
        except InvalidOperation:
            return None


class Message(NamedTuple):
    """What one envelope holds: its text, and what it says of itself.

    `stamps` are the times that it offers, the one that wins first. `head` is what stands before
    it.
    """

    text: str
    stamps: Sequence[str | int | Number]
    level: str | None
    logger: str | None
    head: str


_STAMPS = frozenset((str, int, Number))
"""Types of what may be a time, or a level; a boolean is neither."""


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


def unwrap(text: str, tags: Container[str]) -> Message | None:
    """The message in the JSON object that ends a cleaned text; None if there is none.

    There is none either where a trace line has begun before it. `tags` are those that rules name.
    """
    text = text.rstrip(" \t")
    if text.startswith("{") and (envelope := json_object(text)) is not None:
        return _message(envelope, text, "")
    for tries, start in enumerate(_starts(text, tags)):
        body = text[start:]
        if (envelope := json_object(body, deep=tries < _MOST_DEEP_TRIES)) is not None:
            return _message(envelope, body, text[:start])
    return None


def _starts(text: str, tags: Container[str]) -> Iterator[int]:
    """Where in a text an object may start, the leftmost first; not where a trace line has begun."""
    if not text.endswith("}"):
        return
    begun = _begun(text, tags)
    for match in islice(_START.finditer(text), _MOST_TRIES):
        if match.start() >= begun:
            return
        yield match.start()


def _begun(text: str, tags: Container[str]) -> int:
    """From where on a trace line has begun: behind a field, or the pipe of a tag of `tags`."""
    begun = None
    for tag in _TAG.finditer(text):
        if begun is not None and tag.end() >= begun:
            break
        if tag[0] in tags:
            behind_pipe = tag.end(1) + 1
            return behind_pipe if begun is None else min(begun, behind_pipe)
        if begun is None and not tag[1]:
            field = _FIELD.search(text, tag.end())
            begun = field.end() if field else len(text)
    return len(text) if begun is None else begun


def json_object(text: str, *, deep: bool = True) -> dict[str, Any] | None:
    """The text as one JSON object, its numbers perhaps Number; None if it is none.

    Unless `deep`, one that is nested too deep for the parsers is none either.
    """
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        # What Python's own loggers write and RFC 8259 forbids: NaN, lone surrogates.
        found = _loads(text, deep=deep)
    return found if isinstance(found, dict) else None


def _loads(text: str, *, deep: bool = True) -> Any:
    """As Python reads JSON, numbers as they are written; None if it is none.

    Halves of surrogate pairs become U+FFFD: no text may hold them.
    """
    try:
        return json.loads(
            text,
            object_pairs_hook=_mended,
            parse_int=Number,
            parse_float=Number,
            parse_constant=lambda _: None,
        )
    except ValueError:
        return None
    except RecursionError:
        return _loads(_shallow(text), deep=False) if deep else None


def _mended(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    return {name: without_surrogates(one) if isinstance(one, str) else one for name, one in pairs}


def without_surrogates(text: str) -> str:
    """The text with U+FFFD for each half of a surrogate pair."""
    return _SURROGATE.sub("\ufffd", text)


def _shallow(text: str) -> str:
    """The text of a JSON value with null for what is nested deeper than DEEPEST."""
    kept, start, depth = [], 0, 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("{", "["):
            depth += 1
            if depth == DEEPEST + 1:
                kept += [text[start : token.start()], "null"]
        elif token[0] in ("}", "]"):
            if depth == DEEPEST + 1:
                start = token.end()
            depth -= 1
    return "".join([*kept, text[start:]]) if depth == 0 else text


class _Names(NamedTuple):
    """The names of an object that say something, each sort in the order in which they count."""

    messages: tuple[str, ...]
    times: tuple[str, ...]
    levels: tuple[str, ...]
    loggers: tuple[str, ...]


_Objects = list[tuple[dict[str, Any], _Names]]


@functools.lru_cache(maxsize=64)
def _names_in(keys: tuple[str, ...]) -> _Names:
    """Which of the names there are; objects of one emitter have the same keys."""
    there = {*keys, _LOG_LEVEL} if "log" in keys else {*keys}
    sorts = (MESSAGE_NAMES, TIME_NAMES, LEVEL_NAMES, LOGGER_NAMES)
    return _Names(*(tuple(name for name in names if name in there) for names in sorts))


def _message(envelope: dict[str, Any], body: str, head: str) -> Message | None:
    """What an object, read of `body`, holds behind `head`; None without a message field."""
    found = _search(envelope)
    if found is None:
        return None
    text, objects = found
    stamps, levels = _times_and_levels(objects)
    if float in map(type, stamps) or float in map(type, levels) or 0 in levels:
        # A float is not the number that was written, and 0 may be -0; read them again, exactly.
        text, objects = _search(_loads(body) or {}) or found
        stamps, levels = _times_and_levels(objects)
    loggers = [one[name] for one, names in objects for name in names.loggers]
    text = text.rstrip("\0")
    return Message(
        text[:-2] if text.endswith("\r\n") else text.removesuffix("\n"),
        [stamp for stamp in stamps if type(stamp) in _STAMPS],
        next((_written(level) for level in levels if type(level) in _STAMPS), None),
        next((logger for logger in loggers if isinstance(logger, str)), None),
        head,
    )


def _times_and_levels(objects: _Objects) -> tuple[list[Any], list[Any]]:
    return (
        [one[name] for one, names in objects for name in names.times],
        [_level(one, name) for one, names in objects for name in names.levels],
    )


def _search(envelope: dict[str, Any]) -> tuple[str, _Objects] | None:
    """The message of an object, and the objects that it stands in, the innermost first."""
    names = _names_in(tuple(envelope))
    if names.messages and isinstance(text := envelope[names.messages[0]], str):
        return text, [(envelope, names)]
    waiting: list[tuple[Any, _Objects]] = [(envelope, [])]
    while waiting:
        value, outer = waiting.pop()
        if isinstance(value, str):
            return value, outer
        if isinstance(value, dict) and len(outer) < DEEPEST:
            names = _names_in(tuple(value))
            inside = [(value, names), *outer]
            waiting += [(_text(name, value[name]), inside) for name in reversed(names.messages)]
    return None


def _text(name: str, value: Any) -> Any:
    """The value of a message field; the text of one that journald writes as a list of bytes."""
    if name != _JOURNALD or not isinstance(value, list):
        return value
    numbers = [int(one.written) if _is_count(one) else one for one in value]
    if all(type(one) is int and 0 <= one < 256 for one in numbers) and numbers:
        return bytes(numbers).decode(errors="replace")
    return None


def _is_count(value: Any) -> bool:
    return isinstance(value, Number) and value.written.isdecimal() and len(value.written) <= 3


def _level(envelope: dict[str, Any], name: str) -> Any:
    value = envelope.get(name)
    if value is None and name == _LOG_LEVEL and isinstance(envelope.get("log"), dict):
        return envelope["log"].get("level")
    return value


def _written(value: str | int | Number) -> str:
    return value.written if isinstance(value, Number) else str(value)
