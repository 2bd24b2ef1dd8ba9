"""The engine as the tests ask it: rules and bytes in, the JSON report of section 8 out."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import oracle.lines
import polars as pl
import yaml
from rules.rule_texts import load_text

from tracecheck.engine import projection
from tracecheck.engine.kind import Kind
from tracecheck.kinds import KINDS as TABLE
from tracecheck.model.rules import RuleSet
from tracecheck.model.tuning import Tuning
from tracecheck.reading.lines import long_lines
from tracecheck.reading.sources.discovery import Source
from tracecheck.report import REPORTERS, Style
from tracecheck.runs.batch import run
from tracecheck.runs.options import RunOptions

KINDS: dict[str, Kind] = dict(TABLE)
"""The kinds that are under the laws: all of the table, and what a test plants beside them."""

Files = Sequence[tuple[str, bytes]]
"""A source: the files of a rotated set, oldest first, as (path, bytes)."""


_hash = projection._hash  # noqa: SLF001 - stands in for itself


def _colliding(parts: list[pl.Expr], seed: int) -> pl.Expr:
    """A hash of keys of which the first of the two is worth next to nothing."""
    found = _hash(parts, seed)
    return found % 2 if seed == 1 else found


ONE_THREAD = Tuning(block=8 << 20, workers=1, leave_out_from=0)


@dataclass(frozen=True)
class Setup:
    """How the engine runs, which must never show in what it says.

    `longest` is the one that may: the bytes of a line, for the engine and the oracle alike.
    """

    tuning: Tuning = ONE_THREAD
    keys_collide: bool = False
    longest: int = long_lines.MAX_LINE

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Have what is no option like this for a while."""
        with (
            mock.patch.object(projection, "_hash", _colliding if self.keys_collide else _hash),
            mock.patch.object(long_lines, "MAX_LINE", self.longest),
            mock.patch.object(oracle.lines, "LONGEST", self.longest),
        ):
            yield


def set_up(
    *, keys_collide: bool = False, longest: int = long_lines.MAX_LINE, **tuning: int
) -> Setup:
    """A setup of which some numbers are given."""
    return Setup(replace(ONE_THREAD, **tuning), keys_collide, longest)


class _Plainly(yaml.SafeDumper):
    """Writes a rule file without anchors, which rule files refuse."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def written(rules: Mapping[str, Any]) -> str:
    """A parsed rule file as YAML again."""
    return yaml.dump(rules, Dumper=_Plainly, sort_keys=False, allow_unicode=True, width=10**6)


def loaded(rules: Mapping[str, Any] | str) -> RuleSet:
    """The rule set of a rule file, parsed or as text."""
    text = rules if isinstance(rules, str) else written(rules)
    found = load_text(text, {name: kind.spec for name, kind in KINDS.items()})
    # Each time it is another folder, which reports would tell.
    rules_found = tuple(replace(rule, path="rules.yaml") for rule in found.rules)
    return replace(found, rules=rules_found, paths=("rules.yaml",))


def report(
    sources: Sequence[Files],
    rules: Mapping[str, Any] | str,
    *,
    setup: Setup = Setup(),
    timezone: str = "UTC",
    max_findings: int | None = None,
    fail_on: Any = "low",
    order: Any = None,
) -> dict[str, Any]:
    """The JSON report of a run over real files, whose paths are relative to where they lie."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for path, data in (file for files in sources for file in files):
            Path(path).write_bytes(data)
        options = RunOptions(
            max_findings=max_findings,
            fail_on=fail_on,
            timezone=timezone,
            tuning=setup.tuning,
            order=order,
        )
        with setup.applied():
            verdict = run(
                [Source(tuple(path for path, _ in files)) for files in sources],
                loaded(rules),
                KINDS,
                options,
            )
    return json.loads(REPORTERS["json"].render(verdict, Style()))


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """A report of the engine without what the oracle leaves out."""
    found = {name: value for name, value in found.items() if name not in {"tool", "rule_files"}}
    found["rules"] = [
        {
            **{name: value for name, value in rule.items() if name != "at"},
            "never_seen": [
                {name: value for name, value in unseen.items() if name != "nearest"}
                for unseen in rule["never_seen"]
            ],
            "findings": [
                {name: value for name, value in finding.items() if name != "message"}
                for finding in rule["findings"]
            ],
        }
        for rule in found["rules"]
    ]
    return found
