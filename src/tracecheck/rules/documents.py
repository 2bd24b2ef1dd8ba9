"""Rule files and what they include: opened once each, their declarations merged."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ..text.wording import quoted, suggestion
from .complaints import Complaints, Fault
from .nodes import Entry, Listing, Node, Scalar, Table, content, items, shape, table
from .source_text import RuleText, read_bytes, why_unreadable
from .yamltree import decoded, read_tree

_SECTIONS = ("vars", "key", "aliases", "void", "personal", "units", "events")
_ONE_VALUE = ("key", "void", "personal")  # of the sections; the others are mappings of names
_TOP_KEYS = ("version", "name", "about", "include", *_SECTIONS, "rules")
_DEEPEST = 16
_INTO_A_RULE = "it belongs into a rule: indent it below its `- id:`"
_LAYOUT = "a mapping of version, rules and more"

Declared = Mapping[str, Mapping[str, Entry]]
"""Section to name to declaration, for the sections that are written somewhere.

A section that is one value has the name of the section.
"""


@dataclass(frozen=True, eq=False)
class Document:
    """One rule file: its entries, the files it includes, and what they declare together.

    `included` has each file once, those that are included by others before these.
    """

    file: RuleText
    root: Table
    included: tuple[Document, ...]
    declared: Declared

    def family(self) -> tuple[Document, ...]:
        """The included files and this one, in the order of their rules."""
        return (*self.included, self)

    def rules(self) -> Iterator[Node]:
        """The rules of this file alone."""
        entry = self.root.entries.get("rules")
        if entry is not None and isinstance(entry.value, Listing):
            yield from entry.value.items


def known_entries(
    node: Table,
    known: Collection[str],
    what: str,
    complaints: Complaints,
    rule_keys: Collection[str] = (),
    below: tuple[str, Collection[str]] = ("", ()),
) -> dict[str, Entry]:
    """The entries with a known key; a complaint for each of the others.

    `rule_keys` are those that belong one level deeper, into a rule; `below` is a key and those that
    belong below it.
    """
    for name, entry in node.entries.items():
        if name not in known:
            hint = _meant_key(name, known, rule_keys)
            if name in below[1]:
                hint = f"it belongs into {below[0]}: indent it deeper than `{below[0]}:`"
            complaints.add(entry.key.fault(f"{quoted(name)} is no key of {what}", hint))
    return {name: entry for name, entry in node.entries.items() if name in known}


def _meant_key(name: str, known: Collection[str], rule_keys: Collection[str]) -> str:
    key, colon, value = name.partition(":")
    if colon and key in known:
        return f"a blank is missing after the colon: {key}: {value}"
    if name in rule_keys:
        return _INTO_A_RULE if name != "id" else "a rule begins with `- id:` below `rules:`"
    if near := suggestion(name, known):
        return near
    if near := suggestion(name, rule_keys):
        return f"{near} {_INTO_A_RULE}"
    return f"one of {', '.join(known)}"


@dataclass
class Library:
    """Opens rule files; `failed` if one could not be, so that names from it are unknown.

    `rule_keys` are what a rule may say, for those who write it beside the rules.
    """

    complaints: Complaints
    rule_keys: Collection[str] = ()
    failed: bool = False
    _opened: dict[str, Document | None] = field(default_factory=dict)

    def open(self, file: RuleText, chain: tuple[str, ...] = ()) -> Document | None:
        """The document, with all that it includes."""
        real = os.path.realpath(file.path)
        if real not in self._opened:
            self._opened[real] = None
            self.complaints.opened(file)
            try:
                self._opened[real] = self._document(file, (*chain, real))
            except Fault as fault:
                self.complaints.add(fault)
                self.failed = True
        return self._opened[real]

    def _document(self, file: RuleText, chain: tuple[str, ...]) -> Document:
        if len(chain) > 1:
            root = self._included_root(file)
        else:
            root = table(read_tree(file, self.complaints), _LAYOUT)
        entries = known_entries(root, _TOP_KEYS, "a rule file", self.complaints, self.rule_keys)
        with self.complaints.catching():
            _version(root)
        if "rules" in entries:
            with self.complaints.catching():
                items(entries["rules"].value, "a list of rules")
        includes: list[tuple[Node, Document]] = []
        if "include" in entries:
            with self.complaints.catching():
                for item in items(entries["include"].value, "a list of rule files", texts=True):
                    with self.complaints.catching():
                        document = self._include(item, file, chain)
                        includes.extend([(item, document)] if document else [])
        declared = _declared(entries, includes, self.complaints)
        included = dict.fromkeys(member for _, document in includes for member in document.family())
        return Document(file, root, tuple(included), declared)

    def _included_root(self, file: RuleText) -> Table:
        """The mapping of an included file, which may be any file: its text is not for a log."""
        with self.complaints.concealing(file.path):
            node = read_tree(file, self.complaints, quoting=False)
            if not isinstance(node, Table):
                raise node.fault(f"expected {_LAYOUT}")
            if node.entries and not any(name in _TOP_KEYS for name in node.entries):
                raise node.fault("no key of this mapping is one of a rule file")
        return node

    def _include(self, item: Node, file: RuleText, chain: tuple[str, ...]) -> Document | None:
        self.failed, failed = True, self.failed  # until it turns out well
        if not isinstance(item, Scalar) or item.tag != "str":
            raise item.fault(f"expected the path of a rule file, got {shape(item)}")
        if "${" in item.value:
            raise item.fault("an include cannot use a variable")
        path = str(Path(file.path).parent / item.value)
        try:
            real = os.path.realpath(path)
        except (OSError, ValueError):
            raise item.fault(f"{quoted(path)} is no path") from None
        if real in chain:
            word = "itself" if real == chain[-1] else f"{quoted(item.value)}, which includes it"
            raise item.fault(f"this file includes {word}")
        if len(chain) >= _DEEPEST:
            raise item.fault(f"files are included more than {_DEEPEST} deep")
        try:
            with self.complaints.concealing(path):
                included = decoded(path, read_bytes(path))
        except OSError as error:
            reason, mend = why_unreadable(error)
            if isinstance(error, FileNotFoundError):
                mend = "a path here is relative to this file"
            raise item.fault(f"{quoted(path)} cannot be read: {reason}", mend) from None
        self.failed = failed
        return self.open(included, chain)


def _version(root: Table) -> None:
    """A file without a version is of the first."""
    if "version" not in root.entries:
        return
    value = root.entries["version"].value
    if not isinstance(value, Scalar) or value.tag not in ("int", "float"):
        raise value.fault(f"expected version 1, got {shape(value)}", "version: 1")
    if value.value != "1":
        message = f"this tracecheck reads version 1 only, not {quoted(value.value)}"
        raise value.fault(message, "version: 1, or a newer tracecheck")


def _declared(
    entries: Mapping[str, Entry],
    includes: list[tuple[Node, Document]],
    complaints: Complaints,
) -> Declared:
    """What the file declares, over what it inherits; two includes must not disagree."""
    own: dict[str, Mapping[str, Entry]] = {}
    for section in _SECTIONS:
        if section in _ONE_VALUE and section in entries:
            own[section] = {section: entries[section]}
        elif section in entries:
            with complaints.catching():
                own[section] = table(entries[section].value, "a mapping of names").entries
    inherited: dict[str, dict[str, Entry]] = {}
    for item, document in includes:
        for section, names in document.declared.items():
            known, here = inherited.setdefault(section, {}), own.get(section, {})
            for name, entry in names.items():
                first = known.setdefault(name, entry)
                if name not in here and content(first.value) != content(entry.value):
                    what = name if name == section else f"{section}: {name}"
                    complaints.add(
                        item.fault(
                            f"{quoted(what)} is declared otherwise in {first.key.file.path}",
                            "declare it in this file, too",
                        )
                    )
    return {
        section: {**inherited.get(section, {}), **own.get(section, {})}
        for section in _SECTIONS
        if section in own or section in inherited
    }
