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
from tracecheck.runs.follow.fingerprint import ensure_same_meaning, fingerprint_of, mark_of
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
  - id: d
    forbid: {where: EV where not (s == 9 or value is void)}
"""


def marked(**options: Any) -> dict[str, Any]:
    return fingerprint_of(RunOptions(**options))


def marks(text: str = TEXT) -> dict[str, str]:
    """What each rule means, by its id."""
    rules = load_text(text, SPECS)
    return {one.id: mark_of(one, SPECS[one.kind], rules) for one in rules.rules if one.enabled}


def differing(text: str) -> str:
    """The ids of rules that mean something else in this text, or are not in both."""
    old, new = marks(), marks(text)
    return "".join(sorted(id_ for id_ in old | new if old.get(id_) != new.get(id_)))


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
        ("version: 1\n", "version: 1\npersonal: [phone2]\n"),
        ("aliases: {", "aliases: {other: [one], "),
        ("units: {", "units: {other: s, "),
    ],
)
def test_rules_that_mean_the_same_are_the_same(old: str, new: str) -> None:
    assert differing(changed(old, new)) == ""


@pytest.mark.parametrize(
    ("old", "new", "others"),
    [
        ("[conv, idem]", "[idem, conv]", "a"),
        ("[conv, idem]", "none", "a"),
        ("[outbox_count]", "[other_count]", "a"),
        ("aliases: {", "aliases: {idem: [key], ", "a"),
        ("aliases: {", "aliases: {took: [duration], ", "b"),
        ("nothing]", "naught]", "ad"),
        ("took: ms", "took: s", "b"),
        ("units: {", "units: {count: s, ", "a"),
        ("id: d", "id: dd", "ddd"),
        ("s == 1", "s == 3", "a"),
        ("s == 1", 's == "1"', "a"),
        ("within: 10s", "within: 11s", "a"),
        (", within: 10s", "", "a"),
        ("within: 10s", "within: 10s, lost: allow", "a"),
        ("95%", "95.1%", "b"),
        ("at_least: 95%", "at_most: 95%", "b"),
        ("800ms", "801ms", "b"),
        ('"bad"', '"bad "', "c"),
        ('forbid: {text: "bad"}', 'require: {text: "bad"}', "c"),
        ("    severity: high\n", "    severity: high\n    key: [conv]\n", "a"),
        ("    severity: high\n", "    allow_unattributed: true\n", "a"),
        ("    severity: high\n", "    allow_empty: true\n", "a"),
        ("  - id: b\n", "  - id: b\n    enabled: false\n", "b"),
    ],
)
def test_what_rules_share_changes_those_that_hang_on_it_alone(
    old: str, new: str, others: str
) -> None:
    assert differing(changed(old, new)) == others


def test_the_order_of_rules_is_no_part_of_what_they_mean() -> None:
    first, b, c = TEXT.partition("  - id: b")[0], *TEXT.split("  - id: ")[2:4]
    assert differing(f"{first}  - id: {c}  - id: {b}  - id: d\n{TEXT.split('id: d')[1][1:]}") == ""


def test_no_seed_of_hashes_and_no_place_of_the_file_is_in_a_mark() -> None:
    code = (
        "import json, sys; from runs.follow.followed import SPECS\n"
        "from rules.rule_texts import load_text\n"
        "from tracecheck.runs.follow.fingerprint import mark_of\n"
        "rules = load_text(sys.argv[1], SPECS)\n"
        "marks = {one.id: mark_of(one, SPECS[one.kind], rules) for one in rules.rules}\n"
        "print(json.dumps(marks))"
    )
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", code, TEXT],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            timeout=60,
            check=True,
        )
        assert json.loads(made.stdout) == marks()


def test_a_mark_survives_json() -> None:
    ensure_same_meaning(marked(), json.loads(json.dumps(marked())))


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
        ({**marked(), "format": 99}, "was made with format 99, and this run has 5"),
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
