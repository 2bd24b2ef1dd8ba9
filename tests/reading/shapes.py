"""How a message looks in a line: the formats of `cases/reading/formats`, which says what they are.

A format is data; this writes messages in it, and knows what becomes of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any
from xml.sax.saxutils import escape

import yaml

FORMATS = Path(__file__).parents[1] / "cases" / "reading" / "formats"
BEGAN = datetime(2025, 12, 18, 21, 0, 0, 114_250, tzinfo=UTC)
STEP = timedelta(milliseconds=1_137)
_SLOT = re.compile(r"\$\{(message|time)(?::([^}]*))?\}")
_EXACT = {"s": 1_000_000, "ms": 1_000, "us": 1}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)[1:-1]


def _json_ascii(text: str) -> str:
    return json.dumps(text)[1:-1]


def _python(text: str) -> str:
    """Inside single quotes, as `repr` writes a text that holds double quotes, or none."""
    return text.replace("\\", "\\\\").replace("'", "\\'")


ESCAPES: Mapping[str | None, Callable[[str], str]] = MappingProxyType(
    {
        None: lambda text: text,
        "json": _json,
        "json ascii": _json_ascii,
        "go": _json,
        "csv": lambda text: text.replace('"', '""'),
        "csv json": lambda text: _json(text).replace('"', '""'),
        "python": _python,
        "shell": lambda text: text.replace("'", "'\\''"),
        "xml": lambda text: escape(text, {'"': "&quot;"}),
    }
)


@dataclass(frozen=True)
class Format:
    """One format; the words are those of the README beside the data."""

    name: str
    line: str
    time: str | None = None
    level: str | None = None
    before: tuple[str, ...] = ()
    inside: Format | None = None
    escape: str | None = None
    expect: str = "events"

    def alone(self) -> Format:
        """Without what it is written inside of it."""
        return replace(self, inside=None)

    def written(self, message: str, number: int = 0) -> str:
        """The line of a message, the one with this number in its log."""
        text = self.inside.written(message, number) if self.inside else message
        escaped = ESCAPES[self.escape](text)

        def filled(slot: re.Match[str]) -> str:
            return escaped if slot[1] == "message" else _stamp(moment(number), slot[2])

        return _SLOT.sub(filled, self.line)

    def log(self, messages: list[str]) -> bytes:
        """A whole log of messages."""
        lines = [*self.before, *(self.written(one, n) for n, one in enumerate(messages))]
        return "".join(f"{line}\n" for line in lines).encode()

    def known(self, number: int) -> int | None:
        """The time of a message as far as the format tells it, in ns since the epoch."""
        if self.time is None:
            return None
        micros = (moment(number) - _EPOCH) // timedelta(microseconds=1)
        return micros // _EXACT[self.time] * _EXACT[self.time] * 1_000


def moment(number: int) -> datetime:
    """When the message with this number was written."""
    return BEGAN + number * STEP


def _stamp(time: datetime, form: str) -> str:
    form = form.replace("%L", f"{time.microsecond // 1000:03d}")
    return time.strftime(form.replace("%s", str(int(time.timestamp()))))


def load(name: str) -> dict[str, Any]:
    """A file of the data."""
    loaded: dict[str, Any] = yaml.safe_load((FORMATS / name).read_text("utf-8"))
    return loaded


def _formats() -> dict[str, Format]:
    told = {**load("prefixes.yaml"), **load("envelopes.yaml")}

    def made(name: str) -> Format:
        parts = dict(told[name])
        inside = made(parts.pop("inside")) if "inside" in parts else None
        return Format(name, inside=inside, before=tuple(parts.pop("before", ())), **parts)

    return {name: made(name) for name in told}


ALL = _formats()
PREFIXES = tuple(ALL[name] for name in load("prefixes.yaml"))
ENVELOPES = tuple(ALL[name] for name in load("envelopes.yaml"))
