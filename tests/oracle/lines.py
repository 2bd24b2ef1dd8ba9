"""Contract section 2: from the bytes of one source to its lines."""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal, InvalidOperation

from . import events, times

BOM = b"\xef\xbb\xbf"
LONGEST = 1024 * 1024
DEEPEST = 3

STAMP = (
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2})"
)
CRI_PART = re.compile(
    rb"(" + STAMP.encode() + rb" (stdout|stderr) )([FP])((?::[^ ]*)? )(.*)", re.DOTALL
)
CRI_PREFIX = re.compile(r"(?P<stamp>" + STAMP + r") (?:stdout|stderr) [FP](?::[^ ]*)? ")
COMPOSE_PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*\s+\| ")

CSI = r"\x1b\[[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
# contract silent: an OSC holds neither BEL nor ESC before its end
OSC = r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"
ESCAPES = re.compile(CSI + "|" + OSC)
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Line:
    """One line: where it stands, what it says, and what it knows about itself."""

    source: int
    path: str
    number: int
    text: str
    time: int | None
    level: str | None
    logger: str | None
    undecodable: bool
    too_long: bool


def read_source(
    files: list[tuple[str, bytes]], source: int = 0, naive_zone: tzinfo = times.UTC
) -> list[Line]:
    """All lines of one source (a rotated set oldest first), in line order."""
    physical = [
        (path, number, raw)
        for path, data in files
        for number, raw in enumerate(split_lines(data), start=1)
    ]
    return [
        make_line(source, path, number, raw, naive_zone) for path, number, raw in join_cri(physical)
    ]


def split_lines(data: bytes) -> list[bytes]:
    """Section 2: lines end at LF only; one CR at the end is dropped; so is a BOM.

    contract silent: each file of a rotated set may start with a BOM, and ends its last line.
    """
    data = data.removeprefix(BOM)
    pieces = data.split(b"\n")
    if pieces[-1] == b"":
        pieces.pop()
    # contract silent: the CR belongs to the line end, so it is dropped before the 1 MiB is
    # measured, from each part of a split CRI line too.
    return [piece.removesuffix(b"\r") for piece in pieces]


def join_cri(physical: list[tuple[str, int, bytes]]) -> list[tuple[str, int, bytes]]:
    """Section 2: CRI `P` parts joined to the next `F` of their stream, as bytes.

    The line stands at its first part and has its prefix, with the flag written F (contract
    silent: also if no F ever comes).
    """
    joined: list[list] = []
    unfinished: dict[bytes, list] = {}
    for path, number, raw in physical:
        match = CRI_PART.fullmatch(raw)
        if match is None:
            joined.append([path, number, raw])
            continue
        start, stream, flag, rest_of_prefix, content = match.groups()
        if stream in unfinished:
            entry = unfinished.pop(stream)
            entry[2] += content
        else:
            entry = [path, number, start + b"F" + rest_of_prefix + content]
            joined.append(entry)
        if flag == b"P":
            unfinished[stream] = entry
    return [(path, number, raw) for path, number, raw in joined]


def decode(raw: bytes) -> tuple[str, bool, bool]:
    """Section 2: text, undecodable, too_long.

    contract silent: at the cut any unfinished start of a character is dropped and is not
    undecodable; only bytes that are kept can be undecodable.
    """
    too_long = len(raw) > LONGEST
    kept = raw[:LONGEST]

    def read(errors: str) -> str:
        return codecs.getincrementaldecoder("utf-8")(errors).decode(kept, final=not too_long)

    try:
        return read("strict"), False, too_long
    except UnicodeDecodeError:
        return read("replace"), True, too_long


def clean(text: str) -> str:
    """Section 2: 7-bit CSI and OSC sequences are removed, in one pass."""
    return ESCAPES.sub("", text)


def make_line(source: int, path: str, number: int, raw: bytes, naive_zone: tzinfo) -> Line:
    """Decode, clean, unwrap, and find time and level."""
    decoded, undecodable, too_long = decode(raw)
    text, time, level, logger = unwrap(clean(decoded), naive_zone)
    trace = events.parse(text)
    # a line without a tag is all prefix; nothing in a report depends on its time or level
    prefix = text if trace is None else trace.prefix
    if time is None:
        time = times.from_text(prefix, naive_zone)
    if level is None:
        level = events.prefix_level(prefix)
    return Line(source, path, number, text, time, level, logger, undecodable, too_long)


def unwrap(text: str, naive_zone: tzinfo) -> tuple[str, int | None, str | None, str | None]:
    """Section 2: text, time, level and logger after up to three JSON envelopes.

    contract silent: a container prefix may also stand inside an envelope; at each depth an
    object offers its own time, else the stamp of its container prefix; the innermost offer wins.
    """
    time = level = logger = None
    for _ in range(DEEPEST):
        stamp, body = strip_container(text)
        envelope = json_object(body)
        if envelope is None:
            break
        message = first_string(envelope, "message", "msg", "log", "event")
        if message is None:
            break
        own_time = json_time(envelope, naive_zone)
        if own_time is None and stamp is not None:
            own_time = times.from_text(stamp, naive_zone)
        time = time if own_time is None else own_time
        own_level = first_string(envelope, "level", "levelname", "severity")
        level = level if own_level is None else own_level
        own_logger = first_string(envelope, "logger", "name")
        logger = logger if own_logger is None else own_logger
        text = clean(without_newline(message))
    return text, time, level, logger


def without_newline(message: str) -> str:
    """One trailing newline dropped (contract silent: CR LF is one newline, too)."""
    if message.endswith("\r\n"):
        return message[:-2]
    return message.removesuffix("\n")


def strip_container(text: str) -> tuple[str | None, str]:
    """The stamp of the container prefix, if any, and what follows the prefix.

    Compose and CRI, in either order, each at most once.
    """
    stamp = None
    patterns = [COMPOSE_PREFIX, CRI_PREFIX]
    while True:
        for pattern in patterns:
            match = pattern.match(text)
            if match:
                break
        else:
            return stamp, text
        patterns.remove(pattern)
        stamp = match["stamp"] if pattern is CRI_PREFIX else stamp
        text = text[match.end() :]


def json_object(text: str) -> dict | None:
    """The text as one JSON object, or None. Numbers are read exactly, as Decimal."""
    text = text.strip(" \t")
    # contract silent: no other white space (a newline) may stand around the object
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = json.loads(text, parse_int=json_number, parse_float=json_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_number(written: str) -> Decimal | None:
    """A JSON number, exactly; one beyond all measure is as good as null."""
    try:
        return Decimal(written)
    except InvalidOperation:
        return None


def json_time(envelope: dict, naive_zone: tzinfo) -> int | None:
    """Contract silent: the first of the names, in this order, whose value reads as a time."""
    for name in ("timestamp", "time", "ts", "@timestamp"):
        time = times.from_json(envelope.get(name), naive_zone)
        if time is not None:
            return time
    return None


def first_string(envelope: dict, *names: str) -> str | None:
    """The first of the names, in the order of the contract, whose value is a string.

    contract silent: a level or logger that is no string (pino's 30) does not count; an empty
    string does. A lone surrogate becomes U+FFFD, and is not undecodable.
    """
    for name in names:
        value = envelope.get(name)
        if isinstance(value, str):
            return SURROGATE.sub("\ufffd", value)
    return None
