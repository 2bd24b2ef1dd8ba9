"""Load rules, as Python sees it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from ..errors import UsageError
from ..kinds import KINDS
from ..model.rules import KindSpec, RuleSet
from ..rules import load
from ..rules.shipped import StrPath, default_rules, rule_file

Key = str | Sequence[str] | None

SPECS: Mapping[str, KindSpec] = MappingProxyType({n: kind.spec for n, kind in KINDS.items()})
"""What rule files may say of each kind."""

NO_VARIABLES: Mapping[str, str] = MappingProxyType({})


def load_rules(
    rules: StrPath | Iterable[StrPath] | None = None,
    *,
    variables: Mapping[str, str] = NO_VARIABLES,
    key: Key = None,
) -> RuleSet:
    """The rules of rule files, or of shipped ones by name; see `check` for the default.

    Raises RuleFileError with every complaint at once.
    """
    files = [default_rules()] if rules is None else [rule_file(one) for one in _several(rules)]
    return load(files, SPECS, overrides=variables, key=_key(key))


def rules_of(
    rules: RuleSet | StrPath | Iterable[StrPath] | None, variables: Mapping[str, str], key: Key
) -> RuleSet:
    """Rules that are loaded, or as `load_rules` loads them. Raises RuleFileError, UsageError."""
    if not isinstance(rules, RuleSet):
        return load_rules(rules, variables=variables, key=key)
    if variables or key is not None:
        raise UsageError("these rules are loaded already; give variables and key to load_rules")
    return rules


def paths_of(given: StrPath | Iterable[StrPath]) -> list[str]:
    """The paths of logs as text. Raises UsageError if there is none."""
    paths = [os.fspath(path) for path in _several(given)]
    if not paths:
        raise UsageError("no log is given")
    return paths


def _several(given: StrPath | Iterable[StrPath]) -> list[StrPath]:
    return [given] if isinstance(given, str | os.PathLike) else list(given)


def _key(key: Key) -> tuple[str, ...] | None:
    """The key for the loader, to whom an empty one is `none`."""
    if key is None:
        return None
    if isinstance(key, str):
        key = () if key.strip() == "none" else [part.strip() for part in key.split(",")]
    if "" in key:
        raise UsageError("the key has a field without a name; write conv,idem, or none")
    return tuple(key)
