"""Judge whole logs, as Python sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..kinds import KINDS
from ..model.rules import RuleSet, Severity
from ..model.verdict import AskedOrder, Verdict
from ..reading.sources.decompression import DEFAULT_LIMIT
from ..reading.sources.discovery import find_sources
from ..rules.shipped import StrPath
from ..runs.batch import run
from ..runs.options import RunOptions
from .rules import NO_VARIABLES, Key, paths_of, rules_of


def check(  # noqa: PLR0913 - by keyword, all of them
    paths: StrPath | Iterable[StrPath],
    *,
    rules: RuleSet | StrPath | Iterable[StrPath] | None = None,
    variables: Mapping[str, str] = NO_VARIABLES,
    key: Key = None,
    max_findings: int | None = 20,
    fail_on: Severity = "low",
    timezone: str = "UTC",
    order: AskedOrder | None = None,
    inflate_limit: bool = True,
) -> Verdict:
    """Judge logs: files, directories, globs, or `-` for standard input.

    `rules` are rule files, or the names of shipped ones; by default `tracecheck.yaml` of the
    working directory, else the shipped `golive`. `variables` override their `vars`, and `key`
    their default key: names of fields, or "none". `max_findings` is how many findings each
    outcome carries, None for all. `order` is "given" where sources follow each other as they are
    given, and "time" where the events of each are to be put in order of time too. Raises
    TracecheckError where there is nothing to judge by, or nothing that can be judged.
    """
    options = RunOptions(
        max_findings=max_findings,
        fail_on=fail_on,
        timezone=timezone,
        order=order,
        inflate_limit=DEFAULT_LIMIT if inflate_limit else None,
    )
    judged_by = rules_of(rules, variables, key)
    return run(find_sources(paths_of(paths)), judged_by, KINDS, options)
