"""Fingerprints: whether a checkpoint was made by this engine, and what each rule of it means."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from ...engine.kind import conditions_of, names_of
from ...errors import UsageError
from ...model.condition import And, Condition, IsVoid, Not, Or
from ...model.rules import KindSpec, RuleSet, RuleSpec
from ...version import __version__
from ..options import RunOptions

_FORMAT = 5
_WORDS = "text"
"""The field of conditions, numbers and shares that has the words of the author."""


def fingerprint_of(options: RunOptions) -> dict[str, Any]:
    """What must be the same for a checkpoint to be gone on with, as plain values.

    Keys are grouped by hashes of the engine, which another version of it may make otherwise.
    """
    return {
        "format": _FORMAT,
        "tracecheck": __version__,
        "polars": pl.__version__,
        "timezone": options.timezone,
        "max-findings": options.max_findings,
        "order": options.order or "none",
    }


def ensure_same_meaning(wanted: Mapping[str, Any], found: object) -> None:
    """Refuse a checkpoint that was made otherwise. Raises UsageError."""
    there = found if isinstance(found, dict) else {}
    other = [name for name, value in wanted.items() if there.get(name) != value]
    if not other:
        return
    name = other[0]
    raise UsageError(
        f"the checkpoint was made with {name} {there.get(name)}, and this run has {wanted[name]}; "
        "run it as it was run, or start over in another --state folder"
    )


def mark_of(rule: RuleSpec, spec: KindSpec, rules: RuleSet) -> str:
    """What must be the same for the state of a rule to be gone on with, as a hash.

    It is all that its state hangs on, also of what rules share; not what is said to people, nor
    which values are masked, as that happens when they are told.
    """
    conditions = conditions_of(rule, spec)
    key = rule.key if spec.keyed else None
    names = {name.name for name in names_of(rule, spec)}.union(key or ())
    asks_void = spec.keyed or any(map(_asks_void, conditions))
    meant = {
        "kind": rule.kind,
        "parameters": rule.parameters,
        "key": key,
        "allowed": [rule.allow_unattributed, rule.allow_empty],
        "aliases": {name: rules.aliases[name] for name in names & rules.aliases.keys()},
        "units": {name: rules.units[name] for name in names & rules.units.keys()},
        "void": rules.void if asks_void else None,
    }
    text = json.dumps(_plain(meant), sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _asks_void(tree: Condition | None) -> bool:
    match tree:
        case IsVoid():
            return True
        case Not(term):
            return _asks_void(term)
        case And(terms) | Or(terms):
            return any(map(_asks_void, terms))
    return False


def _plain(value: Any) -> Any:
    """A value out of what JSON holds, the same for what means the same."""
    if dataclasses.is_dataclass(value):
        fields = [one.name for one in dataclasses.fields(value) if one.compare]
        kept = {name: _plain(getattr(value, name)) for name in fields if name != _WORDS}
        return {"is": type(value).__name__, **kept}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
