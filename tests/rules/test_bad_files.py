"""Every bad file gets exactly the complaints that are written down beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tracecheck.errors import RuleFileError
from tracecheck.rules import load

from .kinds import KINDS

BAD = Path(__file__).parent / "bad"


@pytest.mark.parametrize("path", sorted(BAD.glob("*.bad.yaml")), ids=lambda path: path.name)
def test_a_bad_file_gets_all_its_complaints_in_file_order(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(RuleFileError) as caught:
        load([path.name], KINDS)
    told = [str(replace(complaint, excerpt="")) for complaint in caught.value.complaints]
    expected = path.name.replace(".bad.yaml", ".expected")
    assert told == Path(expected).read_text(encoding="utf-8").splitlines()


def test_every_expectation_has_its_file() -> None:
    files = {path.name.removesuffix(".bad.yaml") for path in BAD.glob("*.bad.yaml")}
    assert files == {path.stem for path in BAD.glob("*.expected")}


def test_a_complaint_shows_the_line_and_a_caret_under_the_fault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(RuleFileError) as caught:
        load(["conditions.bad.yaml"], KINDS)
    quoted = caught.value.complaints[1]
    assert quoted.excerpt == (
        '  delivered: "OUTBOX_TRACE where phase == \\"delivery\\" adn count >= 1"\n'
        "                                                       ^"
    )


def test_a_file_that_is_included_and_is_no_rule_file_is_not_quoted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(RuleFileError) as caught:
        load(["include-no-rule-file.bad.yaml"], KINDS)
    assert [complaint.excerpt for complaint in caught.value.complaints] == [""] * 5
    assert "hunter2" not in str(caught.value)


def test_an_included_rule_file_with_a_fault_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    with pytest.raises(RuleFileError) as caught:
        load(["include-circle.bad.yaml"], KINDS)
    assert caught.value.complaints[0].excerpt.startswith("include: [../include-circle.bad.yaml]")
