"""Contract section 2: what is a trace line, what is a defect, what is plain.

Everything here looks at one text only. No state, no speed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

LEVEL_WORDS = (
    "TRACE",
    "DEBUG",
    "INFO",
    "NOTICE",
    "WARN",
    "WARNING",
    "ERROR",
    "CRITICAL",
    "FATAL",
)

TAG = re.compile(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]+)\|")
FIELD = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
FIELD_START = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*=")
LEVEL_IN_PREFIX = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(LEVEL_WORDS) + r")(?![A-Za-z0-9_])")


@dataclass(frozen=True)
class Trace:
    """A parsed trace line: `prefix TAG|segment|segment...`."""

    prefix: str
    tag: str
    fields: dict[str, str]
    notes: list[str]
    duplicate_field: bool


def split_segments(rest: str) -> tuple[dict[str, str], list[str], bool]:
    """Section 2: fields (the first of a name wins), notes, and whether a name came twice."""
    fields: dict[str, str] = {}
    notes: list[str] = []
    duplicate = False
    for segment in rest.split("|"):
        match = FIELD.fullmatch(segment)
        if match is None:
            notes.append(segment)
        elif match[1] in fields:
            duplicate = True
        else:
            fields[match[1]] = match[2]
    return fields, notes, duplicate


def parse(text: str) -> Trace | None:
    """Section 2: the leftmost TAG with a field after it; a level word only if no other does."""
    candidates: list[Trace] = []
    for match in TAG.finditer(text):
        fields, notes, duplicate = split_segments(text[match.end() :])
        if fields:
            prefix = text[: match.start()]
            candidates.append(Trace(prefix, match[1], fields, notes, duplicate))
    for candidate in candidates:
        if candidate.tag not in LEVEL_WORDS:
            return candidate
    return candidates[0] if candidates else None


def is_malformed(text: str, named_tags: set[str]) -> bool:
    """Section 2: is this text, which is no event, a line that should have been one?"""
    return any(_stands_broken(text, tag) for tag in named_tags if tag not in LEVEL_WORDS)


def _stands_broken(text: str, tag: str) -> bool:
    for match in re.finditer(r"(?<![A-Za-z0-9_])" + re.escape(tag), text):
        after = text[match.end() :]
        if after == "" or after[0] == "|":
            return True
        # contract silent: a "non-name character" is one that no NAME can hold,
        # so "." and "-" are name characters and `TAG.x=1` is prose.
        if re.fullmatch(r"[A-Za-z0-9_.-]", after[0]):
            continue
        if FIELD_START.match(after[1:]):
            return True
    return False


def classify(text: str, named_tags: set[str]) -> tuple[str, Trace | None]:
    """Section 2: `event`, `malformed` or `plain`, and the trace of an event."""
    trace = parse(text)
    if trace is not None:
        return "event", trace
    return ("malformed" if is_malformed(text, named_tags) else "plain"), None


def prefix_level(prefix: str) -> str | None:
    """Section 6, `@level` of a line without a JSON level: the first whole level word."""
    match = LEVEL_IN_PREFIX.search(prefix)
    return match[1] if match else None
