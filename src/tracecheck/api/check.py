"""The public API, which the command line uses too: load rules, find the logs, judge them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..errors import UsageError
from ..kinds import KINDS
from ..model.rules import RuleSet, Severity
from ..model.verdict import Verdict
from ..reading.sources.decompression import DEFAULT_LIMIT
from ..reading.sources.discovery import Source, find_sources
from ..rules.shipped import StrPath, _called
from ..runs.batch import run
from ..runs.options import Options, Progress, ensure_options, zone_named
from .rules import _NOTHING, Key, _several, load_rules


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
    ensure_options(max_findings, fail_on)
    options = Options(
        max_findings=max_findings,
        fail_on=fail_on,
        timezone=zone_named(timezone),
        inflate_limit=DEFAULT_LIMIT if inflate_limit else None,
    )
    if progress is not None:
        options = replace(options, progress=progress)
    return judged_by(run(sources, rules, KINDS, options), rules)


def judged_by(verdict: Verdict, rules: RuleSet) -> Verdict:
    """The verdict with the names of the rule files that made it."""
    return replace(verdict, judged_by=tuple(map(_called, rules.paths)))
