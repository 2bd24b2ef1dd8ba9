"""YAML text to nodes. What YAML would turn into something else is refused.

No anchors, aliases, tags or merge keys: a rule file means what it shows. PyYAML is run as
pure Python on purpose: its C parser overruns the stack on deep nesting.
"""

from __future__ import annotations

from typing import Any, cast

import yaml
from yaml.reader import ReaderError

from ..text.wording import quoted
from .complaints import Complaints, Fault
from .indentation import true_mistake
from .nodes import Entry, Listing, Node, Scalar, Table, shape
from .source_text import LARGEST, RuleText

_DEEPEST = 32
_NO_TAGS = ("YAML tags are not read", "put a text with ! in quotes")
_VARIABLE = "inside { } a text with ${ } stands in quotes"
_IN_BRACKETS = (
    "inside { } and [ ] a condition or pattern stands in single quotes: 'TAG where \u2026'"
)
_UNCLOSED = "close each { and [; a text with : or brackets in it stands in quotes"
_HINTS = (
    ("another document", "one rule file, one document"),
    (r"'\t'", "indent with spaces, not with tabs"),
    ("cannot start any token", "put the text in quotes"),
    ("scanning an alias", "a selector that begins with * stands in quotes"),
    ("mapping values are not allowed", "a text with a colon and a space stands in quotes"),
    ("but found '}'", "one } too many"),
    ("but found ']'", "one ] too many"),
    ("<block end>", "put the whole text in quotes, or none of it"),
    ("unknown escape", "in double quotes a backslash escapes: put a pattern in single quotes"),
    ("unexpected end of stream", "close the quote"),
)


def decoded(path: str, data: bytes) -> RuleText:
    """The bytes of a rule file as text."""
    if len(data) > LARGEST:
        raise Fault(RuleText(path, ""), 0, "a rule file has at most 1 MiB")
    try:
        return RuleText(path, data.decode("utf-8").removeprefix("\ufeff"))
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8").removeprefix("\ufeff")
        file = RuleText(path, data.decode("utf-8", errors="replace").removeprefix("\ufeff"))
        raise Fault(file, len(before), "a rule file is UTF-8, and this byte is not") from None


def read_tree(file: RuleText, complaints: Complaints, *, quoting: bool = True) -> Node:
    """The one document of a rule file; without `quoting`, a fault tells nothing of its text."""
    mark = 0
    try:
        loader = _Loader(file)
        try:
            node = loader.get_single_node()
        finally:
            mark = loader.get_mark().index
    except ReaderError as error:
        char = f"U+{error.character:04X}" if isinstance(error.character, int) else "a byte"
        raise Fault(file, error.position, f"{char} cannot stand in YAML") from None
    except yaml.MarkedYAMLError as error:
        raise _syntax_fault(file, error, mark, quoting=quoting) from None
    except (ValueError, OverflowError):  # an escape beyond Unicode, a version of a thousand digits
        raise Fault(file, mark, "this is not YAML") from None
    if node is None:
        raise Fault(file, 0, "the rule file is empty", "version: 1")
    return _converted(node, file, complaints)


class _Loader(yaml.SafeLoader):
    """Composes nodes, but nothing that stands for something else, and nothing very deep."""

    def __init__(self, file: RuleText) -> None:
        super().__init__(file.text)
        self._file = file
        self._depth = 0

    def compose_node(self, parent: Any, index: Any) -> Any:
        event: Any = cast("Any", self).peek_event()
        if isinstance(event, yaml.AliasEvent) or event.anchor is not None:
            raise self._refused(
                event,
                "anchors and aliases are not read",
                "a text that begins with * or & stands in quotes; events name selectors",
            )
        if event.tag is not None:
            raise self._refused(event, *_NO_TAGS)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._refused(event, f"nested more than {_DEEPEST} deep", None)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node

    def _refused(self, event: Any, message: str, hint: str | None) -> Fault:
        return Fault(self._file, event.start_mark.index, message, hint)


def _syntax_fault(
    file: RuleText, error: yaml.MarkedYAMLError, mark: int, *, quoting: bool
) -> Fault:
    place = error.problem_mark or error.context_mark
    offset = place.index if place else mark
    begun = error.context_mark.index if error.context_mark else None
    problems = " ".join(filter(None, (error.context, error.problem)))
    if "quoted scalar" in problems and "end of stream" in problems and begun is not None:
        return Fault(file, begun, "this quote is never closed", "close it where the text ends")
    if quoting and (mistake := true_mistake(file, problems, offset, begun)):
        place_of, what, how = mistake
        return Fault(file, place_of, what, how)
    if "tag handle" in problems:  # PyYAML would quote it
        return Fault(file, offset, *_NO_TAGS)
    if "expected ',' or" in problems:
        hint: str | None = _bracket_hint(file.text, offset, problems)
    else:
        hint = next((hint for part, hint in _HINTS if part in problems), None)
    problem = " ".join((error.problem or error.context or "").split()).removeprefix("but ")
    return Fault(file, offset, f"this is not YAML: {problem}", hint)


def _bracket_hint(text: str, offset: int, problems: str) -> str:
    """How to mend what is inside brackets, and ends too early for YAML."""
    if text[max(0, offset - 1) : offset + 1] == "${":
        return _VARIABLE
    inner = any(f"got '{sign}'" in problems for sign in ("[", "{", "<scalar>"))
    return _IN_BRACKETS if inner else _UNCLOSED


def _converted(node: yaml.Node, file: RuleText, complaints: Complaints) -> Node:
    start = node.start_mark.index
    if isinstance(node, yaml.ScalarNode):
        return _scalar(node, file, complaints)
    if isinstance(node, yaml.SequenceNode):
        return Listing(
            file, start, tuple(_converted(item, file, complaints) for item in node.value)
        )
    entries: dict[str, Entry] = {}
    for key_node, value_node in node.value:
        key = _converted(key_node, file, complaints)
        value = _converted(value_node, file, complaints)
        with complaints.catching():
            entry = Entry(_key(key, entries), value)
            entries[entry.key.value] = entry
    return Table(file, start, entries)


def _scalar(node: yaml.ScalarNode, file: RuleText, complaints: Complaints) -> Scalar:
    tag = node.tag.rpartition(":")[2]
    scalar = Scalar(
        file,
        node.start_mark.index,
        node.end_mark.index,
        node.value,
        "str" if tag == "value" else tag,
        node.style,
    )
    if any("\ud800" <= char <= "\udfff" for char in node.value):
        complaints.add(scalar.fault("this text holds half a character", "write it without \\u"))
    return scalar


def _key(key: Node, entries: dict[str, Entry]) -> Scalar:
    if not isinstance(key, Scalar):
        raise key.fault(f"a key is a text, not {shape(key)}")
    if key.tag == "merge":
        raise key.fault("merge keys are not read", "include another rule file")
    if key.tag != "str":
        raise key.fault(f"a key is a text, not {shape(key)}", f'"{key.value}" in quotes')
    if key.value in entries:
        line, _ = key.file.position(entries[key.value].key.start)
        raise key.fault(f"{quoted(key.value)} is already on line {line}")
    return key
