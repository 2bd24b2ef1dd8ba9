"""The samples, judged by the shipped rules as `samples/expected.yaml` says, line by line.

`samples/expected/` holds their whole JSON reports. Read them again before they are renewed; to
renew them, in the directory of the tests: python -m test_samples
"""

from __future__ import annotations

import contextlib
import gzip
import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import oracle
import pytest
import yaml
from laws.engine import comparable

from tracecheck.api import check as api
from tracecheck.api import rules as api_rules
from tracecheck.reading.sources.discovery import find_sources
from tracecheck.report import REPORTERS, Style
from tracecheck.rules import shipped as api_shipped

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
GOLDEN = SAMPLES / "expected"
RULES = "golive"
MOST = 20

EXPECTED: dict[str, dict[str, Any]] = {
    name: expected
    for first, expected in yaml.safe_load((SAMPLES / "expected.yaml").read_text("utf-8")).items()
    for name in (first, *expected.get("same", ()))
}
EQUAL = {
    "healthy.log.gz": "healthy.log",
    **{
        f"formats/{path.name}": "formats/bare.log"
        for path in sorted((SAMPLES / "formats").iterdir())
        if path.name != "bare.log"
    },
}
COUNTS = ("outcome", "subjects", "violations", "unattributed", "weak")


@cache
def _report(sample: str) -> str:
    """The JSON report of a sample, as the command line gives it among the samples."""
    with contextlib.chdir(SAMPLES):
        verdict = api.check([sample], rules=RULES, max_findings=MOST)
    return REPORTERS["json"].render(verdict, Style())


def _golden(sample: str) -> Path:
    return GOLDEN / f"{sample}.json"


def _found(rule: dict[str, Any], *, many: bool) -> list[list[Any]]:
    """The findings as `expected.yaml` writes them: class, and the lines of the evidence."""
    return [
        [
            finding["class"],
            [
                f"{Path(line['path']).name}:{line['line']}" if many else line["line"]
                for line in finding["evidence"]
            ],
        ]
        for finding in rule["findings"]
    ]


@pytest.mark.parametrize("sample", EXPECTED)
def test_a_sample_yields_what_was_derived_by_hand(sample: str) -> None:
    """Verdict, totals, and each rule with its counts, classes and the lines of its findings."""
    expected = EXPECTED[sample]
    report = json.loads(_report(sample))
    assert {name: report[name] for name in ("verdict", "exit_code", "totals")} == {
        name: expected[name] for name in ("verdict", "exit_code", "totals")
    }
    if "order" in expected:
        assert [Path(one["path"]).name for one in report["inputs"]] == expected["order"]
    assert [rule["id"] for rule in report["rules"]] == list(expected["rules"])
    for rule in report["rules"]:
        wanted = expected["rules"][rule["id"]]
        assert {name: rule[name] for name in COUNTS} == {name: wanted[name] for name in COUNTS}
        assert rule["reason"] == wanted.get("reason")
        assert {name: n for name, n in rule["classes"].items() if n} == wanted["classes"]
        assert rule["measure"] == wanted.get("measure")
        if rule["kind"] != "rate":
            assert _found(rule, many="order" in expected) == wanted.get("findings", [])


@pytest.mark.parametrize("sample", EXPECTED)
def test_the_report_of_a_sample_is_the_one_that_was_read(sample: str) -> None:
    """Byte for byte, so that what a change does to a whole report is seen."""
    assert _report(sample) == _golden(sample).read_text("utf-8")


@pytest.mark.parametrize("sample", EXPECTED)
def test_the_oracle_says_of_a_sample_what_the_engine_says(sample: str) -> None:
    """All fields, and the text of all evidence but of personal values."""
    with contextlib.chdir(SAMPLES):
        sources = [[(path, _bytes(path)) for path in one.files] for one in find_sources([sample])]
    rules = yaml.safe_load((ROOT / "rules" / f"{RULES}.yaml").read_text("utf-8"))
    expected = oracle.report(sources, rules, max_findings=MOST)
    found = comparable(json.loads(_report(sample)))
    for report in (found, expected):
        for rule in report["rules"]:
            for finding in rule["findings"]:
                for line in finding["evidence"]:
                    line["text"] = line["text"].partition("|phone=")[0]
    assert found == expected


def test_every_sample_is_expected() -> None:
    """No log lies among the samples that nothing is said of."""
    logs = {
        str(path.relative_to(SAMPLES))
        for folder in (SAMPLES, SAMPLES / "formats")
        for path in folder.iterdir()
        if ".log" in path.name or ".jsonl" in path.name
    }
    assert logs | {"rotated"} == set(EXPECTED)
    assert {path.relative_to(GOLDEN) for path in GOLDEN.rglob("*.json")} == {
        _golden(sample).relative_to(GOLDEN) for sample in EXPECTED
    }


@pytest.mark.parametrize("sample", EQUAL)
def test_the_format_of_a_log_changes_nothing_of_its_verdict(sample: str) -> None:
    """Only where a line stands, how long it is, its text and whether it has a time may differ."""
    ours, first = json.loads(_report(sample)), json.loads(_report(EQUAL[sample]))
    for report in (ours, first):
        del report["span"]
        for rule in report["rules"]:
            for finding in rule["findings"]:
                del finding["time"]
        for one in (*report["inputs"], *_evidence(report)):
            for own in ("path", "bytes", "text"):
                one.pop(own, None)
        assert [one.pop("lines") for one in report["inputs"]] == [report["totals"]["lines"]]
    assert ours == first


def test_a_rotated_set_is_judged_as_the_whole() -> None:
    """Its files are one log, cut anywhere; only the places differ."""
    ours, whole = json.loads(_report("rotated")), json.loads(_report("formats/bare.log"))
    lengths = [one["lines"] for one in ours["inputs"]]
    starts = {one["path"]: sum(lengths[:at]) for at, one in enumerate(ours["inputs"])}
    for line in _evidence(ours):
        line["line"] += starts[line.pop("path")]
    for line in _evidence(whole):
        del line["path"]
    for part in ("lines", "bytes"):
        assert [sum(one[part] for one in ours["inputs"])] == [one[part] for one in whole["inputs"]]
    del ours["inputs"], whole["inputs"]
    assert ours == whole


def test_no_personal_value_of_a_sample_reaches_its_report() -> None:
    """The numbers in the samples are made up; those of a real log are not."""
    for sample in EXPECTED:
        assert "55119999" not in _report(sample), sample


def test_the_samples_that_are_made_from_others_are_in_step() -> None:
    """What `make_formats.py` would write is what lies there."""
    made = subprocess.run(
        [sys.executable, str(SAMPLES / "make_formats.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (made.returncode, made.stdout + made.stderr) == (0, made.stdout + made.stderr)


def test_every_shipped_rule_has_a_log_that_holds_and_one_that_breaks() -> None:
    """A rule that cannot be shown to work is none to rely on."""
    for name in api_shipped.shipped_names():
        for rule in api_rules.load_rules(api_shipped.shipped(name)).rules:
            assert {example.holds for example in rule.examples} == {True, False}, rule.id
            assert all(one.classes for one in rule.examples if not one.holds), rule.id


def _bytes(path: str) -> bytes:
    data = Path(path).read_bytes()
    return gzip.decompress(data) if path.endswith(".gz") else data


def _evidence(report: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        line
        for rule in report["rules"]
        for finding in rule["findings"]
        for line in finding["evidence"]
    ]


if __name__ == "__main__":
    for each in EXPECTED:
        _golden(each).parent.mkdir(parents=True, exist_ok=True)
        _golden(each).write_text(_report(each), "utf-8")
