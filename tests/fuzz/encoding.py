"""A line as bytes: with holes, with what is no UTF-8, in parts, and in UTF-16 among UTF-8."""

from __future__ import annotations

import json
from random import Random

STAMP = "2025-12-18T21:00:00.1Z"
NULS = b"\0" * 3_000
BOM = b"\xef\xbb\xbf"

HOLES = (b"\0", NULS, BOM, BOM * 2, BOM + NULS, NULS + BOM, b"\0" + BOM + b"\0")
INVALID = (b"\xff", b"\xe4", b"\xc0\x80", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82")
WIDE = ("utf-16-le", "utf-16-be", "utf-16", "utf-32-le", "utf-32-be", "utf-32")
ENDS = (b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n", b" \t\r\n")
ENCODED = (
    *("", "", "", "", "hole", "invalid", "wide", "long", "CRI parts", "docker parts"),
    *("CRI part without its end", "docker, behind last words"),
)
CHANGES_NOTHING = frozenset({"", "hole", "CRI parts", "docker parts", "docker, behind last words"})
"""After these, a line is read as if nothing had been done."""

BEHIND = (
    "",
    "",
    "",
    "app.log:",
    "app.log:{number}:",
    "{number}:",
    "node1 ",
    "svc-1  | ",
    "[pod/a-1/b] ",
)
"""What stands before the parts of a line; the number is that of its line."""

LAST_WORDS = ("Killed", "panic: 7", "x=1", "OUTB", "Traceback_")
"""What a process that is killed leaves without a newline, and at what a tag is none."""

RARELY = 0.02
"""How often a line over 1 MiB is made, which takes its time."""


def encoded(name: str, text: str, end: bytes, rng: Random) -> bytes | None:
    """A line as bytes, with its end; None if it cannot be encoded so."""
    data = text.encode()
    match name:
        case "hole":
            return rng.choice(HOLES) + data + end
        case "invalid":
            places = [at for at in range(len(data)) if data[at] < 0x80]
            at = rng.choice(places)
            return data[:at] + rng.choice(INVALID) + data[at:] + end
        case "wide":
            found = text.encode(rng.choice(WIDE))
            return None if b"\n" in found else found + b"\n"
        case "CRI parts":
            return _cri_parts(data, end, rng)
        case "docker parts":
            return _docker_parts(text, end, rng)
        case "CRI part without its end":
            # Behind what no other line has, so that it is joined to none.
            return f"node{rng.randrange(1 << 40)} {STAMP} stdout P ".encode() + data + end
        case "docker, behind last words":
            # Of a stream of their own: one that another input left open would go on in them.
            stream = f"stdout{rng.randrange(1 << 40)}"
            words = {"log": rng.choice(LAST_WORDS), "stream": stream, "time": "before"}
            whole = {"log": f"{text}\n", "stream": stream, "time": STAMP}
            return b"".join(json.dumps(one).encode() + end for one in (words, whole))
        case "long":
            return b"x " * (512 << 10) + b" " + data + end
    return data + end


def _cri_parts(data: bytes, end: bytes, rng: Random) -> bytes | None:
    """The line in two or three parts, with lines of the other stream between them."""
    cuts = sorted(rng.sample(range(len(data) + 1), min(rng.choice((1, 2)), len(data))))
    found, behind = b"", rng.choice(BEHIND)
    for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, len(data)], strict=True), 9):
        if data[start:stop].endswith(b"\r"):
            return None  # which is dropped at the end of each part
        flag = "F" if stop == len(data) else "P"
        found += (
            f"{behind}{STAMP} stdout {flag} ".format(number=number).encode()
            + data[start:stop]
            + (end if flag == "F" else b"\n")
        )
        if flag == "P" and rng.random() < 0.3:
            found += f"{behind}{STAMP} stderr F all is well\n".encode()
    return found


def _docker_parts(text: str, end: bytes, rng: Random) -> bytes:
    """As docker cuts it: a `log` without its newline goes on in the next object of its stream."""
    cuts = sorted(rng.sample(range(len(text) + 1), min(rng.choice((1, 2)), len(text))))
    found, behind = b"", rng.choice(BEHIND)
    stream = f"stdout{rng.randrange(1 << 40)}"
    for number, (start, stop) in enumerate(zip([0, *cuts], [*cuts, len(text)], strict=True), 9):
        log = text[start:stop] + ("\n" if stop == len(text) else "")
        entry = {"log": log, "stream": stream, "time": STAMP}
        found += behind.format(number=number).encode()
        found += json.dumps(entry, ensure_ascii=rng.random() < 0.5, separators=(",", ":")).encode()
        found += end
    return found
