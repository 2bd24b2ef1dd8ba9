"""The first lines of a report say whether, who judged, and what a verdict must not hide."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracecheck.model.verdict import Totals, Unseen, Verdict
from tracecheck.report import Style, text
from tracecheck.report.layout import cell_len

from .verdicts import (
    EVERY,
    FAILING,
    GUARD,
    HANDOFFS,
    HEALTHY,
    MISSPELT,
    NO_EVIDENCE,
    NOTHING,
    PASSED,
    PASSING,
    RATED,
    outcome,
    rule,
    verdict,
)

EMPTY = Totals()
NO_EVENT = Totals(lines=12, plain=12)


def _lines(of: Verdict, width: int = 80, **style: bool) -> list[str]:
    return text.render(of, Style(width, **style)).splitlines()


# --- who judged -----------------------------------------------------------------------------


def test_the_rule_files_that_judged_stand_under_the_verdict() -> None:
    judged = replace(verdict(PASSED), judged_by=("tracecheck.yaml", "./extra.yaml"))
    assert _lines(judged)[:3] == [
        "PASS  the only rule passes · 14 lines, 9 events, 1 file",
        "      judged by tracecheck.yaml, ./extra.yaml",
        "",
    ]


def test_where_no_rule_file_is_known_none_is_named() -> None:
    assert not any("judged by" in line for line in _lines(verdict(PASSED)))


def test_a_rule_file_with_a_wild_name_is_shown_and_not_obeyed() -> None:
    judged = replace(verdict(PASSED), judged_by=("a\x1b[2J\n::error::.yaml",))
    assert r"      judged by a\x1b[2J\x0a::error::.yaml" in _lines(judged)


# --- names that never occur, but for a letter or two ----------------------------------------


def test_the_first_line_counts_the_names_that_may_be_misspelt() -> None:
    first = "PASS  the only rule passes · 14 lines, 9 events, 1 file · 1 name may be misspelt"
    assert _lines(verdict(MISSPELT))[0] == first


def test_quiet_does_not_hide_that_a_name_may_be_misspelt() -> None:
    said = "PASS  the only rule passes · 1 name may be misspelt"
    assert _lines(verdict(MISSPELT), quiet=True) == [said]
    assert _lines(verdict(MISSPELT), quiet=True, ascii=True) == [said.replace(" ·", ",")]


def test_a_guard_that_is_never_seen_is_no_news() -> None:
    assert _lines(verdict(GUARD), quiet=True) == ["PASS  the only rule passes"]


def test_where_not_all_fits_how_much_was_read_makes_room() -> None:
    assert _lines(verdict(NO_EVIDENCE, PASSED))[:2] == [
        "INCONCLUSIVE  1 of 2 rules is inconclusive, none fails · 1 name may be misspelt",
        "              14 lines, 9 events, 1 file",
    ]


def test_a_name_counts_once_and_only_where_its_rule_counts() -> None:
    tag, field = Unseen("tag", "JOB", "JOBS"), Unseen("field", "JOB", "job")
    twice = [outcome(rule(name), never_seen=(tag, field)) for name in ("a", "b")]
    apart = outcome(rule("c"), never_seen=(Unseen("tag", "OTHER", "OTHERS"),), counted=False)
    (line,) = _lines(verdict(*twice, apart), quiet=True)
    assert line == "PASS  all 2 counted rules pass; 1 not counted · 2 names may be misspelt"


# --- nothing to read ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("totals", "sentence", "aside"),
    [
        (NO_EVENT, "No line of this log is a trace line.", "no trace line"),
        (EMPTY, "The log is empty.", "the log is empty"),
    ],
)
def test_a_log_without_events_is_told_once(totals: Totals, sentence: str, aside: str) -> None:
    of = verdict(NO_EVIDENCE, NO_EVIDENCE, GUARD, totals=totals)
    assert _lines(of)[2:4] == ["", sentence]
    assert _lines(of, quiet=True) == [
        f"INCONCLUSIVE  2 of 3 rules are inconclusive, none fails · {aside}"
    ]
    assert "ever seen" not in "\n".join(_lines(of))


def test_a_log_with_an_event_is_not_called_empty() -> None:
    assert not any("trace line." in line for line in _lines(PASSING))


# --- the last line --------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_long_report_says_its_verdict_again_at_the_end(width: int) -> None:
    first, *middle = _lines(FAILING, width)
    at = middle.index(next(line for line in middle if line.startswith(first[:12])))
    assert middle[at - 1] == ""
    assert middle[at:] == [first, *middle][: len(middle) - at]


def test_a_report_that_fits_a_screen_says_its_verdict_once() -> None:
    report = _lines(verdict(*HEALTHY, RATED))
    assert len(report) <= 40
    assert sum(line.startswith("FAIL  1 of 8") for line in report) == 1


@pytest.mark.parametrize(("rules", "repeated"), [(37, False), (38, True)])
def test_a_screen_is_forty_lines(rules: int, repeated: bool) -> None:
    lines = _lines(verdict(*[PASSED] * rules))
    assert len(lines) == 40 + repeated * 3
    assert (lines[-1] == lines[0]) is repeated


# --- at every width -------------------------------------------------------------------------


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("width", [40, 60, 80])
def test_every_report_keeps_to_its_width(name: str, width: int) -> None:
    # The one thing that is never cut is a path that an editor should follow.
    wide = [line for line in _lines(EVERY[name], width) if cell_len(line) > width]
    assert all(line.strip().rpartition(":")[2].isdigit() for line in wide)


def test_a_report_over_no_events_is_short() -> None:
    assert len(_lines(NOTHING)) <= 30
    assert _lines(verdict(HANDOFFS), quiet=True) == ["FAIL  1 of 1 rule fails"]
