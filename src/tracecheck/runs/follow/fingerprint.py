"""Fingerprints: whether a checkpoint is of these rules, read by this engine."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from ...errors import UsageError
from ...model.rules import RuleSet
from ...version import __version__
from ..options import RunOptions

_FORMAT = 4
_WORDS = ("title", "why", "remedy", "examples", "severity", "path", "line", "text")
"""What rules say to people, and who counts: it changes no state."""


def fingerprint_of(rules: RuleSet, options: RunOptions) -> dict[str, Any]:
    """What must be the same for a checkpoint to be gone on with, as plain values.

    Keys are grouped by hashes of the engine, which another version of it may make otherwise.
    """
    meant = dataclasses.replace(
        rules,
        rules=tuple(rule for rule in rules.rules if rule.enabled),
        paths=(),
        about="",
        name="",
    )
    text = json.dumps(_plain(meant), sort_keys=True)
    return {
        "format": _FORMAT,
        "tracecheck": __version__,
        "polars": pl.__version__,
        "rules": hashlib.blake2b(text.encode(), digest_size=16).hexdigest(),
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
    what = (
        "is of other rules"
        if name == "rules"
        else f"was made with {name} {there.get(name)}, and this run has {wanted[name]}"
    )
    raise UsageError(
        f"the checkpoint {what}; run it as it was run, or start over in another --state folder"
    )


def _plain(value: Any) -> Any:
    """A value out of what JSON holds, the same for what means the same."""
    if dataclasses.is_dataclass(value):
        fields = [one.name for one in dataclasses.fields(value) if one.compare]
        kept = {name: _plain(getattr(value, name)) for name in fields if name not in _WORDS}
        return {"is": type(value).__name__, **kept}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    return value if value is None or isinstance(value, bool | int | str) else str(value)
