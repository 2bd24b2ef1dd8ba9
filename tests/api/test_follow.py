"""`tracecheck.follow`: a log that grows, judged step by step from Python."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracecheck

RULES = """\
version: 1
rules:
  - id: nothing-is-bad
    forbid: {where: EVENT where state == "bad", allow: 1}
"""


@pytest.fixture(autouse=True)
def in_a_directory_with_a_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("rules.yaml").write_text(RULES)
    Path("app.log").write_text("EVENT|state=bad\n")


def write(text: str) -> None:
    with open("app.log", "a", encoding="utf-8") as log:
        log.write(text)


def test_what_settles_is_told_step_by_step_and_the_verdict_is_that_of_a_check() -> None:
    with tracecheck.follow("app.log", rules="rules.yaml") as session:
        assert [one for one in session.step() if isinstance(one, tracecheck.Violation)] == []
        write("EVENT|state=good\nEVENT|state=bad\n")
        [violation] = [one for one in session.step() if isinstance(one, tracecheck.Violation)]
        assert violation.finding.evidence[0].line == 3
        assert isinstance(session.snapshot(), tracecheck.Snapshot)
        verdict, last = session.close()
    assert last == []
    assert verdict == tracecheck.check("app.log", rules="rules.yaml")
    assert verdict.judged_by == ("rules.yaml",)


def test_loaded_rules_can_be_followed_by() -> None:
    rules = tracecheck.load_rules("rules.yaml")
    with tracecheck.follow(Path("app.log"), rules=rules, until_fail=True) as session:
        session.step()
        assert not session.over
        write("EVENT|state=bad\n" * 2)
        session.step()
        assert session.over
        assert session.close()[0].verdict == "fail"


def test_a_session_goes_on_from_its_checkpoint() -> None:
    for expected in (1, 2):
        with tracecheck.follow("app.log", rules="rules.yaml", state=Path("state")) as session:
            session.step()
            verdict, _ = session.close()
        assert verdict.inputs[0].lines == expected
        write("EVENT|state=good\n")


def test_what_cannot_be_followed_is_an_error_in_one_line() -> None:
    with pytest.raises(tracecheck.UsageError, match="no log is given"):
        tracecheck.follow([], rules="rules.yaml")
    with pytest.raises(tracecheck.UsageError, match="is no time zone"):
        tracecheck.follow("app.log", rules="rules.yaml", timezone="Nowhere")
    with pytest.raises(tracecheck.UsageError, match="give variables and key to load_rules"):
        tracecheck.follow("app.log", rules=tracecheck.load_rules("rules.yaml"), key="id")
    with pytest.raises(tracecheck.SourceError, match="no checkpoint"):
        tracecheck.follow("app.log", rules="rules.yaml", begin="middle")
