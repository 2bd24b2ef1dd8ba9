"""Contract section 2: what is a trace line, what is a defect, what is plain.

Everything here looks at one text only. No state, no speed. `named` are the tags that some rule
names, `fields_read` the fields that some rule reads; blanks are spaces and tabs.
"""

from __future__ import annotations

import json
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
MOST_BACKSLASHES = 7  # contract silent: text that was quoted more than four times

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
PARTED = re.compile(r"[ \t]*(?:[^A-Za-z0-9_.\- \t|][ \t]*){0,3}[A-Za-z0-9_][A-Za-z0-9_.-]*=")
# contract silent: before the tag, and the "]" need not follow
REPEATED = re.compile(r"message repeated [0-9]+ times: \[")
# contract silent: the line of CRI whose end never came still says that it is a part
UNFINISHED = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9]{2}:[0-9]{2}) (?:stdout|stderr) P(?::[^ ]*)? "
)
MONOLOG = re.compile(r"\[[0-9]{4}-[^\]]*\] [A-Za-z0-9_.-]+\.[A-Z]+: ")
STRING_PREFIX = re.compile(r"(?<![A-Za-z0-9_])(?:[bBuUrRfF]|[bBfF][rR]|[rR][bBfF])\Z")
MARKUP = re.compile(r"<(/?)([A-Za-z_][A-Za-z0-9_:.-]*)[^<>]*?(/?)>|\]\]>")
END_TAGS = re.compile(r"(?:[ \t]*(?:</[A-Za-z_][A-Za-z0-9_:.-]*[^<>]*>|\]\]>))+[ \t]*")
PAIRS = {
    "(": (")",),
    "[": ("]",),
    "{": ("}",),
    "<": (">",),
    "`": ("`",),
    "\u201c": ("\u201d",),
    "\u201e": ("\u201c", "\u201d"),
    "\u201d": ("\u201d",),
    "\u2018": ("\u2019",),
    "\u201a": ("\u2018", "\u2019"),
    "\u2019": ("\u2019",),
    "\u00ab": ("\u00bb",),
    "\u00bb": ("\u00ab",),
    "\u2039": ("\u203a",),
    "\u203a": ("\u2039",),
    "\u300c": ("\u300d",),
    "\u300e": ("\u300f",),
    **{one: (one,) for one in ("&quot;", "&apos;", "&#34;", "&#39;")},
}
ENTITIES = {
    "&lt;": "<",
    "&gt;": ">",
    "&quot;": '"',
    "&apos;": "'",
    "&#34;": '"',
    "&#39;": "'",
    "&amp;": "&",
}
ONLY_DIRECTLY = ("<", "\u201d", "\u2019", "\u00bb", "\u203a")
LEVEL_IN_PREFIX = re.compile(r"(?<![A-Za-z0-9_])(" + "|".join(LEVEL_WORDS) + r")(?![A-Za-z0-9_])")

Names = frozenset[str] | set[str]
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


# ---- ends ------------------------------------------------------------------------------


# contract silent: line ends and NULs that something on the way has escaped, as rsyslog (octal)
# and loggers (with backslashes) do; also NULs that are unescaped, at the end of a message. At the
# end of a line a NUL that was not escaped is an ordinary character.
WRITTEN_END = r"#000|#012|#015|\\(?:[nr0]|000|012|015|x00|x0[aAdD]|u000[0aAdD])"
END_OF_LINE = re.compile(rf"[ \t]*(?:{WRITTEN_END})[ \t]*\Z")
END_OF_MESSAGE = re.compile(rf"[ \t]*(?:\0|{WRITTEN_END})[ \t]*\Z")


def without_ends(text: str, end: re.Pattern[str]) -> str:
    """The text without line ends and NULs at its end; a field may be equal to the colour #000."""
    found = end.search(text)
    if found is None or text.rstrip(BLANKS).endswith("=#000"):
        return text
    shorn = text[: found.start()]
    return without_ends(shorn if found[0].strip(BLANKS)[0] != "\\" else shorn.rstrip("\\"), end)


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


def piped_tags(text: str, named: Names, tags: re.Pattern[str] = TAG) -> Iterator[Place]:
    """Section 2: TAGs directly followed by `|`; a named one also by blanks and `|`."""
    for match in tags.finditer(text):
        pipe = PIPE.match(text, match.end())
        if pipe and (pipe[1] == "" or match[1] in named):
            yield Place(match[1], match.start(), pipe.end())


