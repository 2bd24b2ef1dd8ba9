"""Law 6: findings cite lines that are there, are counted exactly, and are the first in order."""

from __future__ import annotations

import contextlib
import re
from fractions import Fraction
from pathlib import Path
from typing import Any

import oracle.lines
from hypothesis import assume, given, note
from hypothesis import strategies as st

from laws import examples
from laws.engine import KINDS, report, set_up, written
from laws.logs import dense_logs, logs
from laws.rulefiles import rule_files
from tracecheck.api import check as api
from tracecheck.errors import SourceError
from tracecheck.report import REPORTERS, Style

SAMPLES = Path(__file__).resolve().parents[2] / "samples"

any_logs = st.one_of(dense_logs(), logs(most=8))
blocks = st.sampled_from((1 << 16, 1, 40, 300))


def judged(sources: Any, rules: Any, **options: Any) -> dict[str, Any]:
    """A report, with what it was made of in the notes of a failure."""
    note(written(rules))
    note(repr(sources))
    try:
        return report(sources, rules, **options)
    except SourceError:  # what looks like no log at all is refused, and not judged
        assume(False)
        raise


def evidence_of(rule: dict[str, Any]) -> list[dict[str, Any]]:
    """All evidence lines of a rule."""
    return [line for finding in rule["findings"] for line in finding["evidence"]]


@examples(50)
@given(sources=any_logs, rules=rule_files(), block=blocks)
def test_a_finding_cites_lines_that_are_there_with_their_very_text(
    sources: Any, rules: Any, block: int
) -> None:
    """Every path, number and text of the evidence is a line of the log; none is cited twice."""
    found = judged(sources, rules, setup=set_up(block=block))
    lines = {
        (line.path, line.number): line.text
        for files in sources
        for line in oracle.lines.read_source(files)
    }
    for rule in found["rules"]:
        for finding in rule["findings"]:
            cited = [(line["path"], line["line"]) for line in finding["evidence"]]
            assert len(cited) == len(set(cited))
            assert all(
                lines[(line["path"], line["line"])] == line["text"] for line in finding["evidence"]
            )


@examples(50)
@given(sources=any_logs, rules=rule_files(), block=blocks)
def test_violations_are_counted_exactly(sources: Any, rules: Any, block: int) -> None:
    """All findings are shown where all are asked for, and their classes add up."""
    parameters = {
        rule["id"]: rule[kind] or {}
        for rule in rules["rules"]
        for kind in KINDS.keys() & rule.keys()
    }
    for rule in judged(sources, rules, setup=set_up(block=block))["rules"]:
        assert rule["findings_omitted"] == 0
        assert len(rule["findings"]) == rule["violations"]
        shown = [finding["class"] for finding in rule["findings"]]
        assert list(rule["classes"]) == list(KINDS[rule["kind"]].spec.classes)
        for name, count in rule["classes"].items():
            budget = parameters[rule["id"]].get(name, "allow" if name == "open" else "violate")
            is_within = tolerates(budget, count, rule["subjects"])
            assert shown.count(name) == (0 if is_within else count)
        assert (rule["outcome"] == "fail") == (rule["violations"] > 0)
        assert (rule["reason"] is not None) == (rule["outcome"] == "inconclusive")
        assert all(finding["message"].strip() for finding in rule["findings"])


def tolerates(budget: Any, count: int, subjects: int) -> bool:
    """Whether a rule file's `CLASS: BUDGET` lets so many pass."""
    if isinstance(budget, str) and budget.endswith("%"):
        return count * 100 <= Fraction(budget[:-1]) * subjects
    return budget == "allow" or count <= (0 if budget == "violate" else budget)


def first_of(rule: Any, max_findings: int) -> Any:
    """The first findings; of kinds that gather, one stands for many lines and shows as few."""
    lines = max_findings if KINDS[rule["kind"]].gathers else None
    return [
        {**finding, "evidence": finding["evidence"][:lines]}
        for finding in rule["findings"][:max_findings]
    ]


