"""The forms in which container runtimes write a long line in parts: CRI, and docker's json-file.

They are looked at while lines are bytes, as a character may be cut between two parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from .line_ends import BLANKS


@dataclass(frozen=True, slots=True)
class Part:
    """A line as a part: with `last`, none of its `stream` follows.

    Joined, it is the `head` of the first part, the `content` of all, and the `tail` of the first.
    """

    stream: str
    last: bool
    head: bytes
    content: bytes
    tail: bytes = b""


_CRI = re.compile(
    rb"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9]{2}:[0-9]{2})"
    rb" (?P<stream>stdout|stderr) (?P<flag>[FP])(?P<tags>:[^ ]*)?(?: |(?=\r*\Z))"
)
_CRI_MARKS = [" stdout P", " stderr P"]

_SPACE = r"[ \t\r]*"
_ESCAPE = r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})'
_CHARACTERS = rf'(?:[^"\\\x00-\x1f]|{_ESCAPE})*+'
"""Inside a JSON string. Possessive, so that a long one takes no memory; to the engine the same."""

_SCALAR = (
    rf'(?:"{_CHARACTERS}"|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)'
)
_LABEL = rf'"{_CHARACTERS}"{_SPACE}:{_SPACE}{_SCALAR}{_SPACE}'
_OTHERS = (
    rf'"(?:time|attrs)"{_SPACE}:{_SPACE}'
    rf"(?:{_SCALAR}|\{{{_SPACE}(?:{_LABEL}(?:,{_SPACE}{_LABEL})*)?\}})"
)
_DOCKER = re.compile(
    (
        rf'{_SPACE}\{{(?:{_SPACE}(?:"log"{_SPACE}:{_SPACE}"(?P<log>{_CHARACTERS})"'
        rf'|"stream"{_SPACE}:{_SPACE}"(?P<stream>{_CHARACTERS})"|{_OTHERS})'
        rf"{_SPACE}(?:,(?!{_SPACE}\}})|(?=\}})))+\}}{_SPACE}\Z"
    ).encode()
)
# What the engine can tell of it, which has no look-ahead. All that it passes over is no part.
_DOCKER_MARK = '"stream"'
_DOCKER_WHOLE = r'\n","stream":"std'
_DOCKER_DOUBTS = (r'\\n","stream"', '"attrs"')  # where that is no newline, or a label
_DOCKER_PART = (
    rf'^{_SPACE}\{{(?:{_SPACE}(?:"log"{_SPACE}:{_SPACE}'
    rf'"(?:{_CHARACTERS}(?:[^"\\\x00-\x1f]|\\["\\/bfrt]|\\u[0-9A-Fa-f]{{4}}))?"'
    rf'|"stream"{_SPACE}:{_SPACE}"{_CHARACTERS}"|{_OTHERS}){_SPACE},?)+\}}{_SPACE}$'
)


def may_hold_part(texts: pl.Series, *, has_brace: bool) -> bool:
    """Whether a part that is not the last may be among the lines: all logs are asked."""
    if texts.str.contains_any(_CRI_MARKS).any():
        return True
    if not has_brace:
        return False
    # One literal after the other: several at once are slow to look for in JSON.
    texts = texts.filter(_hold(texts, _DOCKER_MARK))
    known = _hold(texts, _DOCKER_WHOLE)
    for doubt in _DOCKER_DOUBTS:
        known &= ~_hold(texts, doubt)
    return texts.filter(~known).str.contains(_DOCKER_PART).any()


def _hold(texts: pl.Series, literal: str) -> pl.Series:
    return texts.str.contains(literal, literal=True)


def part_of(line: bytes, *, is_cut: bool = False) -> Part | None:
    """A line as a part, be it all there is of its line; None for any other.

    One of CRI is told by its start, also where its end `is_cut` off.
    """
    cri = _CRI.match(line)
    if cri:
        last = cri["flag"] == b"F"
        head = line[: cri.start("flag")] + b"F" + (cri["tags"] or b"") + b" "
        # Blanks where a line was cut are content, and not at its end. No runtime writes a CR there.
        content = line[cri.end() :]
        if not is_cut:
            content = content.rstrip(BLANKS if last else b"\r")
        return Part(cri["stream"].decode(), last, head, content)
    docker = None if is_cut or b"{" not in line else _DOCKER.match(line)
    if not docker or docker["log"] is None or docker["stream"] is None:
        return None
    start, end = docker.span("log")
    stream = "docker " + docker["stream"].decode(errors="replace")
    log = docker["log"]
    return Part(stream, _ends_in_newline(log), line[:start], log, line[end:].rstrip(BLANKS))


def _ends_in_newline(characters: bytes) -> bool:
    """Whether the inside of a JSON string ends in an escaped newline."""
    for written in (b"n", b"u000a", b"u000A"):
        if characters.endswith(written):
            before = characters[: -len(written)]
            return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
    return False
