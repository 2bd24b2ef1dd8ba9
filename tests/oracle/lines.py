"""Contract section 2: from the bytes of one source to its lines."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any

from . import events, times

BOM = b"\xef\xbb\xbf"
LONGEST = 1024 * 1024
DEEPEST = 3

CRI_PART = re.compile(
    rb"([^{\"]{0,256}?)"
    rb"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    rb"(?:Z|[+-][0-9]{2}:[0-9]{2}) (stdout|stderr) )([FP])((?::[^ ]*)?)(?: |\Z)(.*)",
    re.DOTALL,
)
STAMP = re.compile(
    rb"(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ])?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
    rb"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
LINE_NUMBER = re.compile(rb"(?:\A|(?<=:))[0-9]+(?=:\Z)|\A *[0-9]+(?=\t)")
DOCKER_CUTS_AT = 16 * 1024

# Of ECMA-48, in this order: control sequences; strings (DCS, SOS, OSC, PM, APC), which hold
# neither BEL nor ESC before their end; charset switches and their like; two-byte sequences. The
# 8-bit form of ESC and a character of @ to _ is U+0080 to U+009F.
# contract silent: a control sequence that has no end stays as it is; a string that has none is
# a two-byte sequence, and what is behind it is read.
ESCAPE_SEQUENCES = (
    r"(?:\x1b\[|\x9b)[\x30-\x3f]*[\x20-\x2f]*[\x40-\x7e]"
    r"|(?:\x1b[PX\]^_]|[\x90\x98\x9d\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)"
    r"|\x1b[\x20-\x2f]+[\x30-\x7e]"
    r"|\x1b[\x30-\x5a\x5c-\x7e]"
    r"|[\x80-\x9a\x9c-\x9f]"
)
# contract silent: the hexadecimal B may be small or capital; `tput sgr0` writes a charset switch
# before a colour, and grep erases the line behind one.
WRITTEN = r"(?:#033|\^\[|\\x1[bB]|\\033|\\u001[bB])"
WRITTEN_COLOUR = rf"(?:{WRITTEN}\(B)?{WRITTEN}\[[0-9;:]*[mK]"
ESCAPES = re.compile(ESCAPE_SEQUENCES + "|" + WRITTEN_COLOUR)
# In raw JSON two backslashes are one of the text, and begin nothing. contract silent: raw JSON is
# what has a "{" and behind it a "}", and no quote behind the last of these.
LOOKS_LIKE_JSON = re.compile(r'\{.*\}[^"]*\Z', re.DOTALL)
ESCAPES_IN_JSON = re.compile(r"(\\\\)|" + ESCAPE_SEQUENCES + "|" + WRITTEN_COLOUR)
SURROGATE = re.compile("[\ud800-\udfff]")

MESSAGES = (
    *("message", "msg", "log", "event", "MESSAGE", "Message", "short_message", "@m"),
    *("textPayload", "body", "line"),
)
TIMES = (
    *("timestamp", "time", "ts", "@timestamp", "asctime", "created", "@t"),
    "__REALTIME_TIMESTAMP",
)
LEVELS = ("level", "levelname", "severity", "lvl", "log.level", "@l")
LOGGERS = ("logger", "name")
BLANKS = " \t"


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
    what: str = "plain"
    trace: events.Trace | None = None


def read_source(
    files: list[tuple[str, bytes]],
    source: int = 0,
    naive_zone: tzinfo = times.UTC,
    named: events.Names = events.NONE,
    fields_read: events.Names = events.NONE,
) -> list[Line]:
    """All lines of one source (a rotated set oldest first), in line order."""
    physical = [
        (path, number, raw)
        for path, data in files
        for number, raw in enumerate(split_lines(data), start=1)
    ]
    return [
        make_line(source, path, number, raw.rstrip(b"\r \t"), naive_zone, named, fields_read)
        for path, number, raw in join_parts(physical, named)
    ]


def split_lines(data: bytes) -> list[bytes]:
    """Section 2: lines end at LF only; NULs and byte order marks at their start are dropped.

    contract silent: each file of a rotated set ends its last line. CRs belong to the line end,
    so they are dropped from each part of a line, too; blanks at the end of a part that goes on
    are content, and only those at the end of the whole line are dropped.
    """
    pieces = data.split(b"\n")
    if pieces[-1] == b"":
        pieces.pop()
    return [re.sub(rb"\A(?:\0|" + BOM + rb")+", b"", piece).rstrip(b"\r") for piece in pieces]


# ---- parts -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """A line as a part: its stream, what stands around its content, and whether it goes on."""

    stream: object
    before: bytes
    content: bytes
    after: bytes
    goes_on: bool
    text: str = ""  # of docker
    time: str | None = None  # likewise
    flag: bytes = b""  # of CRI, behind `before`

    @property
    def is_full(self) -> bool:
        """Docker cuts a line of more bytes than that."""
        return len(self.text.encode("utf-8", "surrogatepass")) >= DOCKER_CUTS_AT


def join_parts(
    physical: list[tuple[str, int, bytes]], named: frozenset[str] | set[str]
) -> list[tuple[str, int, bytes]]:
    """Section 2: parts of CRI and docker joined to the next of their stream, as bytes.

    The line stands at its first part and has its prefix. contract silent: the flag of CRI is that
    of the last part. Where the last part of docker is full, or it is in doubt whether the next goes
    on with it, what stands behind it is left out: so it is seen that the line is not whole.
    """
    cut: list[list[Part]] = []
    joined: list[tuple[str, int, bytes | list[Part]]] = []
    unfinished: dict[object, list[Part]] = {}
    for path, number, raw in physical:
        part = cri_part(raw) or docker_part(raw)
        if part is None:
            joined.append((path, number, raw))
            continue
        parts = unfinished.pop(part.stream, [])
        if parts and goes_on_with(parts, part, named):
            parts.append(part)
        else:
            if parts and not begins_anew(parts[-1], part, named):
                cut.append(parts)
            parts = [part]
            joined.append((path, number, parts))
        if part.goes_on:
            unfinished[part.stream] = parts
    return [
        (
            path,
            number,
            line
            if isinstance(line, bytes)
            else whole_line(line, is_cut=any(line is one for one in cut)),
        )
        for path, number, line in joined
    ]


def whole_line(parts: list[Part], *, is_cut: bool) -> bytes:
    first, last = parts[0], parts[-1]
    content = b"".join(part.content for part in parts)
    is_cut = is_cut or (last.goes_on and last.is_full)
    if first.flag:
        return first.before + last.flag[:1] + first.flag[1:] + b" " + content
    return first.before + content + (b"" if is_cut else first.after)


def begins_anew(before: Part, part: Part, named: frozenset[str] | set[str]) -> bool:
    """Is a part of docker a line of its own?

    contract silent: what was killed leaves its last line without a newline. It is not joined to a
    named tag, be it damaged, which would not show then. But docker cuts what is full anywhere.
    """
    tag = re.match(r"([A-Z][A-Z0-9_]+)", clean(part.text))
    word = re.search(r"[A-Za-z0-9_]*\Z", clean(before.text))[0]
    if tag is None or word == "" or before.is_full:
        return False
    return tag[1] in named and word + tag[1] not in named


def goes_on_with(parts: list[Part], part: Part, named: frozenset[str] | set[str]) -> bool:
    """Is a part joined to those before it?

    contract silent: docker gives all parts of a line one time, and cuts what is full. Where neither
    is so and a named tag with its pipe stands in what came before, it is in doubt.
    """
    before = parts[-1]
    if begins_anew(before, part, named):
        return False
    times = [one.time for one in (before, part)]
    is_sure = before.is_full or times[0] == times[1] or None in times
    texts = [clean(one.text) for one in parts]
    return is_sure or not any(events.shows_piped(text, named) for text in texts)


def stream_of(kind: str, stream: object, prefix: bytes) -> object | None:
    """Contract silent: parts behind a prefix belong together if it is the same.

    But for stamps in it, and for the number of the line as grep and cat write it. A prefix in which
    a trace line may have begun is none.
    """
    if len(prefix) > 256 or b'"' in prefix or (b"|" in prefix and b"=" in prefix):
        return None
    if prefix.strip(b" \t\r") == b"":
        prefix = b""
    return kind, stream, LINE_NUMBER.sub(b"", STAMP.sub(b"", prefix))


def cri_part(raw: bytes) -> Part | None:
    match = CRI_PART.fullmatch(raw)
    if match is None:
        return None
    prefix, start, stream, flag, tags, content = match.groups()
    of = stream_of("cri", stream, prefix)
    if of is None:
        return None
    return Part(of, prefix + start, content, b"", flag == b"P", flag=flag + tags)


def docker_part(raw: bytes) -> Part | None:
    """An object of `log`, `stream`, `time` and `attrs` alone.

    contract silent: `time` and `attrs` may be absent, and nothing but blanks stands behind it.
    An object over 1 MiB is cut, so it is none.
    """
    if len(raw.rstrip(b"\r \t")) > LONGEST or b"{" not in raw:
        return None
    text = raw.decode("utf-8", "surrogateescape")
    prefix = text[: text.index("{")]
    envelope = json_object(text[len(prefix) :].rstrip(" \t\r"))
    if envelope is None or not set(envelope) <= {"log", "stream", "time", "attrs"}:
        return None
    log, stream = envelope.get("log"), envelope.get("stream")
    if not isinstance(log, str) or not isinstance(stream, str):
        return None
    of = stream_of("docker", stream, prefix.encode("utf-8", "surrogateescape"))
    if of is None:
        return None
    start, end = span_of_log(text)
    before, content, after = (
        piece.encode("utf-8", "surrogateescape")
        for piece in (text[:start], text[start:end], text[end:])
    )
    time = first_text(envelope, ["time"])
    return Part(of, before, content, after, not log.endswith("\n"), log, time)


def span_of_log(text: str) -> tuple[int, int]:
    """Where the raw string of `log` stands in a JSON object, without its quotes."""
    decoder = json.JSONDecoder()
    space = re.compile(r"[ \t\r\n]*")
    place = text.index("{") + 1
    found = (0, 0)
    while True:
        name, place = decoder.raw_decode(text, space.match(text, place).end())
        place = text.index(":", place) + 1
        start = space.match(text, place).end()
        _, place = decoder.raw_decode(text, start)
        if name == "log":  # of a doubled name the last counts
            found = (start + 1, place - 1)
        place = space.match(text, place).end() + 1
        if text[place - 1] == "}":
            return found


# ---- text --------------------------------------------------------------------------------


def decode(raw: bytes) -> tuple[str, bool, bool]:
    """Section 2: text, undecodable, too_long.

    contract silent: at the cut any unfinished start of a character is dropped and is not
    undecodable; only bytes that are kept can be undecodable. Blanks that the cut leaves at the
    end are dropped, too.
    """
    too_long = len(raw) > LONGEST
    kept = raw[:LONGEST]

    def read(errors: str) -> str:
        text = codecs.getincrementaldecoder("utf-8")(errors).decode(kept, final=not too_long)
        return text.rstrip("\r \t")

    is_utf16 = kept.count(0) * 4 > len(kept.rstrip(b"\r \t"))
    try:
        return read("strict"), is_utf16, too_long
    except UnicodeDecodeError:
        return read("replace"), True, too_long


def clean(text: str, end: re.Pattern[str] = events.END_OF_MESSAGE) -> str:
    """Section 2: escape sequences are removed, in one pass; and ends of lines that are written."""
    if LOOKS_LIKE_JSON.search(text):
        return events.without_ends(ESCAPES_IN_JSON.sub(lambda match: match[1] or "", text), end)
    return events.without_ends(ESCAPES.sub("", text), end)


def make_line(
    source: int,
    path: str,
    number: int,
    raw: bytes,
    naive_zone: tzinfo,
    named: events.Names,
    fields_read: events.Names,
) -> Line:
    """Decode, clean, unwrap, classify, and find time and level."""
    decoded, undecodable, too_long = decode(raw)
    text, time, level, logger = unwrap(decoded, naive_zone, named)
    what, trace = events.classify(text, named, fields_read)
    if shows_beside(decoded, text, named, fields_read):
        what, trace = "malformed", None
    # contract silent: a line that is no event is all prefix
    prefix = text if trace is None else trace.prefix
    if time is None:
        time = times.from_text(prefix, naive_zone)
    if level is None:
        level = events.prefix_level(prefix)
    return Line(source, path, number, text, time, level, logger, undecodable, too_long, what, trace)


# ---- envelopes ---------------------------------------------------------------------------


def unwrap(
    text: str, naive_zone: tzinfo, named: events.Names
) -> tuple[str, int | None, str | None, str | None]:
    """Section 2: cleaned text, time, level and logger after up to three JSON envelopes.

    At each depth an object offers its own time, else the stamp of what stands before it; the
    innermost offer wins.
    """
    text = clean(text, events.END_OF_LINE)
    time = level = logger = None
    for _ in range(DEEPEST):
        found = find_object(text, named)
        if found is None:
            break
        before, envelope = found
        message, objects = message_of(envelope)
        if message is None:
            break
        # contract silent: the objects in which the message stands say these things too
        own_time = first(json_time(one, naive_zone) for one in objects)
        if own_time is None:
            own_time = times.from_text(before, naive_zone)
        time = time if own_time is None else own_time
        own_level = first(first_text(one, LEVELS, numbers=True) for one in objects)
        level = level if own_level is None else own_level
        own_logger = first(first_text(one, LOGGERS) for one in objects)
        logger = logger if own_logger is None else own_logger
        text = clean(without_newline(message))
    return text, time, level, logger


def shows_beside(text: str, message: str, named: events.Names, fields_read: events.Names) -> bool:
    """Does a line show a named tag that is lost when its envelopes are?

    contract silent: by the law of section 2 that is told. Before an object it is what is damage
    in any line, up to its brace. In a text of the object, or a name, that is not its message, it
    is a tag with a pipe or a field behind it; but not where the message of the line says the same.
    """
    text = clean(text, events.END_OF_LINE)
    for _ in range(DEEPEST):
        found = find_object(text, named)
        if found is None:
            return False
        before, envelope = found
        inner, _ = message_of(envelope)
        if inner is None:
            return False
        if events.broken_tags(before + "{", named, fields_read):
            return True
        for one in strings_of(text[len(before) :]):
            if one.rstrip("\r\n") != inner.rstrip("\r\n") and is_lost(
                clean(one), message, named, fields_read
            ):
                return True
        text = clean(without_newline(inner))
    return False


def strings_of(text: str) -> list[str]:
    """Every string in a JSON text, its names too, and also what a doubled name hides."""
    found = []
    decoder = json.JSONDecoder()
    place = text.find('"')
    while place >= 0:
        one, end = decoder.raw_decode(text, place)
        found.append(SURROGATE.sub("\ufffd", one))
        place = text.find('"', end)
    return found


def is_lost(text: str, message: str, named: events.Names, fields_read: events.Names) -> bool:
    """Does a text show an event that the message does not?"""
    said = [message[at:] for at in events.begun_tags(message, named, fields_read)]
    said += [json.dumps(one, ensure_ascii=False)[1:-1] for one in said]
    for at in events.begun_tags(text, named, fields_read):
        behind = [text[at + len(one) :] for one in said if text.startswith(one, at)]
        # contract silent: behind the same there may be other words, but not more of its value or
        # another field
        is_same = any(
            (one == "" or one[0] in "\"'\\)]}" or one[0].isspace())
            and not one.lstrip(BLANKS).startswith("|")
            for one in behind
        )
        if not is_same and text[at:] not in message:
            return True
    return False


def without_newline(message: str) -> str:
    """One trailing newline dropped (contract silent: CR LF is one newline, too).

    contract silent: NULs behind it are dropped, too.
    """
    message = message.rstrip("\0")
    if message.endswith("\r\n"):
        return message[:-2]
    return message.removesuffix("\n")


def find_object(text: str, named: events.Names) -> tuple[str, dict] | None:
    """Section 2: what stands before the JSON object that ends the text, and the object."""
    text = text.rstrip(" \t")
    if not text.endswith("}"):
        return None
    for match in re.finditer(r"\{", text):
        envelope = json_object(text[match.start() :])
        if envelope is not None:
            before = text[: match.start()]
            return None if events.has_begun(before, named) else (before, envelope)
    return None


class Number(Decimal):
    """A JSON number, exactly, and as it is written."""

    written: str


def json_number(written: str) -> Number | None:
    """A JSON number; one beyond all measure is as good as null."""
    try:
        number = Number(written)
    except InvalidOperation:
        return None
    number.written = written
    return number


def json_object(text: str) -> dict | None:
    """The text as one JSON object, or None; no white space may stand around it."""
    if not (text.startswith("{") and text.endswith("}")):
        return None
    try:
        value = json.loads(text, parse_int=json_number, parse_float=json_number)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def json_time(envelope: dict, naive_zone: tzinfo) -> int | None:
    """Contract silent: the first of the names, in this order, whose value reads as a time."""
    for name in TIMES:
        time = times.from_json(envelope.get(name), naive_zone)
        if time is not None:
            return time
    return None


def message_of(envelope: dict) -> tuple[str | None, list[dict]]:
    """Section 2: the first string among the message fields; an object is searched likewise.

    With the objects in which it stands, the innermost first. contract silent: journald writes a
    MESSAGE that is no text as a list of its bytes.
    """
    for name in MESSAGES:
        value = envelope.get(name)
        if isinstance(value, dict):
            message, objects = message_of(value)
            if message is not None:
                return message, [*objects, envelope]
        elif name == "MESSAGE" and is_bytes(value):
            return bytes(map(int, value)).decode("utf-8", "replace"), [envelope]
        elif isinstance(value, str):
            return first_text(envelope, [name]), [envelope]
    return None, []


def is_bytes(value: object) -> bool:
    """Whether a JSON value is a list of bytes."""
    return (
        isinstance(value, list)
        and value != []
        and all(isinstance(one, Number) and one.written.isdigit() for one in value)
        and all(one < 256 for one in value)
    )


def first(values: Iterable[Any]) -> Any:
    """The first value that is not None."""
    return next((value for value in values if value is not None), None)


def first_text(envelope: dict, names: object, *, numbers: bool = False) -> str | None:
    """The first of the names, in the order of the contract, whose value is a string.

    With `numbers` a number does, too, as it stands. contract silent: an empty string counts. A
    lone surrogate becomes U+FFFD, and is not undecodable. `log.level` may be written as one name,
    or as `level` in an object `log`.
    """
    for name in names:
        value = envelope.get(name)
        if value is None and name == "log.level" and isinstance(envelope.get("log"), dict):
            value = envelope["log"].get("level")  # contract silent: dots may be objects
        if isinstance(value, str):
            return SURROGATE.sub("\ufffd", value)
        if numbers and isinstance(value, Number):
            return value.written
    return None
