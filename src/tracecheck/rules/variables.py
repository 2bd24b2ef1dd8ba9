"""`${name}`: the values of `vars`, put in textually before anything else is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..conditions.mistakes import ConditionError
from ..text.wording import did_you_mean, nearest, quoted
from .complaints import Fault, SkipError
from .nodes import Scalar

T = TypeVar("T")

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
LONGEST = 1024
"""The most characters of a value: texts must not explode."""

_MOST_IN_TEXT = 64 * 1024
_MOST_IN_FILE = 1024 * 1024  # as much as may be written in one, however it is multiplied

_SPECIAL = re.compile(
    r"""(?P<escape>\\["'\\])|(?P<lone>\\(?=\$\{))|(?P<quote>["'])"""
    r"""|(?P<literal>\$\$\{)|\$\{(?P<name>[A-Za-z0-9_][A-Za-z0-9_-]*)\}|(?P<open>\$\{)"""
)
# Outside a string a value may be any part of a condition, but no half of a string.
_WHOLE = re.compile(r"""(?:[^"'\\]|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*""", re.DOTALL)


@dataclass
class Variables:
    """The values of `vars`, None for one that is itself at fault; `used`: characters put in.

    One file and those it includes share them, so that all its texts together stay bounded.
    """

    values: Mapping[str, str | None] = field(default_factory=dict)
    used: int = 0


class Value:
    """A text of the rule file, variables put in; it knows where each character came from."""

    def __init__(self, scalar: Scalar, variables: Variables, code: bool) -> None:
        self.scalar = scalar
        self._variables = variables
        self._used = 0
        self._parts: list[tuple[str, int]] = []
        self._inside = ""
        self.text = self._fill(code) if "${" in scalar.value else scalar.value

    @property
    def substituted(self) -> bool:
        """Whether a variable had a part in it."""
        return self.text != self.scalar.value

    def fault(self, message: str, hint: str | None = None, place: int = 0) -> Fault:
        """A fault at one character of the text."""
        return self.scalar.fault(message, hint, self._origin(place))

    def parsed(self, parse: Callable[[str], T]) -> T:
        """What `parse` makes of the text; its complaint becomes a fault with a place."""
        try:
            return parse(self.text)
        except ConditionError as error:
            hint = error.hint
            if self.scalar.ends_in_comment and "never closed" in error.message:
                hint = "a # after a space begins a comment: put the whole text in quotes"
            elif self.scalar.ends_in_flow and "never closed" in error.message:
                hint = "inside { } a comma ends the text: put the whole text in quotes"
            raise self.fault(error.message, hint, error.position) from None

    def _origin(self, place: int) -> int:
        """The character of the scalar that the character `place` of the text came from."""
        for part, origin in self._parts:
            if place < len(part):
                return origin + place if self.scalar.value.startswith(part, origin) else origin
            place -= len(part)
        return len(self.scalar.value) if self._parts else place

    def _fill(self, code: bool) -> str:
        if self._variables.used > _MOST_IN_FILE:
            raise SkipError  # noted where it was passed
        value, done = self.scalar.value, 0
        for match in _SPECIAL.finditer(value):
            if code or match.lastgroup in ("literal", "name", "open"):
                self._parts.append((value[done : match.start()], done))
                self._parts.append((self._replacement(match, code), match.start()))
                done = match.end()
        self._parts.append((value[done:], done))
        return "".join(part for part, _ in self._parts)

    def _replacement(self, match: re.Match[str], code: bool) -> str:
        match match.lastgroup:
            case "literal":
                return "${"
            case "open":
                raise self.scalar.fault(
                    "`${` begins no variable here", "a literal `${` is written `$${`", match.start()
                )
            case "lone" if self._inside:
                # Else it would escape the first character of the value.
                return "\\\\"
            case "quote" if self._inside in ("", match[0]):
                self._inside = "" if self._inside else match[0]
            case "name":
                text = self._value(match["name"], match.start(), code)
                self._use(len(text), match.start())
                return text
        return match[0]

    def _value(self, name: str, place: int, code: bool) -> str:
        values = self._variables.values
        if name not in values:
            guess = nearest(name, values)
            raise self.scalar.fault(
                f"no variable is named {quoted(name)}",
                did_you_mean(f"${{{guess}}}") if guess else "declare it in vars",
                place,
            )
        value = values[name]
        if value is None:
            raise SkipError
        if code and self._inside:
            return re.sub(r"""(["'\\])""", r"\\\1", value)
        if code and not _WHOLE.fullmatch(value):
            raise self.scalar.fault(
                f"the value of {quoted(name)} has half a string in it", f'"${{{name}}}"', place
            )
        return value

    def _use(self, length: int, place: int) -> None:
        """Count what a variable puts in: a small file must not become a huge one."""
        self._used += length
        self._variables.used += length
        for used, most, what in (
            (self._variables.used, _MOST_IN_FILE, "the rule file"),
            (self._used, _MOST_IN_TEXT, "this text"),
        ):
            if used > most:
                raise self.scalar.fault(
                    f"variables put more than {most} characters into {what}",
                    "use them less often, or shorten their values",
                    place,
                )
