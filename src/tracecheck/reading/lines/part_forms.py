"""The forms in which container runtimes write a long line in parts: CRI, and docker's json-file.

They are looked at while lines are bytes, as a character may be cut between two parts.
"""

from __future__ import annotations

import json
import re
import string
from collections.abc import Container
from dataclasses import dataclass
from typing import Any

import polars as pl

from .escapes import texts_without_escapes
from .line_ends import BLANKS

_DOCKER_CUTS_AT = 16 << 10
_DECODER = json.JSONDecoder(parse_int=len, parse_float=len)  # of any number of digits


@dataclass(frozen=True, slots=True)
class Part:
    """A line as a part: with `last`, none of its `stream` follows.

    Joined, it is the `head` of the first part, the `content` of all, and the `tail` of the first.
    At `flag_at` the head of CRI says that it goes on; `document` is all that docker wrote.
    """

    stream: str
    last: bool
    head: bytes
    content: bytes
    tail: bytes = b""
    flag_at: int | None = None
    document: bytes = b""

    @property
    def is_full(self) -> bool:
        """Whether docker may have cut the line here; others are the last words of a process."""
        if len(self.content) < _DOCKER_CUTS_AT:
            return False
        return len(self._said["log"].encode(errors="surrogatepass")) >= _DOCKER_CUTS_AT

    @property
    def time(self) -> str | None:
        """When docker read it, if that is a text."""
        time = self._said.get("time")
        return time if isinstance(time, str) else None

    @property
    def word(self) -> str:
        """The letters and digits at its end."""
        return self._text[len(self._text.rstrip(_WORD_CHARACTERS)) :]

    def begins_with_tag(self, tags: Container[str], word: str) -> bool:
        """Whether one of these begins it, be it damaged, and none begins with the `word` before."""
        found = _TAG.match(self._text)
        return found is not None and found[1] in tags and word + found[1] not in tags

    def shows_tag(self, tags: Container[str]) -> bool:
        """Whether one of these stands in it, with its pipe."""
        found = (one for one in _TAG.finditer(self._text) if one[2])
        return any(one[1] in tags for one in found)

    @property
    def _text(self) -> str:
        """What it says, without escape sequences."""
        text = self._said.get("log", "").encode(errors="replace").decode()
        return str(texts_without_escapes(pl.Series([text]))[0])

    @property
    def _said(self) -> dict[str, Any]:
        said: dict[str, Any] = _DECODER.decode(self.document.decode(errors="replace") or "{}")
        return said


_WORD_CHARACTERS = string.ascii_letters + string.digits + "_"
_TAG = re.compile(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]+)([ \t]*\|)?")

_LONGEST_PREFIX = 256
# What differs from line to line in a prefix: stamps, and numbers of lines as grep and cat write.
_VARYING = re.compile(
    rb"(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ])?[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
    rb"(?:Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_LINE_NUMBER = re.compile(rb"(?:\A|(?<=:))[0-9]+(?=:\Z)|\A *[0-9]+(?=\t)")

_CRI = re.compile(
    rb'(?P<prefix>[^{"]{0,256}?)'
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
        rf'\{{(?:{_SPACE}(?:"log"{_SPACE}:{_SPACE}"(?P<log>{_CHARACTERS})"'
        rf'|"stream"{_SPACE}:{_SPACE}"(?P<stream>{_CHARACTERS})"|{_OTHERS})'
        rf"{_SPACE}(?:,(?!{_SPACE}\}})|(?=\}})))+\}}{_SPACE}\Z"
    ).encode()
)
# What the engine can tell of it, which has no look-ahead. All that it passes over is no part.
_DOCKER_MARK = '"stream"'
_DOCKER_WHOLE = r'\n","stream":"std'
_DOCKER_DOUBTS = (r'\\n","stream"', '"attrs"')  # where that is no newline, or a label
_DOCKER_PART = (
    rf'^[^{{]*\{{(?:{_SPACE}(?:"log"{_SPACE}:{_SPACE}'
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
    if not len(texts):
        return False
    known = _hold(texts, _DOCKER_WHOLE)
    for doubt in _DOCKER_DOUBTS:
        known &= ~_hold(texts, doubt)
    return texts.filter(~known).str.contains(_DOCKER_PART).any()


def _hold(texts: pl.Series, literal: str) -> pl.Series:
    return texts.str.contains(literal, literal=True)


def part_of(line: bytes, *, is_cut: bool = False) -> Part | None:
    """A line as a part, be it all there is of its line; None for any other.

    One of CRI is told by its start, also where its end `is_cut` off. Something may stand before it.
    """
    cri = _CRI.match(line) if b" std" in line else None
    if cri:
        behind = _behind(cri["prefix"])
        return None if behind is None else _cri_part(line, cri, behind, is_cut=is_cut)
    start = line.find(b"{")
    docker = None if is_cut or start < 0 else _DOCKER.match(line, start)
    if not docker or docker["log"] is None or docker["stream"] is None:
        return None
    behind = _behind(line[:start])
    if behind is None:
        return None
    start, end = docker.span("log")
    stream = f"docker {docker['stream'].decode(errors='backslashreplace')}{behind}"
    log = docker["log"]
    tail = line[end:].rstrip(BLANKS)
    return Part(
        stream, _ends_in_newline(log), line[:start], log, tail, document=line[docker.start() :]
    )


def _cri_part(line: bytes, cri: re.Match[bytes], behind: str, *, is_cut: bool) -> Part:
    last = cri["flag"] == b"F"
    flag_at = cri.start("flag")
    head = line[: flag_at + 1] + (cri["tags"] or b"") + b" "
    # Blanks where a line was cut are content, and not at its end. No runtime writes a CR there.
    content = line[cri.end() :]
    if not is_cut:
        content = content.rstrip(BLANKS if last else b"\r")
    return Part(cri["stream"].decode() + behind, last, head, content, flag_at=flag_at)


def _behind(prefix: bytes) -> str | None:
    """What a stream is called for what stands before its parts; None for what none stand behind.

    No trace line may have begun there.
    """
    if not prefix.strip(b" \t\r"):
        return ""
    if len(prefix) > _LONGEST_PREFIX or b'"' in prefix or (b"|" in prefix and b"=" in prefix):
        return None
    same = _LINE_NUMBER.sub(b"", _VARYING.sub(b"", prefix))
    return f" behind {same.decode(errors='backslashreplace')}"


def _ends_in_newline(characters: bytes) -> bool:
    """Whether the inside of a JSON string ends in an escaped newline."""
    for written in (b"n", b"u000a", b"u000A"):
        if characters.endswith(written):
            before = characters[: -len(written)]
            return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
    return False
