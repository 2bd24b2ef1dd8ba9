"""What is done to the planted line, and why the contract then promises that it is told.

Section 2: a line that shows the name of a tag that some rule names is an event of that tag, or
prose, or a defect. Prose is what shows the tag with a letter, digit or underscore before it, or
with anything behind it but the end, a pipe, or blanks and at most three other characters and then
`NAME=`. So all of this is told, whatever stands around:

- The tag keeps its letters and its pipe, and something that is no word character comes before it,
  or blanks come around the pipe: it is an event; or its quotes do not end, which is malformed; or
  it stands behind the fields of another event, which is a second event.
- The tag keeps its letters and is parted from its first name by blanks and at most three others.
- The line ends behind the tag, behind its pipe, or inside the quotes in which it stands.
- It is repeated in brackets; some bytes are no UTF-8; half of it are NULs; it is too long.
- The beginning of the envelope around it is lost, and its rest stands behind the last value.
- It stands beside the message of an envelope, in its head or in another text of it.
- Colours, or NULs and byte order marks at the beginning, or CRs and line ends written as text at
  the end, change nothing; nor do parts in which CRI or docker cut it.

What changes a letter of the tag, joins it to a word (as a pipe that is dropped does), changes a
value, or cuts inside the fields is none of these. Nor is it where the tag may be a word of a value
or of a text beside a message: behind `=`, set off as an item, at the end, or with a lost pipe that
still stands behind another character.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import NamedTuple

from fuzz.layers import END, NAME, TAG


class Damage(NamedTuple):
    """Done with `arg` to the message, or to the whole line once it is written (`to_line`)."""

    name: str
    arg: str
    to_line: bool

    def __str__(self) -> str:
        return f"{self.name} {self.arg!r} {'in the line' if self.to_line else 'in the message'}"


def _plus(*texts: str) -> tuple[str, ...]:
    return texts


BEGINNING_LOST = "beginning lost"

BLANKS = _plus(" |", "| ", " | ", "\t|", "  |\t", "\t | ")
PIPES = _plus("||", "| |", "|\t|", "|||")
NO_PIPES = _plus(
    *(" ", "\t", "  ", ":", ": ", " : ", ";", "; ", ",", ", ", "¦", "│", " │ ", "｜", "/", "\\"),
    *("=", " = ", "=>", '"', "'", '":"', "\0", "\0\0", "\u00a0", "\u2028", "\x0b", "\x0c", "\r"),
    *("\ufeff", "::", ":::", "(", "[", "{", "{[(", "\x7f", "😀", "\ufffd", "%", "&", "«", "\\\\"),
)
BEFORE_PIPE = _plus(*(f"{one}|" for one in (*NO_PIPES, "!", "#", "?!") if len(one.strip()) <= 2))
BEFORE_TAG = _plus(
    *(":", "=", "(", "[", "{", "<", '"', "'", '""', "''", '\\"', "\\", "“", "\ufeff", "\0"),
    *("\u00a0", "\u2028", "|", "||", " | ", "-", ".", "#", "@", "\x0b", "\x0c", "\r", "¦", "é"),
    *("ß", "😀", "\ufffd", "x=", "a|", "a|b|", '="', "='", ',"', "{'", '["', "/", "\\\\", " "),
)
COLOURS = _plus(
    *("\x1b[1m", "\x1b[0m", "\x1b[38;5;208m", "\x1b[K", "\x1b(B", "\x1b(B\x1b[m", "\x9b31m"),
    *("\x1b]0;a title\x07", "\x1b]8;;https://example.com\x1b\\", "\x1bP1$r0m\x1b\\", "\x1b7"),
    *("#033[31m", r"\x1b[31m", r"\033[1;31m", r"\u001b[0m", "^[[0m", "\x1b[?25l", "\x1b="),
)
QUOTES = _plus('""', "''", "“”", "()", "[]", "{}", "<>", "«»")
SEPARATORS = _plus(
    *("", " ", "; ", "|", " | ", ", ", ": ", "\r", "\x0b", "\x0c", "\u2028", "\u2029", "\0"),
    *("\ufeff", "\t", "\n", "·", "  ", ",", '"', "\r\r", "] [", "}"),
)
AFTER = _plus(
    *(" ", "\0", ";", ",", "]", "'", '"', "\x1b[0m", "\ufeff", "…", "}", "|", "\\", " {"),
    *(' {"level":"info","msg":"hello"}', ' {"message":"OTHER_TAG|a=1"}', '{"log":"x\\n","n":{}}'),
)
WRITTEN_ENDS = _plus(
    *(
        "#012",
        "#000",
        "#015#012",
        "\\n",
        "\\r\\n",
        "\\\\n",
        "\\0",
        "\\012",
        "\\x00",
        "\\u0000",
        " #012 ",
    ),
)


def _around_pipe(text: str, tag: str, arg: str) -> str:
    at = text.index(TAG) + 1 + len(tag)
    return text[:at] + arg + text[at + 1 :]


def _before_tag(text: str, tag: str, arg: str) -> str:
    return text.replace(TAG, arg + TAG)


def _coloured(text: str, tag: str, arg: str) -> str:
    """Before the tag, in it, behind it, behind its pipe, and at the end of the message."""
    place, colour = arg[0], arg[1:]
    start = text.index(TAG)
    after = start + 1 + len(tag)
    at = {"<": start, "-": start + 1 + len(tag) // 2, ">": after, "|": after + 1}.get(
        place, text.index(END)
    )
    return text[:at] + colour + text[at:]


def _quoted(text: str, tag: str, arg: str) -> str:
    return arg[0] + text + arg[1:]


def _repeated(text: str, tag: str, arg: str) -> str:
    return f"message repeated {arg} times: [ {text}]"


def _doubled(text: str, tag: str, arg: str) -> str:
    """The message as it was before anything was done to it comes again."""
    start, end = text.index(TAG), text.index(END)
    fields = text[text.index(NAME) + 1 : end]
    return f"{text[: end + 1]}{arg}{tag}|{fields}{text[end + 1 :]}" if start < end else text


def _cut(text: str, tag: str, arg: str) -> str:
    """Behind the tag, behind its pipe, or so many characters behind that."""
    at = text.index(TAG) + 1 + len(tag)
    return text[: min(at + int(arg), text.index(END))]


def _behind(text: str, tag: str, arg: str) -> str:
    return text + arg


def _beginning_lost(text: str, tag: str, arg: str) -> str:
    return arg + text[text.index(TAG) :]


DONE: Mapping[str, Callable[[str, str, str], str]] = MappingProxyType(
    {
        "blanks around the pipe": _around_pipe,
        "pipe doubled": _around_pipe,
        "pipe replaced": _around_pipe,
        "something before the pipe": _around_pipe,
        "something before the tag": _before_tag,
        "colour": _coloured,
        "quoted": _quoted,
        "quote opened": _quoted,
        "repeated": _repeated,
        "doubled": _doubled,
        "cut": _cut,
        "something behind": _behind,
        "line end written": _behind,
        BEGINNING_LOST: _beginning_lost,
    }
)

AT_PIPE = frozenset(name for name, done in DONE.items() if done is _around_pipe)
LOSES_PIPE = frozenset({"pipe replaced", "something before the pipe"})
CHANGES_NOTHING = frozenset(
    {"blanks around the pipe", "pipe doubled", "colour", "line end written"}
)
"""After these, an event is read as if nothing had been done."""

OF_LEVELS = CHANGES_NOTHING | {"repeated", "doubled"}
"""What is promised of a tag that is a log level word."""

ARGS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "blanks around the pipe": BLANKS,
        "pipe doubled": PIPES,
        "pipe replaced": NO_PIPES,
        "something before the pipe": BEFORE_PIPE,
        "something before the tag": BEFORE_TAG,
        "colour": tuple(place + colour for place in "<->|." for colour in COLOURS),
        "quoted": QUOTES,
        "quote opened": ('"', "'"),
        "repeated": ("2", "3", "17"),
        "doubled": tuple(one for one in SEPARATORS if one),
        "cut": tuple(map(str, (0, 0, 1, 1, *range(2, 30)))),
        "something behind": AFTER,
        "line end written": WRITTEN_ENDS,
        BEGINNING_LOST: ("", "app: ", "x=1 ", "} "),
    }
)


def drawn(rng: Random) -> list[Damage]:
    """None, one or two; what cuts alone."""
    names = rng.sample(list(DONE), rng.choice((0, 1, 1, 1, 2, 2)))
    for alone in ("cut", BEGINNING_LOST):
        if alone in names:
            names = [alone]
    made = [
        Damage(name, rng.choice(ARGS[name]), rng.random() < 0.5 or name == BEGINNING_LOST)
        for name in names
    ]
    return sorted(made, key=lambda one: (one.to_line, list(DONE).index(one.name)))
