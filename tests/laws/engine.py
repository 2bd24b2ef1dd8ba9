"""The engine as the tests ask it: rules and bytes in, the JSON report of section 8 out."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import oracle.lines
import polars as pl
import yaml
from rules.rule_texts import load_text

from tracecheck.engine import fold as folding
from tracecheck.engine import plan, projection
from tracecheck.engine.kind import Kind
from tracecheck.events.trace_line import layouts
from tracecheck.events.trace_line import reader as events
from tracecheck.events.trace_line import search as searching
from tracecheck.kinds import KINDS as TABLE
from tracecheck.kinds.handoff import completed
from tracecheck.model.rules import RuleSet
from tracecheck.reading.lines import blocks as cutting
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


@dataclass(frozen=True)
class Tuning:
    """How the engine runs: knobs that must never show in what it says.

    `longest` is the one that may: the bytes of a line, for the engine and the oracle alike.
    """

    block: int = 8 << 20
    workers: int = 1
    learn_after: int = layouts.WORTH_LEARNING
    merge_after: int = 200_000
    segments: int = 1 << 20
    lines: int = 1 << 17
    searched_from: int = 1 << 16
    names: int = 1000
    keys_collide: bool = False
    longest: int = long_lines.MAX_LINE

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Run like this for a while."""
        with (
            mock.patch.object(layouts, "WORTH_LEARNING", self.learn_after),
            mock.patch.object(folding, "_WORTH_MERGING", self.merge_after),
            mock.patch.object(completed, "_WORTH_COMPACTING", self.merge_after),
            mock.patch.object(plan, "_MOST_NAMES", self.names),
            mock.patch.object(projection, "_hash", _colliding if self.keys_collide else _hash),
            mock.patch.object(searching, "_MOST_SEGMENTS", self.segments),
            mock.patch.object(cutting, "_MOST_LINES", self.lines),
            mock.patch.object(events, "_LONG", self.searched_from),
            mock.patch.object(long_lines, "MAX_LINE", self.longest),
            mock.patch.object(oracle.lines, "LONGEST", self.longest),
        ):
            yield


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
    return load_text(text, {name: kind.spec for name, kind in KINDS.items()})


def report(
    sources: Sequence[Files],
    rules: Mapping[str, Any] | str,
    *,
    tuning: Tuning = Tuning(),
    timezone: str = "UTC",
    max_findings: int | None = None,
    fail_on: Any = "low",
) -> dict[str, Any]:
    """The JSON report of a run over real files, whose paths are relative to where they lie."""
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        for path, data in (file for files in sources for file in files):
            Path(path).write_bytes(data)
        options = RunOptions(
            max_findings=max_findings,
            fail_on=fail_on,
            timezone=timezone,
            workers=tuning.workers,
            block=tuning.block,
        )
        with tuning.applied():
            verdict = run(
                [Source(tuple(path for path, _ in files)) for files in sources],
                loaded(rules),
                KINDS,
                options,
            )
    return json.loads(REPORTERS["json"].render(verdict, Style()))


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """A report of the engine without what the oracle leaves out."""
    found = {name: value for name, value in found.items() if name != "tool"}
    found["rules"] = [
        {
            **rule,
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
