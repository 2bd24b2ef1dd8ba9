"""A checkpoint is gone on with by a run that means the same, and by no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest
from rules.rule_texts import load_text

from runs.follow.followed import SPECS
from tracecheck.errors import UsageError
from tracecheck.runs.follow import fingerprint as fingerprints
from tracecheck.runs.follow.fingerprint import ensure_same_meaning, fingerprint_of
from tracecheck.runs.options import RunOptions

TEXT = """\
version: 1
name: some
key: [conv, idem]
aliases: {count: [outbox_count]}
void: ["", unknown, nothing]
units: {took: ms}
vars: {limit: 5}
rules:
  - id: a
    title: A title
    why: For a reason.
    remedy: Do something.
    severity: high
    handoff: {from: EV where s == 1, to: EV where s == 2, expect: to.count >= 1, within: 10s}
    examples: [{holds: ""}]
  - id: b
    rate: {of: EV where took < 800ms, over: EV, at_least: 95%}
  - id: c
    forbid: {text: "bad"}
"""


def marked(text: str = TEXT, **options: Any) -> dict[str, Any]:
    return fingerprint_of(load_text(text, SPECS), RunOptions(**options))


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) == 1
    return TEXT.replace(old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("name: some\n", "name: other\nabout: Some rules.\n"),
        ("A title", "Another title"),
        ("For a reason.", "For another."),
        ("Do something.", "Do nothing."),
        ("severity: high", "severity: low"),
        ('    examples: [{holds: ""}]\n', ""),
        ("rules:\n", "\n# a comment\nrules:\n"),
        ('["", unknown, nothing]', '[nothing, "", unknown]'),
        ("from: EV where s == 1", "from: EV   where (s == 1)"),
        ("within: 10s", "within: 10000ms"),
        ('  - id: c\n    forbid: {text: "bad"}\n', '  - forbid: {text: "bad"}\n    id: c\n'),
        ("rules:\n", "rules:\n  - id: idle\n    enabled: false\n    forbid: {text: idle}\n"),
        ("rules:\n", "events: {unused: EV where s == 9}\nrules:\n"),
    ],
)
def test_rules_that_mean_the_same_are_the_same(old: str, new: str) -> None:
    assert marked(changed(old, new)) == marked()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[conv, idem]", "[idem, conv]"),
        ("[outbox_count]", "[other_count]"),
        ("nothing]", "naught]"),
        ("took: ms", "took: s"),
        ("id: a", "id: aa"),
        ("s == 1", "s == 3"),
        ("s == 1", 's == "1"'),
        ("within: 10s", "within: 11s"),
        (", within: 10s", ""),
        ("within: 10s", "within: 10s, lost: allow"),
        ("95%", "95.1%"),
        ("at_least: 95%", "at_most: 95%"),
        ("800ms", "801ms"),
        ('"bad"', '"bad "'),
        ("    severity: high\n", "    severity: high\n    key: [conv]\n"),
        ("    severity: high\n", "    allow_unattributed: true\n"),
        ("    severity: high\n", "    allow_empty: true\n"),
        ("version: 1\n", "version: 1\npersonal: [phone2]\n"),
        ("  - id: b\n", "  - id: b\n    enabled: false\n"),
    ],
)
def test_rules_that_mean_something_else_are_others(old: str, new: str) -> None:
    assert marked(changed(old, new))["rules"] != marked()["rules"]


def test_the_order_of_rules_is_part_of_what_they_mean() -> None:
    first, b, c = TEXT.partition("  - id: b")[0], *TEXT.split("  - id: ")[2:]
    assert marked(f"{first}  - id: {c}  - id: {b}")["rules"] != marked()["rules"]


def test_no_seed_of_hashes_and_no_place_of_the_file_is_in_a_mark() -> None:
    code = (
        "import json, sys; from runs.follow.followed import SPECS\n"
        "from rules.rule_texts import load_text\n"
        "from tracecheck.runs.follow.fingerprint import fingerprint_of\n"
        "from tracecheck.runs.options import RunOptions\n"
        "print(json.dumps(fingerprint_of(load_text(sys.argv[1], SPECS), RunOptions())))"
    )
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", code, TEXT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert json.loads(made.stdout) == marked()


def test_a_mark_survives_json() -> None:
    ensure_same_meaning(marked(), json.loads(json.dumps(marked())))


def test_other_rules_are_refused_in_one_line() -> None:
    with pytest.raises(UsageError) as raised:
        ensure_same_meaning(marked(), marked(changed("s == 1", "s == 3")))
    assert str(raised.value).startswith("the checkpoint is of other rules; run it as it was run")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (
            marked(timezone="Europe/Berlin"),
            "was made with timezone Europe/Berlin, and this run has UTC",
        ),
        (marked(max_findings=5), "was made with max-findings 5, and this run has 20"),
        (marked(order="time"), "was made with order time, and this run has none"),
        ({**marked(), "tracecheck": "0.0.1"}, "was made with tracecheck 0.0.1, and this run has"),
        ({**marked(), "polars": "0.1"}, "was made with polars 0.1, and this run has"),
        ({**marked(), "format": 99}, "was made with format 99, and this run has 4"),
        ({}, "was made with format None"),
        (None, "was made with format None"),
    ],
)
def test_what_was_made_otherwise_is_refused_and_named(other: Any, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        ensure_same_meaning(marked(), other)


def test_another_version_of_the_engine_makes_another_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    before = marked()
    monkeypatch.setattr(fingerprints, "__version__", "99.0")
    assert marked() != before
    monkeypatch.undo()
    monkeypatch.setattr(fingerprints.pl, "__version__", "99.0")
    assert marked() != before
