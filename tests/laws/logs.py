"""Random logs: rich in repeats, void keys, doubled and missing phases, odd times and damage.

A line is a text, as its emitter writes it; in a format, as a logger or a container writes that;
and at last bytes, which may be damaged.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from laws.rulefiles import ODD_NAMES

some = st.sampled_from

TAGS = ("AA", "AA", "BB", "BB", "CC", "INFO", "AAB")
NAMES = (
    *("p", "p", "n", "m", "s", "a.b", "count", "conv", "conv", "idem", "k"),
    *("cid", "c-2", "nn", "outbox_count", "conversation_id", "m2", *ODD_NAMES),
)
_KEYS = ("1", "1", "1", "2", "2", "", "unknown", "None", "x")
_NUMBERS = (
    *("0", "1", "1", "2", "3", "-1", "+2", "1.5", "007", "99999999999999999999", "0.05", "1.0"),
    *("x", "", "5%", "60s", "1min", "500ms", "2kB", "1 ", "1e3", "٣", "1.", "5 s", "-0", "1d"),
)
_TEXTS = ("x", "y", "x y", "é", "1", "", "unknown", "a=b", 'q"q', "b\\s", "xyy", "1.5", "AA")
VALUES = {
    **dict.fromkeys(NAMES, _TEXTS),
    **dict.fromkeys(("conv", "idem", "k", "cid", "c-2", "conversation_id"), _KEYS),
    **dict.fromkeys(("n", "m", "count", "nn", "outbox_count", "m2"), _NUMBERS),
    "p": ("x", "x", "y", "y", "1", ""),
}
_STAMPS = (
    *("2025-12-18T21:00:{:02d}Z", "2025-12-18 21:00:{:02d},5", "2025-12-18T21:00:{:02d}.25+00:00"),
    *("2025-12-18T22:00:{:02d}+01:00", "2025-12-18 21:00:{:02d}", "17660916{:02d}"),
    *("17660916{:02d}123", "17660916{:02d}000250", "20251218T2100{:02d}Z"),
    *("2025/12/18 21:00:{:02d}", "2025-12-18 21:00:{:02d}:250", "2025-12-18 22:00:{:02d} +0100"),
    *("2025-12-18 09:00:{:02d} PM", "2025-12-18 21:00:{:02d} UTC", "2025-12-18T20:59:60Z"),
    *("2025-12-18 09:00:{:02d} P.M.", "2025-12-18T22:00:{:02d}+01:00[Europe/Berlin]"),
    *(
        "2025-12-18 21:00:{:02d} [UTC]",
        "2025-12-18 21:00:{:02d} MT=1",
        "2025-12-18 21:00:{:02d} cat",
    ),
)
_STRANGE_STAMPS = (
    *(
        "2025-12-18 22:00:{:02d} CET",
        "2025-12-18 09:00:{:02d} PM EST",
        "2025-12-18 21:00:{:02d}BRT",
    ),
    *("2025-12-18 22:00:{:02d} (cet)", "2025-12-18 21:00:{:02d} CAT", "2025-12-18 21:00:{:02d} +3"),
    *(
        "2025-12-18 22:00:{:02d}[Europe/Berlin]",
        "2025-12-18 21:00:{:02d} UTC-3",
        "2025-12-18 21:00:{:02d}[+01:00]",
    ),
    *("2025-12-18 22:00:{:02d} Central European Standard Time", "2025-12-18 09:00:{:02d} Pm"),
    *("2025-12-18 21:00:{:02d} PM", "2025-13-18 21:00:{:02d}", "Dec 18 21:00:{:02d}"),
)
"""Stamps that are no time."""

_PROSE = (
    *("", "x", "plain text", "AA is written twice", "nothing: x=1", "INFO x", "{", "a|b|c=d"),
    *("AA", "AA|", "AA x=1", "AA:x=1", "x AA", "xAA|", "AA.x=1", "AA|x", "BB-p=x", "INFO|", "p=x"),
    *('{"a": 1}', '{"message": 1}', "{ not json }", "ZZ p=x", "1766091601 AA", "\x0b", "é"),
)
_DAMAGE = (
    *(b"\xff", b"\xc3", b"\xe2\x82", b"\x1b[31m", b"\x1b]0;x\x07", b"\x1b[", b"\r", b"\x00"),
    *(b"\xef\xbb\xbf", b"\x1b(B\x1b[m", b"\xc2\x9b1m", b"\x1bP0$r\x1b\\", b"#033[1;31m", b"^[[0m"),
    *(rb"\x1b[32m", rb"\033[m", rb"\u001b[1m", b" ", b'"', b"'"),
)
_BEFORE_A_LINE = (b"\0\0\0\0\0", b"\0" * 30, b"\xef\xbb\xbf", b"\xef\xbb\xbf\0\xef\xbb\xbf")
_BEHIND_A_LINE = (b" ", b"\t", b"\r", b" \r\r ", b"\x1b[0m", b"\x1b[0m ")
_ENDS = (b"#012", b"#000", b"\\n", b"\\r\\n", b"\\u0000", b" #015#012 ", b"\\\\n", b"\0")
"""Line ends that something on the way has written."""

_RESTS = (b'\\n","stream":"stdout"}', b'"}', b"', 'n': 2}", b'" n=2', b'\\n","a":"b', b' ","a":1}')
"""What stands behind a message in an envelope whose beginning is lost."""

_PIPES = ("", " ", ": ", ":", ";", " - ", "] : ", ", he said ", " | ", "\t|", "| ", "||")
"""What stands for the pipe behind a tag where it is damaged, or has blanks around it."""

_BEFORE_A_TEXT = (
    *(
        "PROD|svc|",
        "BB|",
        "AA ",
        "AA|",
        "AA x=1 ",
        "[AA] ",
        "INFO|app|",
        "INFO|x=1|",
        "x=1|",
        "ZZ|",
    ),
    *("message repeated 2 times: [ ", "ERROR:app:", "p='AA' ", 'a="b" '),
)
_BETWEEN_TEXTS = ("", " ", "ERROR:app:", "|", '" "', "\t", "=", "_", "; ")
_MESSAGES = (
    *("message", "message", "msg", "log", "event", "MESSAGE", "Message", "short_message", "@m"),
    *("textPayload", "body", "line"),
)
_TIMES = (*("ts", "ts", "timestamp", "time", "@timestamp", "asctime", "created", "@t"),)
_LEVELS = ("level", "levelname", "severity", "lvl", "log.level", "@l")
_BESIDE = (
    *(
        "AA|p=x",
        "BB: p=x",
        "x AA",
        "AA",
        "AA is fine",
        "BB|",
        "CC|p=x",
        "AAx=1",
        "AAp=1",
        "p=AA p=x",
    ),
    *('{"msg": "AA|p=x"}', "z\nAA|p=x", "INFO|p=x", "[BB] p=x"),
)
"""What stands in an object beside its message."""

_BEFORE_PARTS = ("", "", "", "app.log:", "app.log:7:", "node1 ")
_BEFORE_JSON = (
    *(
        "",
        "",
        "",
        "",
        " ",
        "svc-1  | ",
        "Dec 18 21:00:00 host app[7]: ",
        "[pod/a/app] ",
        "x {",
        "INFO|",
    ),
    *("AA|", "AA|x=1|", "ZZ|n|", '{"a": 1} ', "p=1 "),
    *("AA x=1 ", "AA: x=1 {", "BB ", "x AAp=1 ", '{"message": "BB p=x"} ', "AA is "),
)


def several(one: st.SearchStrategy[Any], most: int) -> st.SearchStrategy[list[Any]]:
    """Lists of all sizes up to `most`, of which hypothesis by itself makes mostly short ones."""
    return st.one_of(
        st.lists(one, max_size=most),
        st.lists(one, min_size=most // 3, max_size=most),
        st.lists(one, min_size=2 * most // 3, max_size=most),
    )


@st.composite
def templates(draw: Any) -> tuple[str, tuple[str, ...]]:
    """A tag and the names of its fields, in the order in which one emitter writes them."""
    usual = draw(
        some((("p", "conv"), ("conv", "p", "n", "s"), ("p", "n", "conv", "idem", "s"), ()))
    )
    names = draw(st.lists(some(NAMES), min_size=not usual, max_size=3))
    return draw(some(TAGS)), (*usual, *names)


@st.composite
def texts(draw: Any, shapes: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    """A trace line as its emitter writes it, without a prefix; sometimes another line."""
    odd = draw(st.integers(0, 19))
    if odd == 19:
        return draw(some(_PROSE))
    tag, names = draw(some(shapes))
    segments = [f"{name}={draw(some(VALUES[name]))}" for name in names]
    match odd:
        case 1:
            segments.pop(draw(st.integers(0, len(segments) - 1)))
        case 2:
            name = draw(some(NAMES))
            segments.insert(draw(st.integers(0, len(segments))), f"{name}={draw(some(_TEXTS))}")
        case 3:
            note = draw(some(("note", "", "-=1", "BB", "INFO", "é=1", "BB|p=y", "x BB", "BB |n")))
            segments.insert(draw(st.integers(0, len(segments))), note)
        case 4:
            return tag + draw(some(_PIPES)) + "|".join(segments)
        case 5:
            return draw(some((" | ", "| ", " |", "\t|"))).join((tag, *segments))
        case 6:
            return draw(some(_BEFORE_A_TEXT)) + "|".join((tag, *segments))
        case 7:
            again = "|".join(segments)
            again = draw(some(TAGS)) + draw(some(("|", "|", *_PIPES))) + again
            return "|".join((tag, *segments)) + draw(some(_BETWEEN_TEXTS)) + again
    return "|".join((tag, *segments))


def quoted(text: str, form: int) -> str:
    """A message in quotes, as logfmt, CSV, Python, Go and a JSON string in a line write it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    double = text.replace('"', '""')
    single = text.replace("'", "\\'")
    inner = escaped.replace("\\", "\\\\").replace('"', '\\"')
    return (
        f'level=info msg="{escaped}" n=2',
        f'level=info msg="app: {escaped}" s="y"',
        f'2,"{double}",BB',
        f"{{'msg': '{single}', 'n': 2}}",
        f'm="{{\\"msg\\":\\"{inner}\\",\\"p\\":\\"y\\"}}"',
        f'{{"msg": "{escaped}", "n": 2',
        f'said "{text}',
        f"read b'{text}\\n'",
        f"+ echo 'app: {text}'",
        f'2;"app: {double}";BB',
        f'2,"{{""m"":""{double}"",""p"":""y""}}",BB',
        f'<e p="x"><m>{text}</m><n>2</n></e>',
        f"{text}</m></e>",
        f"ran `{text}` and [{text}]",
        f"\u201capp: {text}\u201d p=y",
        f"[app: {text}]",
    )[form]


