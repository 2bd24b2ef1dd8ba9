"""From paths to a `RuleSet`: open, agree on the vocabulary, read the rules, report all faults."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from ..conditions.builder import NAME
from ..errors import UsageError
from ..model.rules import KindSpec, RuleSet, RuleSpec
from ..text.wording import did_you_mean, quoted, suggestion
from .complaints import Complaints
from .documents import Document, Library
from .nodes import Listing, Scalar
from .rule import RULE_KEYS, read_rule
from .scope import Scope
from .source_text import RuleText, read_named
from .variables import LONGEST
from .vocabulary import Facts, default_key, no_key, read_events, read_facts, read_variables
from .yamltree import decoded

Key = tuple[str, ...] | None
_NOTHING: Mapping[str, str] = MappingProxyType({})


def load(
    paths: Sequence[Path | str],
    kinds: Mapping[str, KindSpec],
    *,
    overrides: Mapping[str, str] = _NOTHING,
    key: Key = None,
) -> RuleSet:
    """The rules of all files, in the order given.

    `overrides` are values for `vars`, from `--set`. `key` is the default key in place of the
    files' own (an empty one is `key: none`); a rule that names its key keeps it.
    Raises RuleFileError with every complaint, or UsageError.
    """
    names = [os.fspath(path) for path in paths]
    if not names:
        raise UsageError("no rule file is given")
    real = [os.path.realpath(name) for name in names]
    for place, name in enumerate(names):
        if real[place] in real[:place]:
            raise UsageError(f"the rule file {name} is given twice")
    complaints = Complaints()
    files = []
    for name in names:
        data = read_named(name)
        with complaints.catching():
            files.append(decoded(name, data))
    return _load(files, kinds, overrides, key, complaints)


def _load(
    files: Sequence[RuleText],
    kinds: Mapping[str, KindSpec],
    overrides: Mapping[str, str],
    key: Key,
    complaints: Complaints,
) -> RuleSet:
    documents = []
    failed = False
    for file in files:
        library = Library(complaints, (*RULE_KEYS, *kinds))
        document = library.open(file)
        documents.extend([document] if document else [])
        failed = failed or library.failed
    if failed or len(documents) < len(files) or not documents:
        complaints.raise_all()  # names from a file that cannot be read would all be unknown
    _check_overrides(overrides, documents)
    scopes = [Scope(complaints, read_variables(d, overrides, complaints)) for d in documents]
    facts = _agreed(
        documents, [read_facts(*pair) for pair in zip(documents, scopes, strict=True)], complaints
    )
    rules: list[RuleSpec] = []
    ids: dict[str, Scalar] = {}
    titles: list[tuple[str, str]] = []
    for document, plain in zip(documents, scopes, strict=True):
        named = replace(plain, canonical=facts.canonical)
        chosen = _chosen_key(key, facts) if key is not None else default_key(document, named)
        scope = replace(named, events=read_events(document, named))
        rules.extend(_rules(document, kinds, chosen, scope, ids))
        titles.extend(_titles(member, scope) for member in document.family())
    _some_rules(documents, complaints)
    complaints.raise_all()
    name, about = titles[len(documents[0].included)]
    return RuleSet(
        rules=tuple(rules),
        aliases=facts.aliases,
        void=facts.void,
        personal=facts.personal,
        units=facts.units,
        name=name,
        about=about,
        paths=tuple(d.file.path for document in documents for d in document.family()),
    )


def _rules(
    document: Document,
    kinds: Mapping[str, KindSpec],
    key: Key,
    scope: Scope,
    ids: dict[str, Scalar],
) -> list[RuleSpec]:
    """The rules of a file after those of the files it includes."""
    rules = []
    for member in document.family():
        for node in member.rules():
            found = read_rule(node, kinds, key, scope)
            if found:
                spec, place = found
                first = ids.setdefault(spec.id, place)
                if first is not place:
                    line, _ = first.file.position(first.start)
                    where = f"{first.file.path}:{line}"
                    message = f"{quoted(spec.id)} is already the id of the rule at {where}"
                    scope.complaints.add(place.fault(message))
                rules.append(spec)
            scope.complaints.rule = None
    return rules


def _check_overrides(overrides: Mapping[str, str], documents: Sequence[Document]) -> None:
    known = sorted({name for document in documents for name in document.declared.get("vars", {})})
    for name, value in overrides.items():
        if name not in known:
            hint = suggestion(name, known) or f"vars: {', '.join(known) or 'none'}"
            raise UsageError(f"no variable is named {quoted(name)} ({hint})")
        if len(value) > LONGEST:
            raise UsageError(f"the value of {quoted(name)} has more than {LONGEST} characters")


def _chosen_key(key: tuple[str, ...], facts: Facts) -> Key:
    for name in key:
        if no_key(name):
            raise UsageError(f"{quoted(name)} names no field of a key ({did_you_mean('none')})")
        if not NAME.fullmatch(name):
            raise UsageError(f"{quoted(name)} is no name of a field")
        if name in facts.canonical:
            raise UsageError(f"{quoted(name)} is an alias (use {facts.canonical[name]})")
    if len(set(key)) < len(key):
        raise UsageError(f"the key names a field twice: {', '.join(key)}")
    return key or None


def _agreed(documents: Sequence[Document], facts: Sequence[Facts], complaints: Complaints) -> Facts:
    """What all files say of the log together; what is declared twice must be the same."""
    first = facts[0]
    aliases, units = dict(first.aliases), dict(first.units)
    personal = dict.fromkeys(first.personal)
    for document, other in zip(documents[1:], facts[1:], strict=True):
        differing = [
            *(f"aliases: {name}" for name in _differing(aliases, other.aliases)),
            *(f"units: {name}" for name in _differing(units, other.units)),
            *(["void"] if other.void != first.void else []),
        ]
        aliases |= other.aliases
        units |= other.units
        personal |= dict.fromkeys(other.personal)
        if not differing and _ambiguous(aliases):
            differing = [f"aliases: {_ambiguous(aliases)}"]
        for name in differing:
            complaints.add(
                document.root.fault(
                    f"{quoted(name)} is not as in the rule files before this one",
                    "files of one run agree on aliases, void and units; what is not written "
                    "has its default",
                )
            )
    return Facts(aliases, first.void, tuple(personal), units)


def _differing(known: Mapping[str, object], other: Mapping[str, object]) -> list[str]:
    return [name for name in other if name in known and known[name] != other[name]]


def _ambiguous(aliases: Mapping[str, tuple[str, ...]]) -> str | None:
    """A name that would stand for two fields."""
    seen = set(aliases)
    for names in aliases.values():
        for name in names:
            if name in seen:
                return name
            seen.add(name)
    return None


def _some_rules(documents: Sequence[Document], complaints: Complaints) -> None:
    tables = [member.root.entries for document in documents for member in document.family()]
    written = [entries["rules"] for entries in tables if "rules" in entries]
    if all(isinstance(entry.value, Listing) and not entry.value.items for entry in written):
        node = written[-1].key if written else documents[0].root
        complaints.add(node.fault("a rule file without rules judges nothing", "rules: [\u2026]"))


def _titles(document: Document, scope: Scope) -> tuple[str, str]:
    texts = {"name": "", "about": ""}
    for name in texts:
        if name in document.root.entries:
            with scope.complaints.catching():
                texts[name] = scope.text(document.root.entries[name].value, "a text").text.strip()
    return texts["name"], texts["about"]