@examples(40)
@given(
    sources=any_logs,
    rules=rule_files(),
    max_findings=st.sampled_from((0, 1, 2, 3, 7)),
    block=blocks,
)
def test_fewer_findings_are_the_first_of_all(
    sources: Any, rules: Any, max_findings: int, block: int
) -> None:
    """How many are shown changes nothing else: counts, outcomes and messages stay."""
    every = judged(sources, rules)
    few = judged(sources, rules, max_findings=max_findings, setup=set_up(block=block))
    for whole, part in zip(every["rules"], few["rules"], strict=True):
        shown = first_of(whole, max_findings)
        assert part["findings_omitted"] == whole["violations"] - len(shown)
        assert part["findings"] == shown
        for changed in ("findings", "findings_omitted"):
            del whole[changed], part[changed]
    assert few == every


@examples(6)
@given(lines=st.permutations(range(40)), max_findings=st.sampled_from((0, 1, 3)))
def test_few_findings_are_the_first_of_very_many(lines: list[int], max_findings: int) -> None:
    """Where so many are found at once that most of them are never sorted."""
    seconds = [f"2025-12-18T21:00:{second:02d}Z AA|p=x|conv={second}\n" for second in lines]
    sources = [[(f"{name}.log", "".join(seconds * 3).encode())] for name in "ab"]
    rules = {
        "rules": [
            {"id": "never", "forbid": {"where": "AA"}},
            {"id": "lost", "handoff": {"from": "AA", "to": "BB"}},
            {"id": "text", "forbid": {"text": "AA"}},
            {"id": "share", "rate": {"of": 'AA where p == "y"', "over": "AA", "at_least": "1%"}},
        ]
    }
    every, few = judged(sources, rules), judged(sources, rules, max_findings=max_findings)
    for whole, part in zip(every["rules"], few["rules"], strict=True):
        assert part["findings"] == first_of(whole, max_findings)


@examples(40)
@given(sources=any_logs, rules=rule_files())
def test_findings_stand_in_the_order_of_the_log(sources: Any, rules: Any) -> None:
    """Of one source: by the line of their first evidence, and that line before the others."""
    assume(len(sources) == 1)
    found = judged(sources, rules)
    files = [path for path, _ in sources[0]]
    for rule in found["rules"]:
        places = [
            [(files.index(line["path"]), line["line"]) for line in finding["evidence"]]
            for finding in rule["findings"]
        ]
        assert all(evidence == sorted(evidence) for evidence in places)
        first = [evidence[0] for evidence in places if evidence]
        assert first == sorted(first)


@examples(30)
@given(sources=any_logs, rules=rule_files(), workers=st.integers(1, 4), block=blocks)
def test_the_same_log_is_the_same_report(
    sources: Any, rules: Any, workers: int, block: int
) -> None:
    """Whatever the threads and blocks: what is told never depends on how it was found."""
    found = judged(sources, rules, max_findings=5)
    again = judged(sources, rules, max_findings=5, setup=set_up(block=block, workers=workers))
    assert found == again


def test_a_report_is_a_pure_function_of_the_verdict() -> None:
    """Rendered twice, or from an equal verdict, it is the same, byte for byte."""
    with contextlib.chdir(SAMPLES):
        first, second = (api.check("violations.log", rules="golive") for _ in range(2))
    assert first == second
    for render in (reporter.render for reporter in REPORTERS.values()):
        assert render(first, Style()) == render(first, Style()) == render(second, Style())


@examples(40)
@given(
    value=st.from_regex(r"[0-9]{6,12}", fullmatch=True),
    form=st.sampled_from(
        (
            "AA|p=x|phone={}|s=x",
            "AA|p=x|s=x|phone={}",
            "AA|phone={}",
            "AA|p=x|tel={}",
            '{{"message": "AA|p=x|phone={}"}}',
            'AA|p=x|s={{"phone": "{}"}}',
            'AA|p=x|s={{"phone":{}}}',
        )
    ),
)
def test_a_personal_value_is_in_no_report(value: str, form: str) -> None:
    """Nor in a key, a message or the evidence, by whichever of its names it is written."""
    log = (form.format(value) + "\n").encode()
    rules = {
        "version": 1,
        "aliases": {"phone": ["tel"]},
        "rules": [
            {"id": "never", "forbid": {"where": "AA"}},
            {"id": "lost", "key": ["phone", "p"], "handoff": {"from": "AA", "to": "BB"}},
            {"id": "text", "forbid": {"text": "AA"}},
        ],
    }
    found = report([[("a.log", log)]], rules)
    assert all(rule["findings"] for rule in found["rules"] if rule["id"] != "lost")
    assert not re.search(value, str(found))
