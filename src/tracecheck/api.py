"""The public API, which the command line uses too: load rules, find the logs, judge them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from zoneinfo import available_timezones

from .batch import Options, Progress, run
from .errors import UsageError
from .kinds import KINDS
from .lines.inflating import DEFAULT_LIMIT
from .lines.sources import Source, find_sources
from .model import SEVERITIES, KindSpec, RuleSet, Severity, Verdict
from .rulefiles import load
from .wording import nearest, quoted

StrPath = str | os.PathLike[str]
Key = str | Sequence[str] | None

SPECS: Mapping[str, KindSpec] = MappingProxyType({n: kind.spec for n, kind in KINDS.items()})
"""What rule files may say of each kind."""

LOCAL_RULES = "tracecheck.yaml"
"""The rule file that a working directory may have; without one, `DEFAULT_RULES` are taken."""

DEFAULT_RULES = "golive"

_NOTHING: Mapping[str, str] = MappingProxyType({})
_HERE = Path(__file__).resolve().parent
# Names that system databases list, but that mean another zone, or none, on each machine.
_NO_ZONES = frozenset({"Factory", "localtime"})


def check(  # noqa: PLR0913 - by keyword, all of them
    paths: StrPath | Iterable[StrPath],
    *,
    rules: RuleSet | StrPath | Iterable[StrPath] | None = None,
    variables: Mapping[str, str] = _NOTHING,
    key: Key = None,
    max_findings: int | None = 20,
    fail_on: Severity = "low",
    timezone: str = "UTC",
    inflate_limit: bool = True,
) -> Verdict:
    """Judge logs: files, directories, globs, or `-` for standard input.

    `rules` are rule files, or the names of shipped ones; by default `tracecheck.yaml` of the
    working directory, else the shipped `golive`. `variables` override their `vars`, and `key`
    their default key: names of fields, or "none". `max_findings` is how many findings each
    outcome carries, None for all. Raises TracecheckError where there is nothing to judge by, or
    nothing that can be judged.
    """
    if not isinstance(rules, RuleSet):
        rules = load_rules(rules, variables=variables, key=key)
    elif variables or key is not None:
        raise UsageError("these rules are loaded already; give variables and key to load_rules")
    return judge(
        find_sources([os.fspath(path) for path in _several(paths)]),
        rules,
        max_findings=max_findings,
        fail_on=fail_on,
        timezone=timezone,
        inflate_limit=inflate_limit,
    )


def load_rules(
    rules: StrPath | Iterable[StrPath] | None = None,
    *,
    variables: Mapping[str, str] = _NOTHING,
    key: Key = None,
) -> RuleSet:
    """The rules of rule files, or of shipped ones by name; see `check` for the default.

    Raises RuleFileError with every complaint at once.
    """
    files = [default_rules()] if rules is None else [rule_file(one) for one in _several(rules)]
    return load(files, SPECS, overrides=variables, key=_key(key))


def judge(  # noqa: PLR0913 - by keyword, all of them
    sources: Sequence[Source],
    rules: RuleSet,
    *,
    max_findings: int | None,
    fail_on: Severity,
    timezone: str,
    inflate_limit: bool,
    progress: Progress | None = None,
) -> Verdict:
    """Judge sources that are found by rules that are loaded; `check` has the defaults."""
    if not sources:
        raise UsageError("no log is given")
    hold_options(max_findings, fail_on)
    options = Options(
        most=max_findings,
        fail_on=fail_on,
        zone=zone_named(timezone),
        limit=DEFAULT_LIMIT if inflate_limit else None,
    )
    if progress is not None:
        options = replace(options, progress=progress)
    return judged_by(run(sources, rules, KINDS, options), rules)


def judged_by(verdict: Verdict, rules: RuleSet) -> Verdict:
    """The verdict with the names of the rule files that made it."""
    return replace(verdict, judged_by=tuple(map(_called, rules.paths)))


def hold_options(max_findings: int | None, fail_on: Severity) -> None:
    """Refuse what is no number of findings, or no severity. Raises UsageError."""
    if max_findings is not None and max_findings < 0:
        raise UsageError(f"max_findings is a number from 0, or None for all, not {max_findings}")
    if fail_on not in SEVERITIES:
        raise UsageError(f"{quoted(fail_on)} is no severity (one of {', '.join(SEVERITIES)})")


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
        guess = nearest(path, names)
        hint = f"did you mean {guess}?" if guess else f"shipped: {', '.join(names)}"
        raise UsageError(f"{quoted(path)} is no rule file, and none is shipped as that ({hint})")
    return path


def _called(path: str) -> str:
    """A rule file as a user calls it: a shipped one by its name."""
    file = Path(path)
    return file.stem if file.parent == _shipped_folder() else path


def _shipped_folder() -> Path:
    """The folder of the wheel; in a checkout, the one beside the sources."""
    packaged = _HERE / "rules"
    return packaged if packaged.is_dir() else _HERE.parents[1] / "rules"


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


def zone_named(name: str) -> str:
    """The name of a time zone, if it is one. Raises UsageError."""
    if name == "UTC":  # to know all the others takes a look at each of their files
        return name
    known = available_timezones() - _NO_ZONES
    if name in known:
        return name
    cities = {zone.rpartition("/")[2].casefold(): zone for zone in sorted(known)}
    city = name.rpartition("/")[2].casefold().replace(" ", "_")
    near = nearest(city, cities, among=len(cities))
    hint = f"did you mean {cities[near]}?" if near else "a name such as Europe/Berlin"
    raise UsageError(f"{quoted(name)} is no time zone ({hint})")