def shows_piped(text: str, named: Names) -> bool:
    return any(place.tag in named for place in piped_tags(text, named))


def candidates(text: str, named: Names) -> list[Place]:
    """The TAGs that qualify: with at least one field after them."""
    return [place for place in piped_tags(text, named) if first_field(text, place.rest) is not None]


def has_begun(text: str, named: Names) -> bool:
    """Section 2, small print: a TAG with a field, or a named tag with its pipe."""
    # contract silent: a log level word is a TAG here like any other
    return shows_piped(text, named) or bool(candidates(text, named))


def choose(text: str, named: Names) -> Place | None:
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


def is_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and (text[place].isalnum() or text[place] == "_")


def is_apostrophe(text: str, place: int) -> bool:
    """contract silent: `'` between two letters or digits closes nothing, as in O'Brien."""
    return text[place] in "'\u2019" and is_word(text, place - 1) and is_word(text, place + 1)


def opens(text: str, place: int, tag_at: int) -> bool:
    """Does a quoted string open at this quote of a prefix?

    contract silent: the backslashes directly before a quote belong to it; before the start of a
    text blanks are skipped, too. A quote that stands elsewhere behind what is no letter or digit,
    or behind `b`, `u`, `r` and `f` as Python writes them, opens if the quotes behind the tag are
    odd in number; so an apostrophe (the '90s) need not be closed.
    """
    before = text[: place - backslashes_before(text, place)]
    if place - len(before) > MOST_BACKSLASHES:
        return False
    if before.strip(BLANKS) == "":
        return True
    if text[place] == '"' and before[-1] in BLANKS:
        return True
    if before.rstrip(BLANKS).endswith(tuple("=:,([{;>")):
        return True
    may_open = not is_word(text, place - 1) or STRING_PREFIX.search(before)
    return bool(may_open) and len(before) == place and is_odd(text, text[place], tag_at)


def is_odd(text: str, quote: str, start: int) -> bool:
    """Are the quotes from a place on, but for escaped ones and apostrophes, odd in number?"""
    places = [place for place in range(start, len(text)) if text[place] == quote]
    own = [one for one in places if not backslashes_before(text, one)]
    return sum(not is_apostrophe(text, one) for one in own) % 2 == 1


def closing_quote(text: str, opening: int, *, doubles: bool = False) -> int | None:
    """Where the quote stands that matches the opening one; with `doubles`, two of them are none."""
    quote = text[opening]
    n = backslashes_before(text, opening)
    place = opening + 1
    while place < len(text):
        if text[place] == quote:
            m = backslashes_before(text, place)
            if doubles and text[place + 1 : place + 2] == quote:
                place += 1  # a doubled quote, which closes nothing
            elif (m % (2 * n + 2) == n or m < n) and not is_apostrophe(text, place):
                return place
        place += 1
    return None


def doubles_quotes(text: str, opening: int) -> bool:
    """Does a string write a quote as two: is the first in it, but for escaped ones, such?

    contract silent: there a backslash escapes nothing, but JSON may be written in it.
    """
    quote = text[opening]
    if backslashes_before(text, opening):
        return False
    for place in range(opening + 1, len(text)):
        if text[place] == quote and backslashes_before(text, place) % 2 == 0:
            return text[place + 1 : place + 2] == quote
    return False


def string_around(text: str, start: int) -> int | None:
    """The opening quote of the outermost string in which the TAG at `start` stands, if any."""
    place = 0
    while place < start:
        if text[place] in QUOTES and opens(text, place, start):
            closing = closing_quote(text, place, doubles=doubles_quotes(text, place))
            if closing is None or closing >= start:
                return place
            place = closing
        place += 1
    return None


def string_inside(text: str, outer: int, start: int) -> int:
    """The opening quote of the innermost string in which the TAG stands, inside of the outermost.

    contract silent: what never ends before the string around it is none.
    """
    innermost, end = outer, closing_quote(text, outer)
    place = outer + 1
    while end is not None and place < start:
        if text[place] in QUOTES and opens(text, place, start):
            closing = closing_quote(text, place)
            if closing is not None and closing < start:
                place = closing
            elif closing is not None and closing <= end:
                innermost, end = place, closing
        place += 1
    return innermost


def with_backslashes(text: str, quote: str, *, doubles: bool) -> str:
    """A text with the quotes in it escaped by backslashes: `""` of CSV, `'\\''` of a shell."""
    if doubles:
        return re.sub(rf"(\\*){quote}{quote}", lambda one: one[1] * 2 + "\\" + quote, text)
    return text.replace(r"'\''", r"\'") if quote == "'" else text


