"""Random logs: rich in repeats, void keys, doubled and missing phases, odd times and damage."""

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
    *(
        "2025-12-18T22:00:{:02d}+01:00",
        "17660916{:02d}",
        "17660916{:02d}123",
        "2025-12-18 21:00:{:02d}",
    ),
)
_PROSE = (
    *("", "x", "plain text", "AA is written twice", "nothing: x=1", "INFO x", "{", "a|b|c=d"),
    *("AA", "AA|", "AA x=1", "AA:x=1", "x AA", "xAA|", "AA.x=1", "AA|x", "BB-p=x", "INFO|", "p=x"),
    *('{"a": 1}', '{"message": 1}', "{ not json }", "ZZ p=x", "1766091601 AA", "\x0b", "é"),
)
_DAMAGE = (b"\xff", b"\xc3", b"\xe2\x82", b"\x1b[31m", b"\x1b]0;x\x07", b"\x1b[", b"\r", b"\x00")


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
    odd = draw(st.integers(0, 11))
    if odd == 11:
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
            note = draw(some(("note", "", "-=1", "BB", "INFO", "é=1", "BB|p=y")))
            segments.insert(draw(st.integers(0, len(segments))), note)
    return "|".join((tag, *segments))


@st.composite
def lines(draw: Any, shapes: Sequence[Any], clock: str) -> bytes:
    """One line in one of the formats that real emitters and containers write."""
    text = draw(texts(shapes))
    form = draw(st.integers(0, 11))
    timed = clock == "good" or (clock == "mixed" and draw(st.integers(0, 3)) < 3)
    second = draw(st.integers(0, 6)) if timed else 0
    stamp = draw(some(_STAMPS)).format(second) if timed else ""
    iso = f"2025-12-18T21:00:0{6 - second}.5Z"
    if form < 5:
        line = f"{stamp} {text}" if stamp else text
    elif form == 5:
        line = f"{stamp}|INFO|app|{text}" if stamp else f"INFO:app:{text}"
    elif form == 6:
        line = f"{stamp} app ERROR {text}".lstrip()
    elif form == 7:
        line = f"svc-1  | {stamp} {text}" if stamp else f"svc-1  | {text}"
    elif form == 8 and clock != "none":
        flag = draw(some(("F", "F", "P", "F:x")))
        line = f"{iso} {draw(some(('stdout', 'stderr')))} {flag} {text}"
    else:
        if draw(st.integers(0, 3)) == 3:
            text = text.replace("x y", "x\ny")
        message: dict[str, Any] = {"message": text + draw(some(("", "\n", "\r\n")))}
        if stamp:
            message["ts"] = float(stamp) if stamp.isdigit() else stamp
        if draw(st.booleans()):
            message |= {"level": draw(some(("INFO", "info", 30))), "logger": "app"}
        line = json.dumps(message, ensure_ascii=draw(st.booleans()))
        if form == 11:
            line = json.dumps({"log": line + "\n", **({"time": iso} if timed else {})})
        if draw(st.integers(0, 7)) == 7:  # as `jq -C` writes it
            line = line.replace('"', '\x1b[32m"\x1b[0m').replace("{", "\x1b[1m{\x1b[0m")
    data = line.encode()
    if draw(st.integers(0, 24)) == 24:
        place = draw(st.integers(0, len(data)))
        data = data[:place] + draw(some(_DAMAGE)) + data[place:]
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
