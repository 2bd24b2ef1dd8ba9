"""One rule: from its mapping to a `RuleSpec`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, cast

from ..model.rules import SEVERITIES, Example, KindSpec, RuleSpec
from ..text.wording import did_you_mean, quoted, suggestion
from .documents import known_entries
from .nodes import Entry, Node, Scalar, Table, items, table
from .parameters import read_choice, read_count, read_each, read_parameter
from .scope import Scope
from .vocabulary import read_key

_TEXTS = ("title", "why", "remedy")
_FLAGS = ("allow_unattributed", "allow_empty", "enabled")
RULE_KEYS = ("id", *_TEXTS, "severity", "key", *_FLAGS, "examples")
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_EXAMPLE_KEYS = ("holds", "breaks", "with")


def read_rule(
    node: Node,
    kinds: Mapping[str, KindSpec],
    key: tuple[str, ...] | None,
    scope: Scope,
) -> tuple[RuleSpec, Scalar] | None:
    """The rule and the node of its id; None if it has no usable id or kind."""
    with scope.complaints.catching():
        rule = table(node, "a rule")
        scope.complaints.rule = _shown_id(rule)
        entries = _entries(rule, kinds, scope)
        kind = _kind(rule, entries, kinds, scope)
        parameters: dict[str, Any] = {}
        if kind:
            with scope.complaints.catching():
                parameters = _parameters(entries[kind.name], kind, scope)
        name = _id(rule, entries, scope)
        options = _options(entries, kind, key, scope)
        if name and kind:
            line, _ = node.file.position(rule.start)
            spec = RuleSpec(
                id=name,
                kind=kind.name,
                parameters=parameters,
                path=node.file.path,
                line=line,
                **options,
            )
            return spec, cast("Scalar", entries["id"].value)
    return None


def _shown_id(rule: Table) -> str | None:
    entry = rule.entries.get("id")
    value = entry.value if entry else None
    return value.value if isinstance(value, Scalar) and ID.fullmatch(value.value) else None


def _entries(rule: Table, kinds: Mapping[str, KindSpec], scope: Scope) -> dict[str, Entry]:
    """The known entries. In a rule without a kind, an unknown mapping was meant as one."""
    entries = dict(rule.entries)
    if not any(name in kinds for name in entries):
        choice = f"one of {', '.join(kinds)}"
        fault = rule.fault("this rule has no kind", choice)
        for name, entry in rule.entries.items():
            if name not in RULE_KEYS and isinstance(entry.value, Table):
                hint = suggestion(name, kinds) or choice
                fault = entry.key.fault(f"{quoted(name)} is no kind of rule", hint)
                del entries[name]
                break
        scope.complaints.add(fault)
    rest = replace(rule, entries=entries)
    kind = next((kinds[name] for name in entries if name in kinds), None)
    parameters = (kind.name, [one.name for one in kind.parameters]) if kind else ("", [])
    return known_entries(rest, (*RULE_KEYS, *kinds), "a rule", scope.complaints, below=parameters)


def _kind(
    rule: Table, entries: Mapping[str, Entry], kinds: Mapping[str, KindSpec], scope: Scope
) -> KindSpec | None:
    found = [name for name in entries if name in kinds]
    for name in found[1:]:
        scope.complaints.add(
            rule.entries[name].key.fault(
                f"a rule has one kind: {quoted(name)} stands beside {quoted(found[0])}",
                "make it a rule of its own",
            )
        )
    return kinds[found[0]] if found else None


def _id(rule: Table, entries: Mapping[str, Entry], scope: Scope) -> str | None:
    with scope.complaints.catching():
        if "id" not in entries:
            raise rule.fault("`id` is missing", "id: what-should-hold")
        value = scope.text(entries["id"].value, "an id such as what-should-hold")
        if not ID.fullmatch(value.text):
            kebab = re.sub(r"[^a-z0-9]+", "-", value.text.lower()).strip("-")
            hint = did_you_mean(kebab[:60]) if kebab else "id: what-should-hold"
            raise value.fault(f"{quoted(value.text)} is no id", hint)
        return value.text
    return None


def _options(
    entries: Mapping[str, Entry],
    kind: KindSpec | None,
    key: tuple[str, ...] | None,
    scope: Scope,
) -> dict[str, Any]:
    """What any rule may say, its defaults included."""
    readers: dict[str, Callable[[Node], Any]] = {
        **dict.fromkeys(_TEXTS, lambda node: scope.text(node, "a text").text.strip()),
        **dict.fromkeys(_FLAGS, lambda node: _boolean(node, scope)),
        "severity": lambda node: read_choice(node, SEVERITIES, scope),
        "key": lambda node: read_key(node, scope),
        "examples": lambda node: _examples(node, kind, scope),
    }
    options: dict[str, Any] = {"severity": "high", "key": key, "own_key": "key" in entries}
    options["key_ignored"] = "key" in entries and kind is not None and not kind.keyed
    for name, read in readers.items():
        if name in entries:
            with scope.complaints.catching():
                options[name] = read(entries[name].value)
    return options


def _boolean(node: Node, scope: Scope) -> bool:
    if isinstance(node, Scalar) and node.tag == "bool":
        if node.value.lower() in ("true", "false"):
            return node.value.lower() == "true"
        raise node.fault(
            f"expected true or false, got {quoted(node.value)}",
            did_you_mean("true" if node.value.lower() in ("yes", "on") else "false"),
        )
    value = scope.text(node, "true or false")
    if value.substituted and value.text in ("true", "false"):
        return value.text == "true"
    hint = f"{value.text} without quotes" if value.text in ("true", "false") else None
    raise value.fault(f"expected true or false, got {quoted(value.text)}", hint)


def _parameters(entry: Entry, kind: KindSpec, scope: Scope) -> dict[str, Any]:
    """The parameters, defaults filled in; the kind's own check only if all could be read."""
    node = entry.value
    if isinstance(node, Scalar) and node.tag == "null" and not node.value:
        node = Table(entry.key.file, entry.key.start, {})
    rows = table(node, f"the parameters of {kind.name}")
    before = len(scope.complaints)
    names = tuple(parameter.name for parameter in kind.parameters)
    given = known_entries(rows, names, kind.name, scope.complaints)
    _presence(entry, given, kind, scope)
    values: dict[str, Any] = {}
    for parameter in kind.parameters:
        if parameter.name in given:
            with scope.complaints.catching():
                values[parameter.name] = read_parameter(
                    given[parameter.name].value, parameter, scope
                )
        elif parameter.default is not None:
            values[parameter.name] = parameter.default
    if len(scope.complaints) == before:
        for name, problem in kind.check(values):
            place = given[name].value if name in given else entry.key
            scope.complaints.add(place.fault(problem))
    return values


