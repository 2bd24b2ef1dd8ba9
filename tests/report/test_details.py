"""What cannot be called is shown by its first line, and told once for all that it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracecheck.model.verdict import Evidence, Outcome, Unseen, Verdict
from tracecheck.report import Style, text
from tracecheck.report.layout import cell_len

from .verdicts import (
    INCOMPARABLE,
    NO_EVIDENCE,
    NO_TIME,
    PASSED,
    PASSING,
    TOO_FEW,
    UNATTRIBUTED,
    finding,
    outcome,
    rule,
    verdict,
)

LINE = Evidence("app.log", 17, "JOB|n=x")


def _render(of: Verdict, width: int = 80, **style: bool) -> str:
    return text.render(of, Style(width, **style))


def _idle(id_: str, **more: object) -> Outcome:
    return outcome(rule(id_), "inconclusive", reason="no_evidence", subjects=0, **more)


# --- the line that a reason speaks of -------------------------------------------------------


@pytest.mark.parametrize("unsure", [UNATTRIBUTED, INCOMPARABLE, NO_TIME])
def test_a_reason_that_speaks_of_lines_shows_the_first(unsure: Outcome) -> None:
    report = _render(verdict(replace(unsure, reason_evidence=LINE)))
    why, rest = report.split("Why not called: ")[1].split("\n  For example: app.log:17  JOB|n=x\n")
    assert "Why" not in why
    assert rest.startswith("  What to do: ")


def test_a_long_example_is_folded_like_evidence() -> None:
    long = replace(LINE, text="OUTBOX_TRACE|phase=planner|conv=conv_A3|idem=unknown|state_id=1407")
    report = _render(verdict(replace(UNATTRIBUTED, reason_evidence=long)))
    assert (
        "  For example: app.log:17  OUTBOX_TRACE|phase=planner|conv=conv_A3|idem=unknown|\n"
        "    │ state_id=1407\n"
    ) in report


def test_the_path_of_an_example_stays_whole() -> None:
    path = "/var/log/" + "deep/" * 30 + "app.log"
    report = _render(verdict(replace(UNATTRIBUTED, reason_evidence=replace(LINE, path=path))))
    assert f"\n  For example:\n    {path}:17\n    │ JOB|n=x\n" in report


def test_an_example_is_shown_and_not_obeyed() -> None:
    wild = replace(LINE, text="##vso[task]\x1b[2J")
    assert r"app.log:17  ##vso\x5btask]\x1b[2J" in _render(
        verdict(replace(NO_TIME, reason_evidence=wild))
    )


# --- rules that cannot be called for one reason ---------------------------------------------


def test_rules_without_evidence_share_one_paragraph() -> None:
    report = _render(verdict(_idle("a"), PASSED, _idle("b"), _idle("c", counted=False)))
    assert report.count("Why not called") == report.count("What to do") == 1
    assert "\nINCONCLUSIVE  3 rules, all for the same reason\n  Why not called: There" in report
    assert report.endswith(
        "on the rule.\n\n  a  high forbid\n  b  high forbid\n  c (not counted)  high forbid\n"
    )


def test_each_rule_of_a_group_says_what_it_never_saw() -> None:
    typo = Unseen("tag", "JOBS", "JOB")
    report = _render(verdict(_idle("a", never_seen=(typo,)), _idle("b")))
    assert (
        "  a  high forbid\n"
        "    Never seen in this log: tag JOBS (did you mean JOB?)\n"
        "  b  high forbid\n"
    ) in report


def test_other_words_make_another_group() -> None:
    fewer = replace(UNATTRIBUTED, unattributed=1)
    report = _render(verdict(UNATTRIBUTED, fewer, NO_EVIDENCE, UNATTRIBUTED))
    told = report.split("\n\n", 2)[2]
    heads = [line for line in told.splitlines() if line.startswith("INCONCLUSIVE")]
    assert heads[:3] == [
        "INCONCLUSIVE  2 rules, all for the same reason",
        "INCONCLUSIVE  ids-stay-the-same",
        "INCONCLUSIVE  every-plan-is-delivered",
    ]


def test_a_rule_with_findings_stands_by_itself() -> None:
    found = replace(TOO_FEW, findings=(finding("below", "too many fail"),))
    report = _render(verdict(found, TOO_FEW, TOO_FEW))
    assert report.count("Why not called") == 2
    assert "  below  too many fail\n" in report


def test_an_example_that_a_group_shares_is_shown_once() -> None:
    report = _render(verdict(*[replace(NO_TIME, reason_evidence=LINE)] * 3))
    assert report.count("For example") == 1
    assert report.index("For example") < report.index("What to do")


def test_examples_that_differ_stand_under_their_rules() -> None:
    one, two = (
        replace(INCOMPARABLE, rule=rule(name), reason_evidence=replace(LINE, line=number))
        for name, number in (("a", 3), ("b", 5))
    )
    assert _render(verdict(one, two)).endswith(
        "\n\n  a  high forbid\n    For example: app.log:3  JOB|n=x\n"
        "  b  high forbid\n    For example: app.log:5  JOB|n=x\n"
    )


# --- sources that could not be put in order -------------------------------------------------


def test_sources_that_follow_each_other_are_told_with_the_line_and_what_to_do() -> None:
    report = _render(replace(PASSING, untimed=LINE))
    table, told = report.split("\n\nThe sources were read one after the other, as given,")
    assert "lines-are-well-formed" in table
    said = " ".join(told.split())
    assert said.startswith("and not by time, because this event has no time: app.log:17")
    assert "    app.log:17  JOB|n=x\n" in told
    assert "What it means: The order between the sources is not known" in said
    assert "say `--order given` if the sources follow each other" in said
    assert "What to do: Let the emitter write a full timestamp" in said


def test_sources_in_order_need_no_word() -> None:
    assert "sources" not in _render(PASSING)


@pytest.mark.parametrize("width", [40, 80])
def test_all_of_it_keeps_to_the_page_and_to_ascii(width: int) -> None:
    wild = replace(LINE, text="客户\u202e" * 60)
    unsure = [replace(one, reason_evidence=wild) for one in (UNATTRIBUTED, INCOMPARABLE, NO_TIME)]
    report = _render(replace(verdict(*unsure, *unsure), untimed=wild), width, ascii=True)
    assert report.isascii()
    assert all(cell_len(line) <= width for line in report.splitlines())
