"""What cannot be called, or not be put in order, is shown by its first line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracecheck.model import Evidence, Outcome, Verdict
from tracecheck.report import Style, text
from tracecheck.report.page import cell_len

from .verdicts import (
    INCOMPARABLE,
    NO_TIME,
    PASSING,
    UNATTRIBUTED,
    verdict,
)

LINE = Evidence("app.log", 17, "JOB|n=x")


def _render(of: Verdict, width: int = 80, **style: bool) -> str:
    return text.render(of, Style(width, **style))


# --- the line that a reason speaks of -------------------------------------------------------


@pytest.mark.parametrize("unsure", [UNATTRIBUTED, INCOMPARABLE, NO_TIME])
def test_a_reason_that_speaks_of_lines_shows_the_first(unsure: Outcome) -> None:
    report = _render(verdict(replace(unsure, doubt=LINE)))
    why, rest = report.split("Why not called: ")[1].split("\n  For example: app.log:17  JOB|n=x\n")
    assert "Why" not in why
    assert rest.startswith("  What to do: ")


def test_a_long_example_is_folded_like_evidence() -> None:
    long = replace(LINE, text="OUTBOX_TRACE|phase=planner|conv=conv_A3|idem=unknown|state_id=1407")
    report = _render(verdict(replace(UNATTRIBUTED, doubt=long)))
    assert (
        "  For example: app.log:17  OUTBOX_TRACE|phase=planner|conv=conv_A3|idem=unknown|\n"
        "    │ state_id=1407\n"
    ) in report


def test_the_path_of_an_example_stays_whole() -> None:
    path = "/var/log/" + "deep/" * 30 + "app.log"
    report = _render(verdict(replace(UNATTRIBUTED, doubt=replace(LINE, path=path))))
    assert f"\n  For example:\n    {path}:17\n    │ JOB|n=x\n" in report


def test_an_example_is_shown_and_not_obeyed() -> None:
    wild = replace(LINE, text="##vso[task]\x1b[2J")
    assert r"app.log:17  ##vso\x5btask]\x1b[2J" in _render(verdict(replace(NO_TIME, doubt=wild)))


# --- sources that could not be put in order -------------------------------------------------


def test_sources_that_follow_each_other_are_told_with_the_line_and_what_to_do() -> None:
    report = _render(replace(PASSING, untimed=LINE))
    table, told = report.split("\n\nThe sources were read one after the other, as given,")
    assert "lines-are-well-formed" in table
    said = " ".join(told.split())
    assert said.startswith("and not by time, because this event has no time: app.log:17")
    assert "    app.log:17  JOB|n=x\n" in told
    assert "What it means: The order between the sources may be wrong" in said
    assert "What to do: Let the emitter write a full timestamp" in said


def test_sources_in_order_need_no_word() -> None:
    assert "sources" not in _render(PASSING)


@pytest.mark.parametrize("width", [40, 80])
def test_all_of_it_keeps_to_the_page_and_to_ascii(width: int) -> None:
    wild = replace(LINE, text="客户\u202e" * 60)
    unsure = [replace(one, doubt=wild) for one in (UNATTRIBUTED, INCOMPARABLE, NO_TIME)]
    report = _render(replace(verdict(*unsure, *unsure), untimed=wild), width, ascii=True)
    assert report.isascii()
    assert all(cell_len(line) <= width for line in report.splitlines())
