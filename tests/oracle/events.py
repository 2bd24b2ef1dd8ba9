"""Contract section 2: what is a trace line, what is a defect, what is plain.

Everything here looks at one text only. No state, no speed. `named` are the tags that some rule
names; blanks are spaces and tabs.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
BLANKS = " \t"
QUOTES = "\"'"

# contract silent: a tag is a whole word, so a named AA does not stand in AA_X=1; but where its pipe
# was lost, the name of a field runs into it, as in AAx=1 (small letters are no part of a tag).
TAG = re.compile(r"(?<![A-Za-z0-9_])([A-Z][A-Z0-9_]+)(?![A-Za-z0-9_])")
# contract silent: in JSON that is not unwrapped, the letter of `\n` or `\t` stands before a tag, or
# the digits of `\u003e`, or of rsyslog's `#012`. There it is none, but it shows.
WRITTEN = (r"\\[nrt]", r"#0[0-7]{2}", r"\\0[0-7]{2}", r"\\x[0-9A-Fa-f]{2}", r"\\u[0-9A-Fa-f]{4}")
SHOWN = r"(?:(?<![A-Za-z0-9_])|" + "|".join(f"(?<={one})" for one in WRITTEN)
SHOWN += r")([A-Z][A-Z0-9_]+)"
SHOWN_TAG = re.compile(SHOWN + r"(?![A-Za-z0-9_])")
BROKEN_TAG = re.compile(SHOWN + r"(?![A-Z0-9_])")
PIPE = re.compile(r"([ \t]*)\|")
FIELD = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)=(.*)", re.DOTALL)
BROKEN = re.compile(
    r"[ \t]*(?:\Z|\||(?:[^A-Za-z0-9_.\- \t][ \t]*){0,3}[A-Za-z0-9_][A-Za-z0-9_.-]*=)"
)
# contract silent: before the tag, and the "]" need not follow
REPEATED = re.compile(r"message repeated [0-9]+ times: \[")
LEVEL_IN_PREFIX = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(LEVEL_WORDS) + r")(?![A-Za-z0-9_])")

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Trace:
    """A parsed trace line: `prefix TAG|segment|segment...`."""

    prefix: str
    tag: str
    fields: dict[str, str]
    notes: list[str]
    duplicate_field: bool
    second_event: bool


class NoTrace(Exception):
    """What looked like a trace line is none; `malformed` if it is a defect whatever it names."""

    def __init__(self, *, malformed: bool) -> None:
        self.malformed = malformed


# ---- segments ----------------------------------------------------------------------------


def split_segments(rest: str) -> tuple[dict[str, str], list[str], bool]:
    """Section 2: fields (the first of a name wins), notes, and whether a name came twice."""
    fields: dict[str, str] = {}
    notes: list[str] = []
    duplicate = False
    for segment in (one.strip(BLANKS) for one in rest.split("|")):
        match = FIELD.fullmatch(segment)
        if match is None:
            notes.append(segment)
        elif match[1] in fields:
            duplicate = True
        else:
            fields[match[1]] = match[2]
    return fields, notes, duplicate


def first_field(text: str, place: int) -> int | None:
    """Where the first segment from `place` on that is a field begins."""
    for segment in text[place:].split("|"):
        if FIELD.fullmatch(segment.strip(BLANKS)):
            return place + len(segment) - len(segment.lstrip(BLANKS))
        place += len(segment) + 1
    return None


# ---- tags --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """A TAG with its pipe: where it starts, and where its segments do."""

    tag: str
    start: int
    rest: int


def piped_tags(
    text: str, named: frozenset[str] | set[str], tags: re.Pattern[str] = TAG
) -> Iterator[Place]:
    """Section 2: TAGs directly followed by `|`; a named one also by blanks and `|`."""
    for match in tags.finditer(text):
        pipe = PIPE.match(text, match.end())
        if pipe and (pipe[1] == "" or match[1] in named):
            yield Place(match[1], match.start(), pipe.end())


def candidates(text: str, named: frozenset[str] | set[str]) -> list[Place]:
    """The TAGs that qualify: with at least one field after them."""
    return [place for place in piped_tags(text, named) if first_field(text, place.rest) is not None]


def has_begun(text: str, named: frozenset[str] | set[str]) -> bool:
    """Section 2, small print: a TAG with a field, or a named tag with its pipe."""
    # contract silent: a log level word is a TAG here like any other
    is_piped = any(place.tag in named for place in piped_tags(text, named))
    return is_piped or bool(candidates(text, named))


def choose(text: str, named: frozenset[str] | set[str]) -> Place | None:
    """Section 2: the leftmost, but the rightmost named one before the line's first field.

    Log level words come last, and never outrank. contract silent: where another TAG qualifies,
    the line's first field is not that of a log level word either.
    """
    found = candidates(text, named)
    others = [place for place in found if place.tag not in LEVEL_WORDS]
    if not others:
        return found[0] if found else None
    field_at = first_field(text, others[0].rest)
    outranking = [place for place in others if place.tag in named and place.start < field_at]
    return outranking[-1] if outranking else others[0]


# ---- quotes ------------------------------------------------------------------------------


def backslashes_before(text: str, place: int) -> int:
    before = text[:place]
    return len(before) - len(before.rstrip("\\"))


def opens(text: str, place: int) -> bool:
    """Does a quoted string open at this quote of a prefix?

    contract silent: the backslashes directly before a quote belong to it; before the start of a
    text blanks are skipped, too.
    """
    before = text[: place - backslashes_before(text, place)]
    if before.strip(BLANKS) == "":
        return True
    if text[place] == '"' and before[-1] in BLANKS:
        return True
    return before.rstrip(BLANKS).endswith(tuple("=:,([{"))


def closing_quote(text: str, opening: int) -> int | None:
    """Where the quote stands that matches the opening one."""
    quote = text[opening]
    n = backslashes_before(text, opening)
    place = opening + 1
    while place < len(text):
        if text[place] == quote:
            m = backslashes_before(text, place)
            if m % (2 * n + 2) == n or m < n:
                if n > 0 or text[place + 1 : place + 2] != quote:
                    return place
                place += 1  # a doubled quote, which closes nothing
        place += 1
    return None


def quote_around(text: str, start: int) -> int | None:
    """The opening quote of the string in which the TAG at `start` stands, if any."""
    if start > 0 and text[start - 1] in QUOTES:
        return start - 1
    place = 0
    while place < start:
        if text[place] in QUOTES and opens(text, place):
            closing = closing_quote(text, place)
            if closing is None or closing >= start:
                return place
            place = closing
        place += 1
    return None


def cut_at_quote(text: str, place: Place) -> str:
    """The segments of a TAG, up to the quote that ends the trace line, if it stands in quotes."""
    opening = quote_around(text, place.start)
    if opening is None:
        return text[place.rest :]
    closing = closing_quote(text, opening)
    if closing is None:
        raise NoTrace(malformed=True)
    quote = text[opening]
    n = backslashes_before(text, opening)
    rest = text[place.rest : closing - min(n, backslashes_before(text, closing))]
    if n:
        return rest.replace("\\" * (2 * n + 1) + quote, quote)
    # two backslashes are two of the text, and escape nothing
    return re.sub(rf"(\\\\)|\\{quote}|{quote}{quote}", lambda match: match[1] or quote, rest)


# ---- lines -------------------------------------------------------------------------------


def parse(text: str, named: frozenset[str] | set[str] = NONE) -> Trace | None:
    """The event that a text is, if it is one."""
    return classify(text, named)[1]


def is_malformed(text: str, named: frozenset[str] | set[str]) -> bool:
    """Is a text a line that should have been an event, and is none?"""
    return classify(text, named)[0] == "malformed"


def trace_of(text: str, named: frozenset[str] | set[str]) -> Trace | None:
    """The trace line in a text, before it is asked what else stands there. Raises NoTrace."""
    place = choose(text, named)
    if place is None:
        return None
    fields, notes, duplicate = split_segments(cut_at_quote(text, place))
    if not fields:
        raise NoTrace(malformed=False)
    field_at = first_field(text, place.rest)
    second = any(
        other.tag in named
        and other.start >= field_at
        and text[other.start - 1] != "="
        and first_field(text, other.rest) is not None
        for other in piped_tags(text, named, SHOWN_TAG)
    )
    return Trace(text[: place.start], place.tag, fields, notes, duplicate, second)


def broken_tags(text: str, named: frozenset[str] | set[str]) -> list[tuple[int, str]]:
    """Section 2: where tags stand that should have begun a trace line, and did not."""
    return [
        (match.start(), match[1])
        for match in BROKEN_TAG.finditer(text)
        if match[1] in named and match[1] not in LEVEL_WORDS and BROKEN.match(text, match.end())
    ]


def classify(text: str, named: frozenset[str] | set[str]) -> tuple[str, Trace | None]:
    """Section 2: `event`, `malformed` or `plain`, and the trace of an event."""
    broken = broken_tags(text, named)
    try:
        trace = trace_of(text, named)
    except NoTrace as why:
        return ("malformed" if why.malformed or broken else "plain"), None
    if trace is None:
        return ("malformed" if broken else "plain"), None
    chosen = choose(text, named)
    field_at = first_field(text, chosen.rest)
    # contract silent: the same tag in front of the event's is damage as well, but not where
    # only pipes follow it
    shown = piped_tags(text, named, SHOWN_TAG)
    doubled = {place.start for place in shown if place.tag == trace.tag}
    if any(start < field_at and start not in doubled for start, _ in broken):
        return "malformed", None
    if REPEATED.search(trace.prefix):
        return "malformed", None
    return "event", trace


def prefix_level(prefix: str) -> str | None:
    """Section 6, `@level` of a line without a JSON level: the first whole level word."""
    match = LEVEL_IN_PREFIX.search(prefix)
    return match[1] if match else None
