"""The formats around a message, one in the other, and what of a line a reader can see.

Three marks, which no log here holds and no format escapes, stand in a text while it is made: TAG
before the planted tag, NAME before the name of its first field, END behind the planted message.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from reading.shapes import ALL, Format

TAG, NAME, END = "~*$"
MARKS = str.maketrans("", "", TAG + NAME + END)

DEEPEST = 3
"""Envelopes that are unwrapped."""

_COLOURS = re.compile(r"(?:\x1b\[[0-9;]*[mK]|\x1b\(B|\x9b[0-9;]*m|#033\[[0-9;]*m)+$")
_GAP = re.compile(r"[ \t]*(?:[^A-Za-z0-9_.\- \t~*$][ \t]*){0,3}")
_OPENS = re.compile(r"""(?:(?:^|[=:,(\[{;>][ \t]*)\\*["'][^"']*|[ \t]"[^"]*)$""")
_SHOWS_TAG = re.compile(r"(?<![A-Za-z0-9_])[A-Z][A-Z0-9_]+\|")

FORMATS = tuple(one.alone() for one in ALL.values() if one.expect == "events" and not one.before)


def is_envelope(form: Format) -> bool:
    """Whether it is JSON with a message that the contract knows."""
    is_json = form.escape is not None and form.escape.startswith("json")
    return is_json and "jsonPayload" not in form.line


def is_quoted(form: Format) -> bool:
    """Whether it is no envelope, and its message stands in quotes, brackets or an element."""
    has_end = not form.line.endswith("${message}")
    return (form.escape is not None or has_end) and not is_envelope(form)


def opens_surely(form: Format) -> bool:
    """Whether its message stands in quotes that open whatever stands behind."""
    return _OPENS.search(form.line[: form.line.index("${message}")]) is not None


def shows_tag(form: Format) -> bool:
    """Whether another tag, which no rule names, stands before the message."""
    return _SHOWS_TAG.search(form.line) is not None


def texts(message: str, layers: Sequence[Format], number: int) -> list[str]:
    """The message, and what each layer around it makes of it, the innermost first."""
    found = [message]
    for form in layers:
        found.append(form.written(found[-1], number))
    return found


def unwrapped(written: Sequence[str], layers: Sequence[Format]) -> str:
    """What is left of a line once its envelopes are gone, from the outside to what is none."""
    seen, depth = written[-1], 0
    for at in range(len(layers), 0, -1):
        if is_envelope(layers[at - 1]):
            if depth == DEEPEST:
                break
            depth += 1
            seen = written[at - 1]
            if is_beside(layers[at - 1]):
                break
        elif is_quoted(layers[at - 1]):
            break
    return seen


def is_seen_whole(layers: Sequence[Format]) -> bool:
    """Whether the message itself can be seen: each envelope is gone, and no text is in quotes."""
    if any(map(is_beside, layers)):
        return False
    return not any(map(is_quoted, layers)) and sum(map(is_envelope, layers)) <= DEEPEST


def is_exact(layers: Sequence[Format]) -> bool:
    """Whether the event must be read as if it stood alone, with its last value.

    Odd words may hold quotes, in which it then stands, unless an envelope around it is unwrapped.
    """
    outer = layers[1:] if layers and is_quoted(layers[0]) else layers
    innermost = next((at for at, one in enumerate(layers) if is_envelope(one)), len(layers))
    return is_seen_whole(outer) and not any(map(is_odd, layers[:innermost]))


def is_beside(form: Format) -> bool:
    """Whether it is an envelope that has a message besides, which says nothing."""
    return form.name == "beside a message"


def loses_end(layers: Sequence[Format]) -> bool:
    """Whether a reader must see that an envelope ends in the line, if its beginning is lost.

    All that it is in is an object of JSON, or one that Python printed, or words before it: what
    else closes is an ordinary character where nothing opened.
    """
    around = [form for form in layers if not form.line.endswith("${message}")]
    return bool(around) and all(
        (form.escape or "").startswith(("json", "python"))
        and "{" in form.line.partition("${message}")[0].replace("${", "")
        and form.name != "odd enclosure"
        for form in around
    )


def may_be_a_word(text: str, tag: str) -> bool:
    """Whether the planted tag may be a word of a value: that is told of no tag without a pipe."""
    before = _COLOURS.sub("", text[: text.index(TAG)])[-1:]
    behind = gap(text, tag)
    is_item = before in tuple(",([{<\"'") and behind[:1] in tuple(",)]}>\"'")
    return before == "=" or is_item or "|" in behind


def is_odd(form: Format) -> bool:
    """Whether words stand before the message that may hold anything but a tag."""
    return form.name == "odd words"


def stands_alone(text: str) -> bool:
    """Whether the planted tag is a word of its own: no letter, digit or underscore before it."""
    before = _COLOURS.sub("", text[: text.index(TAG)])
    return re.search(r"[A-Za-z0-9_]$", before) is None


def is_after_equals(text: str) -> bool:
    return _COLOURS.sub("", text[: text.index(TAG)]).endswith("=")


def is_in_quotes(text: str, layers: Sequence[Format]) -> bool:
    """Whether the planted tag stands in quotes that are open: of JSON, logfmt, CSV, Python…

    CSV writes a quote that is escaped by a backslash as one that is not; a quote behind `=>` opens
    only what stands directly behind it.
    """
    before = _COLOURS.sub("", text[: text.index(TAG)])
    if before.endswith(('"', "'")):
        return True
    is_mixed = "\\" in before and any(form.escape in {"csv", "csv json"} for form in layers)
    opens = any(map(opens_surely, layers)) and not any('=>"' in form.line for form in layers)
    is_hidden = any(form.escape == "xml" for form in layers)  # quotes are entities then
    return opens and not is_mixed and not is_hidden and not any(map(is_odd, layers))


def gap(text: str, tag: str) -> str:
    """What stands between the planted tag and the name of its first field."""
    return text[text.index(TAG) + 1 + len(tag) : text.index(NAME)]


def is_pipe(gap: str) -> bool:
    """Whether that is a pipe, several, and blanks; as text, not as it is escaped in JSON."""
    return "|" in gap and not gap.strip(" \t|")


def is_told(gap: str) -> bool:
    """Whether that is only blanks and at most three others that no name can hold."""
    return _GAP.fullmatch(gap) is not None