@st.composite
def envelopes(draw: Any, text: str, stamp: str) -> str:
    """A JSON object, somewhere in which a text is the message."""
    if draw(st.integers(0, 3)) == 3:
        text = text.replace("x y", "x\ny")
    ends = draw(some(("", "\n", "\r\n", "\0", "\n\0", "\\n", "#012")))
    message: Any = text + ends
    if draw(st.integers(0, 7)) == 7:
        message = {draw(some(_MESSAGES)): message, "level": "DEBUG"}
    envelope: dict[str, Any] = {draw(some(_MESSAGES)): message}
    if draw(st.integers(0, 4)) == 4:
        said = draw(some((*_BESIDE, text, text + "\n", f"x: {text} y", f"{text}|n=1", text[1:])))
        envelope[draw(some(("x", *_MESSAGES)))] = draw(
            some((said, [said], {"x": [0, {said: "y"}]}))
        )
    if stamp:
        number = stamp.isdigit() and draw(st.booleans())
        envelope[draw(some(_TIMES))] = float(stamp) if number else stamp
    if draw(st.booleans()):
        envelope[draw(some(_LEVELS))] = draw(some(("INFO", "info", 30, 1.50, True, None)))
        envelope[draw(some(("logger", "name")))] = "app"
    line = json.dumps(envelope, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 7)) == 7:  # as `jq -C` writes it, or as a logger that colours
        colour = draw(some(("\x1b[32m", "#033[32m", "\x1b(B")))
        line = line.replace('": "', f'": {colour}"').replace("{", colour + "{")
    return line