def _presence(entry: Entry, given: Mapping[str, Entry], kind: KindSpec, scope: Scope) -> None:
    for parameter in kind.parameters:
        if parameter.required and parameter.name not in given:
            scope.complaints.add(
                entry.key.fault(f"{kind.name} needs {quoted(parameter.name)}", parameter.about)
            )
    for group in kind.one_of:
        present = [name for name in given if name in group]
        words = " or ".join(quoted(name) for name in group)
        if not present:
            scope.complaints.add(entry.key.fault(f"{kind.name} needs {words}"))
        for name in present[1:]:
            scope.complaints.add(given[name].key.fault(f"{kind.name} takes {words}, not both"))


def _examples(node: Node, kind: KindSpec | None, scope: Scope) -> tuple[Example, ...]:
    read = partial(_example, kind=kind, scope=scope)
    return read_each(items(node, "a list of examples"), read, scope)


def _example(node: Node, kind: KindSpec | None, scope: Scope) -> Example:
    example = table(node, "an example")
    entries = known_entries(example, _EXAMPLE_KEYS, "an example", scope.complaints)
    logs = [name for name in entries if name != "with"]
    if len(logs) != 1:
        raise node.fault("an example either holds or breaks", "holds: or breaks:, and one log")
    if "with" in entries and logs == ["holds"]:
        raise entries["with"].key.fault("an example that holds breaks nothing")
    log = entries[logs[0]]
    line, _ = node.file.position(log.key.start)
    classes = _classes(entries["with"].value, kind, scope) if "with" in entries else {}
    return Example(
        log=scope.text(log.value, "a log").text,
        holds=logs == ["holds"],
        classes=classes,
        path=node.file.path,
        line=line,
    )


def _classes(node: Node, kind: KindSpec | None, scope: Scope) -> dict[str, int]:
    given = table(node, "a mapping of classes to counts").entries
    classes: dict[str, int] = {}
    for name, entry in given.items():
        with scope.complaints.catching():
            if kind and name not in kind.classes:
                raise entry.key.fault(
                    f"{kind.name} has no class {quoted(name)}",
                    suggestion(name, kind.classes) or f"one of {', '.join(kind.classes)}",
                )
            classes[name] = read_count(entry.value, scope)
    return classes