def cut_at_quote(text: str, place: Place) -> str:
    """The segments of a TAG, up to the quote that ends the trace line, if it stands in quotes."""
    start = place.start
    is_direct = start > 0 and text[start - 1] in QUOTES
    opening = string_around(text, start - 1 if is_direct else start)
    if is_direct:
        is_doubled = opening is not None and text[start - 2] == text[opening] == text[start - 1]
        opening = opening if is_doubled else start - 1
    if opening is None:
        return text[place.rest :]
    prefix, rest, quote = text[:start], text[start:], text[opening]
    if backslashes_before(text, opening) == 0:
        doubles = doubles_quotes(text, opening)
        inside = with_backslashes(text[opening + 1 : start], quote, doubles=doubles)
        prefix = text[: opening + 1] + inside
        rest = with_backslashes(rest, quote, doubles=doubles)
    whole, outer = text, opening
    text, start, behind_pipe = prefix + rest, len(prefix), place.rest - start
    opening = start - 1 if is_direct else string_inside(text, opening, start)
    closing = closing_quote(text, opening)
    if closing is None:
        raise NoTrace(malformed=True)
    quote = text[opening]
    n = backslashes_before(text, opening)
    behind = text[closing + 1 :]
    # contract silent: where quotes were not escaped, it is not clear which one closes
    if n == 0 and has_field(behind) and (is_word(behind, 0) or is_odd(behind, quote, 0)):
        raise NoTrace(malformed=True)
    rest = text[start + behind_pipe : closing - min(n, backslashes_before(text, closing))]
    if n:
        rest = rest.replace("\\" * (2 * n + 1) + quote, quote)
    else:
        written = rf"(\\\\)|\\{quote}"
        if opening == outer and doubles_quotes(whole, outer):
            rest = whole[place.rest : closing_quote(whole, outer, doubles=True)]
            written = rf"(\\*){quote}{quote}|\\{quote}"
            rest = re.sub(written, lambda match: (match[1] or "") + quote, rest)
        else:
            # two backslashes are two of the text, and escape nothing
            rest = re.sub(written, lambda match: match[1] or quote, rest)
    rest = without_ends(rest, END_OF_LINE)
    return unescaped(rest) if is_attribute(text, opening) else rest


def has_field(text: str) -> bool:
    """Does a segment behind a pipe hold a field?"""
    return "|" in text and first_field(text, text.index("|") + 1) is not None


# ---- what else encloses ------------------------------------------------------------------
# contract silent, but that no value holds the rest of an envelope


def is_attribute(text: str, opening: int) -> bool:
    """Does the value of an attribute of XML begin at this quote?"""
    before = text[:opening]
    return before.endswith("=") and re.search(r"<[A-Za-z_][^<>]*\Z", before) is not None


def unescaped(text: str) -> str:
    """The text with the entities that XML has by itself, and its quotes by number, replaced."""
    for entity, character in ENTITIES.items():
        text = text.replace(entity, character)
    return text


def without_context(text: str, start: int) -> str:
    """The text without what Monolog writes behind a message: up to two objects or empty lists.

    contract silent, but that no value holds the rest of an envelope
    """
    if not MONOLOG.search(text[:start]):
        return text
    for _ in range(2):
        text = text.rstrip(BLANKS)
        for at in range(len(text) - 1, start, -1):
            if text[at - 1] in BLANKS and is_context(text[at:]):
                text = text[: at - 1].rstrip(BLANKS)
                break
    return text


