"""The rule files that are shipped, and what `--rules` means."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..errors import UsageError
from ..model.rules import RuleSet, RuleSpec
from ..text.wording import quoted, suggestion

StrPath = str | os.PathLike[str]

LOCAL_RULES = "tracecheck.yaml"
"""The rule file that a working directory may have; without one, `DEFAULT_RULES` are taken."""

DEFAULT_RULES = "golive"
_PACKAGE = Path(__file__).resolve().parents[1]


def shipped(name: str) -> Path:
    """The rule file that is shipped under this name."""
    return _shipped_folder() / f"{name}.yaml"


def shipped_names() -> tuple[str, ...]:
    """The names of all shipped rule files."""
    return tuple(sorted(path.stem for path in _shipped_folder().glob("*.yaml")))


def default_rules() -> Path:
    """The rule file that is taken where none is named."""
    # A link that leads nowhere was meant to be taken: an error, never silently other rules.
    return Path(LOCAL_RULES) if os.path.lexists(LOCAL_RULES) else shipped(DEFAULT_RULES)


def rule_file(given: StrPath) -> Path | str:
    """What `--rules` means: a shipped rule file by its name, else a file.

    A shipped name wins over a file of the same name, which is reached as `./NAME`: what is in
    the working directory must not change what a name means.
    """
    names = shipped_names()
    if isinstance(given, str) and given in names:
        return shipped(given)
    path = os.fspath(given)
    if not os.path.lexists(path) and not os.path.dirname(path) and not Path(path).suffix:
        hint = suggestion(path, names) or f"shipped: {', '.join(names)}"
        raise UsageError(f"{quoted(path)} is no rule file, and none is shipped as that ({hint})")
    return path


def file_names(rules: RuleSet) -> tuple[str, ...]:
    """The rule files of a rule set as a user calls them: a shipped one by its name."""
    files = [(path, Path(path)) for path in rules.paths]
    return tuple(file.stem if _is_shipped(file) else path for path, file in files)


def as_reported(rules: RuleSet) -> RuleSet:
    """The same rules; a shipped one stands in `golive.yaml`, wherever that lies on this machine."""

    def placed(rule: RuleSpec) -> RuleSpec:
        file = Path(rule.path)
        return replace(rule, path=file.name) if _is_shipped(file) else rule

    return replace(rules, rules=tuple(map(placed, rules.rules)))


def _is_shipped(file: Path) -> bool:
    return file.parent == _shipped_folder()


def _shipped_folder() -> Path:
    """The folder of the wheel; in a checkout, the one beside the sources."""
    packaged = _PACKAGE / "shipped"
    return packaged if packaged.is_dir() else _PACKAGE.parents[1] / "rules"
