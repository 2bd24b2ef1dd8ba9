"""Writes the samples that are made from others, so that all of them stay in step.

    python samples/make_formats.py            writes them
    python samples/make_formats.py --check    exits 1 and names each that differs

From `formats/bare.log`: the same 14 messages in every prefix format of real logs, and as a
rotated set. From `healthy.log`: a compressed copy. Standard library only; the clock is made up.
"""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
START = datetime(2025, 12, 18, 21, 0, 0, 114_000, tzinfo=UTC)
STEP = timedelta(milliseconds=1_137)
LOGGER = "app.core.delivery"
SPLIT_BY_CRI = {11: 60, 13: 2}
"""CRI cuts these lines in two after so many bytes: a trace line, and a character (`ã`)."""


class Message(NamedTuple):
    """One logging call of the service: its number in the log, its time, its text."""

    number: int
    time: datetime
    text: str


def stamp(time: datetime, separator: str, fraction: str) -> str:
    """The time down to the millisecond, e.g. `2025-12-18 21:00:00,114`."""
    return f"{time:%Y-%m-%d}{separator}{time:%H:%M:%S}{fraction}{time.microsecond // 1000:03d}"


def json_line(fields: dict[str, object], *, tight: bool = False) -> str:
    separators = (",", ":") if tight else (", ", ": ")
    return json.dumps(fields, ensure_ascii=False, separators=separators)


def json_formatter(message: Message) -> str:
    return json_line(
        {
            "timestamp": stamp(message.time, "T", ".") + "+00:00",
            "level": "INFO",
            "logger": LOGGER,
            "message": message.text,
            "module": "delivery",
            "function": "deliver_outbox",
            "line": 96,
        }
    )


def docker(message: Message, text: str) -> str:
    """Docker's json-file driver: it writes its own time, a little later than the service."""
    time = stamp(message.time + timedelta(milliseconds=3), "T", ".") + "000000Z"
    return json_line({"log": text + "\n", "stream": "stderr", "time": time}, tight=True)


def cri_prefix(message: Message, flag: str) -> str:
    return f"{stamp(message.time, 'T', '.')}000000Z stderr {flag} "


def cri(message: Message) -> bytes:
    """Kubernetes CRI: a long line comes in parts (`P`), cut anywhere, the last is `F`."""
    text = message.text.encode()
    cut = SPLIT_BY_CRI.get(message.number, 0)
    first = cri_prefix(message, "P").encode() + text[:cut] + b"\n" if cut else b""
    return first + cri_prefix(message, "F").encode() + text[cut:]


def ansi(message: Message) -> str:
    """A coloured console: codes in the prefix, in the line and after the last value."""
    coloured = message.text.replace("phase=", "phase=\x1b[1m").replace("|conv=", "\x1b[0m|conv=")
    return f"\x1b[32mINFO\x1b[0m:\x1b[36m{LOGGER}\x1b[0m:{coloured}\x1b[0m"


FORMATS: dict[str, Callable[[Message], str | bytes]] = {
    "level-logger.log": lambda m: f"INFO:{LOGGER}:{m.text}",
    "asctime.log": lambda m: f"{stamp(m.time, ' ', ',')} {LOGGER} INFO {m.text}",
    "json-formatter.jsonl": json_formatter,
    "docker-json-file.log": lambda m: docker(m, f"INFO:{LOGGER}:{m.text}"),
    "docker-json-logger.log": lambda m: docker(m, json_formatter(m)),
    "compose.log": lambda m: f"assistant-1  | INFO:{LOGGER}:{m.text}",
    "compose-json-logger.log": lambda m: f"assistant-1  | {json_formatter(m)}",
    "cri.log": cri,
    "cri-json-logger.log": lambda m: cri_prefix(m, "F") + json_formatter(m),
    "journald-short.log": lambda m: f"{m.time:%b %d %H:%M:%S} app-host assistant[812]: {m.text}",
    "syslog-rfc3164.log": lambda m: (
        f"<134>{m.time:%b %d %H:%M:%S} app-host assistant[812]: {m.text}"
    ),
    "syslog-rfc5424.log": lambda m: (
        f"<134>1 {stamp(m.time, 'T', '.')}Z app-host assistant 812 - - {m.text}"
    ),
    "loguru.log": lambda m: (
        f"{stamp(m.time, ' ', '.')} | INFO     | {LOGGER}:deliver_outbox:96 - {m.text}"
    ),
    "ansi.log": ansi,
    "pipes.log": lambda m: f"{m.time:%Y-%m-%d %H:%M:%S}|INFO|app|{m.text}",
}

ROTATED = {"app.log.2.gz": slice(0, 5), "app.log.1": slice(5, 10), "app.log": slice(10, None)}
"""Oldest first. Plan and delivery of conv_A3 stand in different files."""


def compressed(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=buffer, mtime=0) as file:
        file.write(data)
    return buffer.getvalue()


def plain(name: str, data: bytes) -> bytes:
    """What is inside: compressed bytes may differ between versions of zlib."""
    return gzip.decompress(data) if name.endswith(".gz") else data


def joined(lines: list[str | bytes]) -> bytes:
    return b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines)


def made() -> dict[str, bytes]:
    """All made samples: path under this folder to bytes."""
    texts = (HERE / "formats/bare.log").read_bytes().decode().removesuffix("\n").split("\n")
    messages = [Message(i + 1, START + i * STEP, text) for i, text in enumerate(texts)]
    files = {
        f"formats/{name}": joined([write(message) for message in messages])
        for name, write in FORMATS.items()
    }
    for name, part in ROTATED.items():
        files[f"rotated/{name}"] = joined(list(texts[part]))
    files["healthy.log.gz"] = (HERE / "healthy.log").read_bytes()
    return {
        name: compressed(data) if name.endswith(".gz") else data for name, data in files.items()
    }


def differs(name: str, data: bytes) -> bool:
    path = HERE / name
    return not path.exists() or plain(name, path.read_bytes()) != plain(name, data)


def main(arguments: list[str]) -> int:
    stale = {name: data for name, data in made().items() if differs(name, data)}
    for name, data in stale.items():
        print(name)
        if "--check" not in arguments:
            (HERE / name).parent.mkdir(exist_ok=True)
            (HERE / name).write_bytes(data)
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