@st.composite
def lines(draw: Any, shapes: Sequence[Any], clock: str) -> bytes:
    """One line in one of the formats that real emitters and containers write."""
    text = draw(texts(shapes))
    timed = clock == "good" or (clock == "mixed" and draw(st.integers(0, 3)) < 3)
    second = draw(st.integers(0, 6)) if timed else 0
    strange = clock == "mixed" and draw(st.integers(0, 5)) == 5
    stamps = _STRANGE_STAMPS if strange else _STAMPS
    stamp = draw(some(stamps)).format(second) if timed else ""
    iso = f"2025-12-18T21:00:0{6 - second}.5Z"
    match draw(st.integers(0, 15)):
        case 0 | 1 | 2 | 3 | 4:
            line = f"{stamp} {text}" if stamp else text
        case 5:
            line = f"{stamp}|INFO|app|{text}" if stamp else f"INFO:app:{text}"
        case 6:
            line = f"{stamp} app ERROR {text}".lstrip()
        case 7:
            line = f"svc-1  | {stamp} {text}" if stamp else f"svc-1  | {text}"
        case 8 if clock != "none":
            flag = draw(some(("F", "F", "P", "F:x")))
            behind = draw(some(_BEFORE_PARTS))
            line = f"{behind}{iso} {draw(some(('stdout', 'stderr')))} {flag} {text}"
        case 9:
            line = f"{stamp} {quoted(text, draw(st.integers(0, 15)))}".lstrip()
        case 10:
            part: dict[str, Any] = {"log": text + draw(some(("\n", "\n", ""))), "stream": "stdout"}
            if timed:
                part |= {"time": iso}
            line = json.dumps(part | draw(some(({}, {}, {"attrs": {"log": "x"}}))))
            line = draw(some(_BEFORE_PARTS)) + line
        case 11:
            line = draw(envelopes(text, stamp))
            line = json.dumps({"log": line + "\n", **({"time": iso} if timed else {})})
        case 12 if timed:
            line = f"{iso} {draw(some(_BEFORE_JSON))}{draw(envelopes(text, ''))}"
        case 13:
            line = draw(some(_BEFORE_JSON)) + draw(envelopes(text, stamp))
        case _:
            line = draw(envelopes(text, stamp))
    return draw(damaged(line.encode()))


