"""What every reader of values needs: the vocabulary of the file, and where to complain."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ..conditions.builder import NAME
from ..conditions.parser import names_with_places
from ..model.condition import Selector
from ..text.wording import quoted
from .complaints import Complaints, Fault
from .nodes import Node, Scalar, shape
from .variables import Value, Variables

T = TypeVar("T")

COUNT, DURATION, PERCENT = "a whole number", "a duration such as 30s", "a percentage such as 95%"
COUNT_OR_PERCENT = "a whole number or a percentage"
BUDGET = "violate, allow, a whole number or a percentage"
NUMBERS = (COUNT, DURATION, PERCENT, COUNT_OR_PERCENT, BUDGET)
"""What is never a text, so that quotes would be no remedy."""


@dataclass(frozen=True)
class Scope:
    """The words that mean something where a value is read.

    `canonical`: alias to its name.
    """

    complaints: Complaints
    variables: Variables
    canonical: Mapping[str, str] = field(default_factory=dict)
    events: Mapping[str, Selector] = field(default_factory=dict)

    def text(self, node: Node, what: str, *, numbers: bool = False, code: bool = False) -> Value:
        """The node as a text, variables put in; a number only if `numbers`."""
        if isinstance(node, Scalar) and (
            node.tag == "str" or (numbers and node.tag in ("int", "float"))
        ):
            return Value(node, self.variables, code)
        hint = None
        if isinstance(node, Scalar) and node.value and not code and what not in NUMBERS:
            hint = f'"{node.value}" in quotes is a text'
        raise node.fault(f"expected {what}, got {shape(node)}", hint)

    def field_name(self, node: Node) -> str:
        """The node as the canonical name of a field."""
        value = self.text(node, "the name of a field")
        self.ensure_field(value.text, value.fault)
        return value.text

    def ensure_field(self, name: str, fault: Callable[[str, str | None], Fault]) -> None:
        """Refuse what is not the canonical name of a field. Raises the `fault`."""
        if not NAME.fullmatch(name):
            raise fault(f"{quoted(name)} is no name of a field", None)
        if name in self.canonical:
            raise fault(f"{quoted(name)} is an alias", f"use {self.canonical[name]}")

    def code(self, node: Node, what: str, parse: Callable[[str], T]) -> T:
        """The node as a selector or a condition, which names fields by their canonical names."""
        value = self.text(node, what, code=True)
        tree = value.parsed(parse)
        start = len(value.text) - len(value.text.lstrip())
        for name, place in names_with_places(value.text):
            bare = re.sub(r"\A(from|to)\.", "", name)
            canonical = self.canonical.get(name) or self.canonical.get(bare)
            if canonical and not (place == start and name in self.events):
                message = f"{quoted(name)} is an alias"
                raise value.fault(message, f"use {canonical}", place)
        return tree
