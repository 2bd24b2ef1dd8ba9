"""Layouts of JSON lines: what one emitter writes alike is cut in bulk, without parsing it.

A layout is the text of one line whose values are left open: the same names in the same order, with
the same white space. A line that fits it is JSON of that very meaning. What does not fit is left to
the parser: a layout is a short cut and never a result.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from .envelopes import (
    HELD,
    LEVEL_NAMES,
    LOGGER_NAMES,
    MESSAGE_NAMES,
    TIME_NAMES,
    Number,
    json_object,
)
from .timestamps import read_numbers, read_stamps

_FEW = 200
"""So few lines are sooner parsed."""
_MOST = 8
_WORTH_IT = 20  # one in so many lines must fit a layout
_LONGEST = 8192  # characters of a line that teaches a layout
_MOST_TOKENS = 400

_TOKEN = re.compile(
    r'(?P<text>"[^"\\]*(?:\\.[^"\\]*)*")|(?P<number>-?[0-9][0-9.eE+-]*)|(?P<word>true|false|null)'
    r"|(?P<open>[{\[])|(?P<close>[}\]])|(?P<other>[,:]|[ \t]+)"
)
_NAME_FOLLOWS = re.compile(r"[ \t]*:")

_HEAD = r"^(?P<head>[^{|]*)"
"""Without a pipe no trace line has begun, and without a brace no other object."""
_PLAIN = r"[^\"\\\x00-\x1f]*"
_VALUES = {
    "text": r"\"(?:[^\"\\\x00-\x1f]|\\(?:[\"\\/bfnrt]|u[0-9a-fA-F]{4}))*\"",
    "number": r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?",
    "word": "(?:true|false|null)",
}
_COUNT = r"(?:0|-?[1-9][0-9]{0,17})"


def sort_out(texts: pl.Series, zone: str) -> tuple[list[pl.DataFrame], pl.Series]:
    """What texts of each layout among them HOLD, and the rows that are left.

    `zone` is that of naive times.
    """
    found = []
    left = pl.int_range(len(texts), dtype=pl.UInt32, eager=True)
    for _ in range(_MOST):
        if len(left) <= _FEW:
            break
        layout = _learn(texts[left[len(left) // 2]])
        if layout is None:
            break
        one = layout.cut(texts, left, zone)
        if one.height * _WORTH_IT < len(left):
            break
        found.append(one)
        left = left.filter(~left.is_in(one["row"].implode()))
    return found, left


@dataclass(frozen=True, slots=True)
class _Layout:
    """A pattern whose groups are columns of HELD.

    The `stamp` may be a number (`counts`). It may be the first of `several`: then a line in which
    it is no time is left.
    """

    pattern: str
    counts: bool
    several: bool

    def cut(self, texts: pl.Series, rows: pl.Series, zone: str) -> pl.DataFrame:
        cut = texts.gather(rows).str.extract_groups(self.pattern).struct.unnest()
        cut = cut.with_columns(row=rows).filter(pl.col("text").is_not_null())
        if self.counts:
            time = read_numbers(cut["stamp"].cast(pl.Int128))
            cut = cut.with_columns(time=time, stamp=None)
        elif "stamp" in cut.columns:
            cut = cut.with_columns(time=read_stamps(cut["stamp"], zone))
        missing = {name: pl.lit(None, HELD[name]) for name in HELD if name not in cut.columns}
        cut = cut.with_columns(**missing).select(pl.col(name).cast(HELD[name]) for name in HELD)
        return cut.filter(pl.col("time").is_not_null()) if self.several else cut


def _learn(text: str) -> _Layout | None:
    """The layout of a line; None if it is no object, or one that must be parsed."""
    text = text.rstrip(" \t")
    start = text.find("{")
    if start < 0 or len(text) > _LONGEST or "|" in text[:start]:
        return None
    envelope = json_object(text[start:]) or {}
    wanted = _wanted(envelope)
    pattern = wanted and _pattern(text[start:], wanted)
    if not pattern:
        return None
    times = [envelope[name] for name in TIME_NAMES if _says(envelope.get(name))]
    return _Layout(pattern, any(isinstance(time, int) for time in times[:1]), len(times) > 1)


def _wanted(envelope: Mapping[str, Any]) -> dict[str, str] | None:
    """Names whose values are captured, each with its group; None if a parser must look closer."""
    message = next((name for name in MESSAGE_NAMES if name in envelope), None)
    said = [name for name in (*TIME_NAMES, *LEVEL_NAMES) if _says(envelope.get(name))]
    if (
        message is None
        or not isinstance(envelope[message], str)
        or isinstance(envelope.get("log"), dict)  # which may hold a level
        or any(not isinstance(envelope[name], (str, int)) for name in said)
    ):
        return None
    wanted = {message: "text"}
    times = [name for name in said if name in TIME_NAMES]
    wanted |= dict.fromkeys(times[:1], "stamp")
    levels = [name for name in said if name in LEVEL_NAMES]
    wanted |= dict.fromkeys(levels[:1], "level")
    loggers = [name for name in LOGGER_NAMES if isinstance(envelope.get(name), str)]
    return wanted | dict.fromkeys(loggers[:1], "logger")


def _says(value: object) -> bool:
    """Whether a value may be a time or a level: a text or a number."""
    return isinstance(value, (str, int, float, Number)) and not isinstance(value, bool)


def _pattern(body: str, wanted: Mapping[str, str]) -> str | None:
    """The pattern of all lines that are written like this object; None if it must be parsed."""
    parts = [_HEAD]
    names: list[str] = []
    depth = 0
    token = None
    for token in _tokens(body):
        kind, text = token.lastgroup, token[0]
        depth += (kind == "open") - (kind == "close")
        if kind == "text" and _NAME_FOLLOWS.match(body, token.end()):
            parts.append(pl.escape_regex(text))
            names += [text[1:-1]] if depth == 1 else []
        elif kind in _VALUES and depth == 1 and names[-1] in wanted:
            parts.append(_captured(wanted[names[-1]], is_text=kind == "text"))
        else:
            parts.append(_VALUES.get(str(kind)) or pl.escape_regex(text))
    is_plain = len(set(names)) == len(names) and not any("\\" in name for name in names)
    is_whole = token is not None and token.end() == len(body)
    whole = is_plain and is_whole and len(parts) < _MOST_TOKENS
    return "".join([*parts, "[ \t]*$"]) if whole else None


def _tokens(body: str) -> Iterator[re.Match[str]]:
    """The tokens of a JSON text, of which there are no others."""
    at = 0
    while token := _TOKEN.match(body, at):
        yield token
        at = token.end()


def _captured(group: str, *, is_text: bool) -> str:
    if not is_text:
        return f"(?P<{group}>{_COUNT})"
    newline = r"(?:\\n)?" if group == "text" else ""
    return f'"(?P<{group}>{_PLAIN}){newline}"'