@st.composite
def damaged(draw: Any, data: bytes) -> bytes:
    """The bytes of a line, sometimes with what files and terminals do to them."""
    match draw(st.integers(0, 41)):
        case 36:
            place = draw(st.integers(0, len(data)))
            data = data[:place] + draw(some(_DAMAGE)) + data[place:]
        case 37:
            data = draw(some(_BEFORE_A_LINE)) + data
        case 38:
            data += draw(some(_BEHIND_A_LINE))
        case 40:
            data += draw(some(_ENDS))
        case 41:
            data += draw(some(_RESTS))
        case 39 if draw(st.booleans()):
            data = data.decode().encode(draw(some(("utf-16-le", "utf-16-be"))))
    return data


@st.composite
def files(draw: Any, shapes: Sequence[Any], clock: str, most: int) -> bytes:
    """The bytes of one file."""
    drawn = draw(several(lines(shapes, clock), most))
    for again in draw(st.lists(st.integers(0, most - 1), max_size=most // 2)):
        drawn += drawn[again : again + 1]
    end = draw(some((b"\n", b"\n", b"\n", b"\r\n")))
    data = b"".join(line + end for line in drawn)
    if draw(st.integers(0, 7)) == 7:
        data = data.removesuffix(end)
    return (b"\xef\xbb\xbf" if draw(st.integers(0, 15)) == 15 else b"") + data


@st.composite
def logs(draw: Any, most: int = 12) -> list[list[tuple[str, bytes]]]:
    """The sources of a run, some of them rotated sets; (path, bytes) of each file."""
    shapes = draw(st.lists(templates(), min_size=1, max_size=3))
    clock = draw(some(("none", "none", "good", "good", "mixed")))
    sources = [[f"{name}.log"] for name in "abc"[: draw(some((1, 1, 2, 2, 3)))]]
    for paths in sources:
        if draw(st.integers(0, 4)) == 4:
            paths.insert(0, f"{paths[0]}.1")
    share = max(3, most // sum(map(len, sources)))
    return [[(path, draw(files(shapes, clock, share))) for path in paths] for paths in sources]


def _dense(stamps: Sequence[str]) -> st.SearchStrategy[str]:
    """One line out of all there are, so that a log is a few choices and no more."""
    parts = (
        *(stamps, ("AA", "BB", "CC", "AA", "BB"), ("x", "y")),
        *(("1", "1", "2", "1", "2", "unknown"), ("1", "0", "1", "z"), ("x", "x", "y", "")),
    )
    line = "{}{}|p={}|conv={}|n={}|s={}\n"
    return some([line.format(*values) for values in itertools.product(*parts)])


_SECONDS = tuple(f"2025-12-18T21:00:0{second}Z " for second in range(5))
_DENSE = tuple(map(_dense, ([""], _SECONDS, _SECONDS, ["", *_SECONDS])))


@st.composite
def dense_logs(draw: Any, most: int = 24) -> list[list[tuple[str, bytes]]]:
    """Sources of one emitter, in which few keys meet again and again."""
    lines_of_log = draw(some(_DENSE))
    count = draw(some((1, 1, 1, 2)))
    texts = [draw(several(lines_of_log, most // count)) for _ in range(count)]
    return [[(f"{'ab'[at]}.log", "".join(text).encode())] for at, text in enumerate(texts)]
