"""The vocabulary of a rule file (contract, sections 4 and 10): from declarations to values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial

from ..conditions.builder import NAME as FIELD
from ..conditions.mistakes import KEYWORDS
from ..conditions.parser import parse_selector
from ..conditions.units import UNITS, listed, meant_unit
from ..model.condition import Selector
from ..text.wording import did_you_mean, quoted
from .complaints import Complaints
from .documents import Document
from .nodes import Entry, Listing, Node, Scalar, bracketed, items, shape
from .parameters import read_each
from .scope import Scope
from .variables import LONGEST, NAME, Value, Variables

DEFAULT_KEY = ("conv", "idem")
DEFAULT_ALIASES: Mapping[str, tuple[str, ...]] = {
    "count": ("outbox_count",),
    "conv": ("conversation_id",),
    "idem": ("idempotency_key",),
}
DEFAULT_VOID = frozenset({"", "unknown", "None", "null", "MISSING"})
DEFAULT_PERSONAL = ("phone",)

EVENT = re.compile(r"[a-z][a-z0-9_-]*")
_HEAD = re.compile(r"\s*([A-Za-z0-9_-]+)")
_KEY = "a list of field names, or none"
_MOST_PARTS = 32
_NO_KEY = "key: none judges the log as one key"
_LONGEST_CHAIN = 16


@dataclass(frozen=True)
class Facts:
    """What is true of the log, whatever rule looks at it: shared by all files of a run."""

    aliases: Mapping[str, tuple[str, ...]]
    void: frozenset[str]
    personal: tuple[str, ...]
    units: Mapping[str, Fraction]

    @property
    def canonical(self) -> dict[str, str]:
        """Alias to canonical name."""
        return {alias: name for name, aliases in self.aliases.items() for alias in aliases}


def read_variables(
    document: Document, overrides: Mapping[str, str], complaints: Complaints
) -> Variables:
    """The values of `vars`, `--set` over them; None for one that is at fault."""
    values: dict[str, str | None] = {}
    plain = Scope(complaints, Variables())
    for name, entry in document.declared.get("vars", {}).items():
        values[name] = overrides.get(name)
        with complaints.catching():
            if not NAME.fullmatch(name):
                raise entry.key.fault(
                    f"{quoted(name)} is no name of a variable", "letters, 0-9, _ -"
                )
            if isinstance(entry.value, Scalar) and "${" in entry.value.value:
                raise entry.value.fault("a variable cannot use another")
            text = plain.text(entry.value, "a text or a number", numbers=True).text
            if len(text) > LONGEST:
                raise entry.value.fault(f"a variable has at most {LONGEST} characters")
            values[name] = overrides.get(name, text)
    return Variables(values)


def read_facts(document: Document, scope: Scope) -> Facts:
    """Aliases, void, personal and units of one file and its includes."""
    facts = Facts(_aliases(document, scope), _void(document, scope), (), {})
    named = replace(scope, canonical=facts.canonical)
    return replace(facts, personal=_personal(document, named), units=_units(document, named))


def default_key(document: Document, scope: Scope) -> tuple[str, ...] | None:
    """The key of rules that name none."""
    entry = document.declared.get("key", {}).get("key")
    if entry is not None:
        with scope.complaints.catching():
            return read_key(entry.value, scope)
    return _canonical(DEFAULT_KEY, scope)


def read_key(node: Node, scope: Scope) -> tuple[str, ...] | None:
    """A key: names of fields, or one of them, or `none`."""
    if isinstance(node, Scalar):
        if node.tag == "null" and not node.value:
            raise node.fault(f"expected {_KEY}, got {shape(node)}", _NO_KEY)
        if node.tag == "str":
            value = scope.text(node, _KEY)
            _refuse_several(value)
            if value.text == "none":
                return None
        return (_key_field(node, scope, did_you_mean("none")),)
    nodes = items(node, _KEY)
    if not nodes:
        raise node.fault("a key without a field", _NO_KEY)
    if len(nodes) > _MOST_PARTS:
        raise node.fault(f"a key of {len(nodes):,} fields", f"{_MOST_PARTS} at most")
    return read_each(nodes, partial(_key_field, scope=scope), scope, distinct=True)


def _refuse_several(value: Value) -> None:
    """Refuse several names in one text, where a list or one name may stand."""
    if not FIELD.fullmatch(value.text) and (hint := bracketed(value.text)):
        raise value.fault(f"{quoted(value.text)} is no name of a field", hint)


def no_key(name: str) -> bool:
    """Whether the name says that there is no key, and is meant as no field."""
    return name.casefold() in ("none", "null", "~")


def _key_field(node: Node, scope: Scope, hint: str = _NO_KEY) -> str:
    """The name of a field of a key; `hint` says how to write that there is none."""
    if isinstance(node, Scalar) and node.tag in ("str", "null"):
        name = scope.text(node, _KEY).text if node.tag == "str" else node.value
        if no_key(name):
            raise node.fault(f"{quoted(name)} names no field of a key", hint)
    return scope.field_name(node)


def read_events(document: Document, scope: Scope) -> dict[str, Selector]:
    """The named selectors; one may begin with the name of another."""
    entries = document.declared.get("events", {})
    for name, entry in entries.items():
        with scope.complaints.catching():
            if not EVENT.fullmatch(name) or name in KEYWORDS:
                raise entry.key.fault(
                    f"{quoted(name)} is no name of an event", "lower case, and no keyword"
                )
    # An event that is not read yet, or at fault, which is noted once, is like any event.
    events = {name: Selector(None, None, name) for name in entries}
    named = replace(scope, events=events)
    done: set[str] = set()
    for name in entries:
        for link in reversed(_chain(name, entries, done, scope)):
            done.add(link)
            with scope.complaints.catching():
                parse = partial(parse_selector, events=events)
                events[link] = named.code(entries[link].value, "a selector", parse)
    return events


def _chain(
    name: str, entries: Mapping[str, Entry], done: Collection[str], scope: Scope
) -> list[str]:
    """`name`, the event it begins with, the event that begins with, as far as not yet read."""
    chain: list[str] = []
    while name in entries and name not in done:
        value = entries[name].value
        if name in chain or len(chain) >= _LONGEST_CHAIN:
            problem = "in a circle" if name in chain else f"more than {_LONGEST_CHAIN} deep"
            scope.complaints.add(value.fault(f"events name each other {problem}"))
            return chain
        chain.append(name)
        name = ""
        with scope.complaints.catching():
            head = _HEAD.match(scope.text(value, "a selector", code=True).text)
            name = head[1] if head else ""
    return chain


def _canonical(names: Collection[str], scope: Scope) -> tuple[str, ...]:
    """Defaults, which no author wrote, follow the aliases without a complaint."""
    return tuple(dict.fromkeys(scope.canonical.get(name, name) for name in names))


def _aliases(document: Document, scope: Scope) -> dict[str, tuple[str, ...]]:
    declared = document.declared.get("aliases")
    if declared is None:
        return dict(DEFAULT_ALIASES)
    aliases: dict[str, tuple[str, ...]] = {}
    taken: dict[str, str] = {}
    for name, entry in declared.items():
        with scope.complaints.catching():
            scope.ensure_field(name, entry.key.fault)
            nodes = items(entry.value, "a list of other spellings", texts=True)
            aliases[name] = read_each(
                nodes,
                partial(_alias, name=name, taken=taken, declared=declared, scope=scope),
                scope,
            )
    return aliases


def _alias(
    node: Node, name: str, taken: dict[str, str], declared: Mapping[str, Entry], scope: Scope
) -> str:
    alias = scope.field_name(node)
    if alias in declared:
        raise node.fault(f"{quoted(alias)} is a canonical name itself")
    if alias in taken:
        raise node.fault(f"{quoted(alias)} is already an alias of {quoted(taken[alias])}")
    taken[alias] = name
    return alias


def _void(document: Document, scope: Scope) -> frozenset[str]:
    entry = document.declared.get("void", {}).get("void")
    if entry is None:
        return DEFAULT_VOID
    with scope.complaints.catching():
        nodes = items(entry.value, "a list of texts", texts=True)
        return frozenset(
            read_each(nodes, lambda item: scope.text(item, "a text", numbers=True).text, scope)
        )
    return DEFAULT_VOID


def _personal(document: Document, scope: Scope) -> tuple[str, ...]:
    entry = document.declared.get("personal", {}).get("personal")
    if entry is None:
        return _canonical(DEFAULT_PERSONAL, scope)
    with scope.complaints.catching():
        if not isinstance(entry.value, Listing):
            _refuse_several(scope.text(entry.value, "a list of field names"))
        nodes = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        return read_each(nodes, scope.field_name, scope, distinct=True)
    return ()


def _units(document: Document, scope: Scope) -> dict[str, Fraction]:
    units: dict[str, Fraction] = {}
    for name, entry in document.declared.get("units", {}).items():
        with scope.complaints.catching():
            scope.ensure_field(name, entry.key.fault)
            value = scope.text(entry.value, "a unit")
            if value.text not in UNITS:
                unit = meant_unit(value.text)
                hint = did_you_mean(unit) if unit else f"units: {listed()}"
                raise value.fault(f"{quoted(value.text)} is no unit", hint)
            units[name] = UNITS[value.text]
    return units