def is_context(text: str) -> bool:
    if text == "[]":
        return True
    if not (text.startswith("{") and text.endswith("}")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def cut_at_end_tag(prefix: str, rest: str) -> str:
    """The segments up to the end of the XML element in which the trace line stands.

    That is an end tag whose start tag is not in the trace line but before it; or one with nothing
    but end tags behind it, since the start tag may be on an earlier line.
    """
    outside = [name for name, count in open_elements(prefix).items() if count > 0]
    inside: dict[str, int] = {}
    for match in MARKUP.finditer(rest):
        name = match[2]
        if match[0] == "]]>":
            if prefix.rfind("<![CDATA[") > prefix.rfind("]]>"):
                return rest[: match.start()]
        elif match[1] == "":
            inside[name] = inside.get(name, 0) + (match[3] == "")
        elif inside.get(name, 0) > 0:
            inside[name] -= 1
        elif name in outside or END_TAGS.fullmatch(rest[match.start() :]):
            return unescaped(rest[: match.start()])
    return rest


def open_elements(prefix: str) -> dict[str, int]:
    """By name, how many elements begin in a prefix and do not end there."""
    found: dict[str, int] = {}
    for match in MARKUP.finditer(prefix):
        if match[0] != "]]>" and match[3] == "":
            name = match[2]
            found[name] = max(0, found.get(name, 0) + (-1 if match[1] else 1))
    return found


def cut_at_closing(prefix: str, rest: str) -> str:
    """The segments up to what closes the brackets or other quotes in which the line stands.

    What is never closed encloses nothing. Where fields follow, it is not clear what closes.
    """
    ends = [
        end
        for opening, closings in PAIRS.items()
        if is_open(prefix, opening, closings)
        and (end := end_of(rest, opening, closings)) is not None
    ]
    if not ends:
        return rest
    if has_field(rest[min(ends) + 1 :]):
        raise NoTrace(malformed=True)
    return rest[: min(ends)]


def is_open(prefix: str, opening: str, closings: tuple[str, ...]) -> bool:
    """Does a prefix end inside of such a pair: does the last of it in the prefix open it?"""
    if prefix.endswith(opening):
        return True
    if opening in ONLY_DIRECTLY:
        return False
    if opening == "`":
        closings = ("`", "'")  # as in `this'
    opened = False
    for place in range(len(prefix)):
        if is_apostrophe(prefix, place):
            continue
        if opened and prefix[place:].startswith(closings):
            opened = False
        elif prefix[place:].startswith(opening):
            opened = True
    return opened


def end_of(rest: str, opening: str, closings: tuple[str, ...]) -> int | None:
    """Where the pair that a rest stands in is closed."""
    depth = 0
    for place in range(len(rest)):
        if rest[place:].startswith(closings) and not is_apostrophe(rest, place):
            if depth == 0:
                return place
            depth -= 1
        elif rest[place:].startswith(opening):
            depth += 1
    return None


# ---- lines -------------------------------------------------------------------------------


def parse(text: str, named: Names = NONE) -> Trace | None:
    """The event that a text is, if it is one."""
    return classify(text, named)[1]


def is_malformed(text: str, named: Names) -> bool:
    """Is a text a line that should have been an event, and is none?"""
    return classify(text, named)[0] == "malformed"


# Closed by what ends a value in JSON or a Python repr, and then goes on or ends as these do.
CLOSED = r"""(?:[ \t"'\\}\]]|\\[tnr])*"""
GOES_ON = re.compile(
    rf"""{CLOSED},[ \t{{\[]*(?:\\*["']|\Z)|(?:[ \t"'\\]|\\[tnr])*[}}\]]{CLOSED}\Z"""
)
GOES_ON_AS_LOGFMT = re.compile(r"[ \t]+[A-Za-z0-9_][A-Za-z0-9_.-]*=")
NEXT_NAME = re.compile(r"""[ \t]*,[ \t]*\\*["'][^"']*["'][ \t]*:""")


def holds_rest(text: str, tag_at: int) -> bool:
    """Does the rest of an envelope whose beginning is lost stand behind a TAG in no quotes?

    contract silent: it does if the first quote behind the TAG opens nothing, and is followed by
    what follows a value in JSON, in logfmt or in a Python repr.
    """
    if tag_at and text[tag_at - 1] in QUOTES:
        return False
    if string_around(text, tag_at) is not None:
        return False
    for quote in QUOTES:
        at = text.find(quote, tag_at)
        if at < 0:
            continue
        before = text[tag_at:at].rstrip("\\")
        if before.endswith(tuple("=:,;>([{")):
            continue
        if before.endswith(tuple(BLANKS)):
            # it may open
            if quote == '"' and NEXT_NAME.match(text, at + 1):
                return True
        elif GOES_ON.match(text, at + 1) or (
            quote == '"' and GOES_ON_AS_LOGFMT.match(text, at + 1)
        ):
            return True
    return False


def trace_of(text: str, named: Names, fields_read: Names) -> Trace | None:
    """The trace line in a text, before it is asked what else stands there. Raises NoTrace."""
    place = choose(text, named)
    if place is None:
        return None
    prefix = text[: place.start]
    unquoted = cut_at_quote(without_context(text, place.start), place)
    rest = cut_at_closing(prefix, cut_at_end_tag(prefix, unquoted))
    if rest != unquoted:
        rest = without_ends(rest, END_OF_LINE)
    fields, notes, duplicate = split_segments(rest)
    if not fields:
        raise NoTrace(malformed=False)
    if rest == text[place.rest :] and holds_rest(text, place.start):
        raise NoTrace(malformed=True)
    field_at = first_field(text, place.rest)
    second = any(
        found.start() >= field_at and begins_again(text, found, named, fields_read)
        for found in BROKEN_TAG.finditer(text)
        if found[1] in named
    )
    return Trace(text[: place.start], place.tag, fields, notes, duplicate, second)


# ---- damage ------------------------------------------------------------------------------


def is_other_word(text: str, found: re.Match[str], fields_read: Names) -> bool:
    """Do small letters behind a tag make another word of it?

    contract silent: not if it may have lost its pipe: a tag with an underscore is no part of an
    ordinary word, the letters may be a field that some rule reads, and other fields may follow.
    """
    name = re.compile(r"[a-z][A-Za-z0-9_.-]*").match(text, found.end())
    if name is None or "_" in found[1] or name[0] in fields_read:
        return False
    return not any(
        FIELD.fullmatch(segment.strip(BLANKS)) for segment in text[name.end() :].split("|")[1:]
    )


def is_parted(text: str, found: re.Match[str], fields_read: Names) -> bool:
    """Does a field follow a tag that lost its pipe?

    contract silent: where a tag may be a word in a value, it is none that lost its pipe directly
    behind `=`, and none that is set off as an item or a word in quotes or brackets.
    """
    before, behind = text[max(0, found.start() - 1) : found.start()], text[found.end() :][:1]
    is_item = before != "" and before in ",([{<\"'" and behind != "" and behind in ",)]}>\"'"
    return (
        found[1] not in LEVEL_WORDS
        and PARTED.match(text, found.end()) is not None
        and not is_other_word(text, found, fields_read)
        and before != "="
        and not is_item
    )


def begins_again(text: str, found: re.Match[str], named: Names, fields_read: Names) -> bool:
    """Is a named tag behind the line's first field another event?

    contract silent: by the law of the section it is one also if it is damaged: if there is no
    field behind its pipe, if it lost that, or if it ends the line as the start of a record.
    """
    if PIPE.match(text, found.end()):
        place = next(
            one for one in piped_tags(text, named, BROKEN_TAG) if one.start >= found.start()
        )
        has_field = first_field(text, place.rest) is not None
        return text[found.start() - 1] != "=" and (has_field or found[1] not in LEVEL_WORDS)
    if is_parted(text, found, fields_read):
        return True
    begins = re.search(r"(?:[ \t\r\n|]|" + "|".join(WRITTEN) + r")\Z", text[: found.start()])
    is_last = text[found.end() :].strip(BLANKS) == ""
    return is_last and begins is not None and found[1] not in LEVEL_WORDS


def begun_tags(text: str, named: Names, fields_read: Names) -> list[int]:
    """Where named tags stand in a text that is no line, as those of events do, and not as words."""
    return [
        found.start()
        for found in BROKEN_TAG.finditer(text)
        if found[1] in named
        and found[1] not in LEVEL_WORDS
        and (PIPE.match(text, found.end()) or is_parted(text, found, fields_read))
    ]


def broken_tags(text: str, named: Names, fields_read: Names = NONE) -> list[tuple[int, str]]:
    """Section 2: where tags stand that should have begun a trace line, and did not."""
    return [
        (match.start(), match[1])
        for match in BROKEN_TAG.finditer(text)
        if match[1] in named
        and match[1] not in LEVEL_WORDS
        and BROKEN.match(text, match.end())
        and not is_other_word(text, match, fields_read)
    ]


def classify(text: str, named: Names, fields_read: Names = NONE) -> tuple[str, Trace | None]:
    """Section 2: `event`, `malformed` or `plain`, and the trace of an event."""
    broken = broken_tags(text, named, fields_read)
    try:
        trace = trace_of(text, named, fields_read)
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
    if UNFINISHED.search(trace.prefix):
        shows = trace.tag in named or trace.second_event or broken
        return ("malformed" if shows else "plain"), None
    return "event", trace


def prefix_level(prefix: str) -> str | None:
    """Section 6, `@level` of a line without a JSON level: the first whole level word."""
    match = LEVEL_IN_PREFIX.search(prefix)
    return match[1] if match else None
