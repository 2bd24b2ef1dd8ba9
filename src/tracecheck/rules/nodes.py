"""What a rule file is made of: texts, lists and mappings, each with its place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ..text.wording import did_you_mean, quoted
from .complaints import Fault
from .source_text import RuleText, aligned

_LONGEST_LIST = 200
_SHAPES = {
    "str": "a text",
    "bool": "a YAML boolean",
    "int": "a number",
    "float": "a number",
    "null": "nothing",
    "timestamp": "a YAML date",
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """What stands in a file, from its character `start` on."""

    file: RuleText
    start: int

    def fault(self, message: str, hint: str | None = None) -> Fault:
        """A fault of the node as a whole."""
        return Fault(self.file, self.start, message, hint)


@dataclass(frozen=True, slots=True)
class Scalar(_Placed):
    """One value; `tag` is what YAML takes it for, `style` its quote or block sign, if any."""

    end: int
    value: str
    tag: str
    style: str | None

    @property
    def ends_in_comment(self) -> bool:
        """Whether a comment cuts the text off."""
        rest = self.file.text[self.end : self.end + 99].lstrip(" ")
        return self.style is None and rest.startswith("#")

    @property
    def ends_in_flow(self) -> bool:
        """Whether a comma, which separates items inside brackets, cuts the text off."""
        return self.style is None and self.file.text[self.end : self.end + 1] == ","

    def fault(self, message: str, hint: str | None = None, at: int | None = None) -> Fault:
        """A fault of the scalar, or of the character `at` of its value."""
        offset = self.start
        if at is not None:
            raw = self.file.text[self.start : self.end]
            places = aligned(self.value, raw, self.style)
            offset += places[min(at, len(self.value))] if places else 0
        return Fault(self.file, offset, message, hint)


@dataclass(frozen=True, slots=True)
class Listing(_Placed):
    """A list."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """A key of a mapping and what it holds."""

    key: Scalar
    value: Node


@dataclass(frozen=True, slots=True)
class Table(_Placed):
    """A mapping; keys are texts, each once."""

    entries: Mapping[str, Entry]


Node = Scalar | Listing | Table


def shape(node: Node) -> str:
    """What the node is, in words."""
    match node:
        case Listing():
            return "a list"
        case Table():
            return "a mapping"
        case Scalar():
            word = _SHAPES.get(node.tag, "a text")
            return word if node.tag == "str" or not node.value else f"{word}: {quoted(node.value)}"


def content(node: Node) -> object:
    """What the node says, without its place, for comparison."""
    match node:
        case Listing():
            return tuple(content(item) for item in node.items)
        case Table():
            return {name: content(entry.value) for name, entry in node.entries.items()}
        case Scalar():
            return node.tag, node.value


def table(node: Node, what: str) -> Table:
    """The node as a mapping. Raises Fault."""
    if not isinstance(node, Table):
        raise node.fault(f"expected {what}, got {shape(node)}")
    return node


def items(node: Node, what: str, *, texts: bool = False) -> tuple[Node, ...]:
    """The items of a list. Of `texts`, one may have been written alone: the hint. Raises Fault."""
    if not isinstance(node, Listing):
        hint = None
        if texts and isinstance(node, Scalar) and node.tag == "str":
            cut_off = ", \u2026" if node.ends_in_flow else ""
            hint = bracketed(node.value, cut_off)
        raise node.fault(f"expected {what}, got {shape(node)}", hint)
    return node.items


def bracketed(text: str, more: str = "") -> str | None:
    """The hint to write `text`, with `more` behind it, as the list that it looks like."""
    if len(text) > _LONGEST_LIST:
        return None
    plain = re.fullmatch(r"[\w./-]+( *,? +[\w./-]+| *, *[\w./-]+){0,20}", text)
    words = re.split(r"[ ,]+", text)
    return did_you_mean(f"[{', '.join(words)}{more}]") if plain else None
