"""What is told line by line: one line each, of a shape that stays, and nothing in it acts."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.model.live import Overdue, Snapshot
from tracecheck.model.verdict import Evidence
from tracecheck.report import Style
from tracecheck.report import json_report as as_json
from tracecheck.report import notices as stream
from tracecheck.text.amounts import age, rfc3339

from .snapshots import (
    ELEVEN,
    EVICTED,
    HOSTILE,
    LATE,
    LOST,
    MISMATCH,
    NOW,
    PENDING,
    SECOND,
    STANDING,
    TROUBLE,
    TURNED,
    found,
    notices,
    snapshots,
)
from .strategies import nasty_text, verdicts
from .verdicts import HANDOFF, HANDOFFS, verdict

COMMAND = re.compile(r"##[a-z]*\[", re.IGNORECASE)
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

LINES = {
    "finding": (
        LOST,
        (
            "FAIL  2025-12-18T12:00:00Z  critical  every-plan-is-delivered  lost  "
            "conv=conv_A3 idem=unknown  "
            "the planner line is not directly followed by a delivery line  app.log:4"
        ),
    ),
    "two lines": (
        MISMATCH,
        (
            "FAIL  2025-12-18T12:00:00.250Z  critical  every-plan-is-delivered  mismatch  "
            "conv=conv_客户 idem missing  "
            "expected to.count >= 1, but to.count is 0  app.log:6, app.log:9"
        ),
    ),
    "more": (
        HOSTILE,
        (
            "FAIL  critical  no-default-or-thread-instance  forbidden  instance is default  "
            "app.log:10  and 12 more"
        ),
    ),
    "outcome": (TURNED, ""),
    "overdue": (
        Overdue(HANDOFF, 3),
        "OVERDUE  every-plan-is-delivered  3 are overdue by the clock of this machine",
    ),
    "not overdue": (
        Overdue(HANDOFF, 0), "OVERDUE  every-plan-is-delivered  none is overdue any more",
    ),
    "trouble": (TROUBLE, ""),
    "over": (replace(TROUBLE, over=True), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", LINES)
def test_a_notice_is_told_in_one_line_or_in_none(name: str) -> None:
    notice, expected = LINES[name]
    assert stream.text_line(notice, Style()) == expected


def test_colour_changes_nothing_of_what_is_said() -> None:
    for notice, expected in LINES.values():
        line = stream.text_line(notice, Style(color=True))
        assert "\x1b[" in line or not expected
        assert re.sub(r"\x1b\[[0-9;]*m", "", line) == expected


@given(notices(), st.booleans())
def test_no_line_of_text_acts_or_is_more_than_one(notice, ascii) -> None:
    line = stream.text_line(notice, Style(ascii=ascii))
    assert not {unicodedata.category(c) for c in line} & HIDDEN
    assert not COMMAND.search(line)
    assert not line.lstrip().startswith(("::", "##"))
    assert line.isascii() or not ascii


@pytest.mark.parametrize("text", ["x" * 100_000, "\x00" * 100_000, "\u202e" * 100_000])
def test_a_line_of_text_is_never_endless(text: str) -> None:
    assert len(stream.text_line(found(text), Style())) < 10_000
    assert len(stream.summary(found(text))) < 700


# --- for a chat -----------------------------------------------------------------------------


def test_a_summary_names_the_rule_the_key_and_the_line() -> None:
    assert stream.summary(LOST) == (
        "2025-12-18T12:00:00Z critical every-plan-is-delivered: lost conv=conv_A3 idem=unknown: "
        "the planner line is not directly followed by a delivery line (app.log:4)"
    )
    assert stream.summary(HOSTILE).startswith("critical no-default-or-thread-instance: ")
    assert stream.summary(HOSTILE).endswith("instance is default (app.log:10) and 12 more")


@pytest.mark.parametrize(
    "call", ["@everyone", "@here", "<!channel>", "<@U123>", "<#C1>", "https://evil.example/x"]
)
def test_a_summary_calls_nobody_and_links_to_nothing(call: str) -> None:
    assert call not in stream.summary(found(f"a {call} b"))
    assert "://" not in stream.summary(found(f"a {call} b"))


def test_a_comparison_in_a_summary_stays_as_it_is() -> None:
    assert "a < 1, b <= 2" in stream.summary(found("a < 1, b <= 2"))


@given(nasty_text(40))
def test_a_summary_is_one_safe_line(text: str) -> None:
    line = stream.summary(found(text))
    assert not {unicodedata.category(c) for c in line} & HIDDEN
    assert not COMMAND.search(line)


# --- for a program --------------------------------------------------------------------------


def test_a_finding_has_the_shape_that_it_has_in_the_report() -> None:
    told = json.loads(stream.json_line(replace(MISMATCH, more=2)))
    report = json.loads(as_json.render(verdict(HANDOFFS)))
    assert told == {
        "type": "finding",
        "time": "2025-12-18T12:00:00.250Z",
        "rule": "every-plan-is-delivered",
        "severity": "critical",
        "finding": report["rules"][0]["findings"][1],
        "more": 2,
        "at_end": False,
    }


def test_an_outcome_that_changed_tells_what_it_was() -> None:
    assert json.loads(stream.json_line(TURNED)) == {
        "type": "outcome",
        "rule": "every-plan-is-delivered",
        "before": {"outcome": "inconclusive", "reason": "pending"},
        "outcome": "fail",
        "reason": None,
        "settled": True,
        "open": 0,
        "violations": 1_238,
    }


def test_what_is_overdue_and_what_troubles() -> None:
    assert json.loads(stream.json_line(Overdue(HANDOFF, 3))) == {
        "type": "overdue",
        "rule": "every-plan-is-delivered",
        "count": 3,
        "first": None,
    }
    line = Evidence("app.log", 15, "OUTBOX_TRACE|conv=1")
    assert json.loads(stream.json_line(Overdue(HANDOFF, 3, line)))["first"] == {
        "path": "app.log",
        "line": 15,
        "text": "OUTBOX_TRACE|conv=1",
    }
    assert "app.log:15  OUTBOX_TRACE|conv=1" in stream.text_line(Overdue(HANDOFF, 3, line), Style())
    assert json.loads(stream.json_line(TROUBLE)) == {
        "type": "trouble",
        "about": "app-2.log",
        "message": "permission denied",
        "over": False,
    }


def test_a_heartbeat_tells_how_the_run_stands() -> None:
    beat = json.loads(stream.json_line(STANDING), parse_float=Decimal)
    rules = beat.pop("rules")
    windows = beat.pop("windows")
    assert beat == {
        "type": "heartbeat",
        "verdict": "fail",
        "log_time": "2026-05-09T07:35:25.000000005Z",
        "lag": 4_200_131,
        "lines": 3_675_140,
        "events": 3_500_000,
        "lines_per_second": Decimal("12345.6"),
        "late_arrivals": 6,
    }
    assert [one["id"] for one in rules] == [one.rule.id for one in ELEVEN.outcomes]
    assert rules[0]["overdue"] == 4
    assert rules[2]["measure"] == {"of": 2_849, "over": 3_000, "limit": "95%"}
    assert rules[3] == {
        "id": "plans-are-sent",
        "outcome": "inconclusive",
        "reason": "pending",
        "settled": False,
        "open": 17,
        "oldest_open_age": Decimal("75.000000001"),
        "violations": 0,
        "measure": None,
        "overdue": 0,
    }
    assert windows[1] == {
        "minutes": 5,
        "events": 5_007,
        "shares": {"deliveries-succeed": {"of": 470, "over": 500}},
    }


def test_a_heartbeat_before_the_first_line_is_one_all_the_same() -> None:
    beat = json.loads(stream.json_line(Snapshot(verdict())))
    assert beat["log_time"] is None
    assert beat["rules"] == beat["windows"] == []


def test_the_report_is_the_one_of_schema_2_on_one_line() -> None:
    line = stream.json_line(ELEVEN)
    assert "\n" not in line
    assert json.loads(line) == {"type": "report", "report": json.loads(as_json.render(ELEVEN))}


def test_a_report_tells_what_was_evicted_or_late_only_if_something_was() -> None:
    rules = json.loads(as_json.render(verdict(HANDOFFS, EVICTED, LATE, PENDING)))["rules"]
    assert [(one.get("evicted"), one.get("late_arrivals")) for one in rules] == [
        (None, None),
        (13, None),
        (None, 14),
        (None, None),
    ]


@given((notices() | snapshots() | verdicts()).map(stream.json_line))
def test_every_json_line_is_one_of_printable_ascii_that_parses(line) -> None:
    assert all(" " <= c <= "~" for c in line)
    assert not COMMAND.search(line)
    assert "type" in json.loads(line)


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**64))
def test_an_age_is_exact_however_old(now, age) -> None:
    one = replace(PENDING, oldest_open=now - age)
    line = stream.json_line(Snapshot(verdict(one), log_time=now))
    assert json.loads(line, parse_float=Decimal)["rules"][0]["oldest_open_age"] * SECOND == age


def test_moments_and_ages_are_read_at_a_glance() -> None:
    assert rfc3339(NOW) == "2026-05-09T07:35:25.000000005Z"
    assert rfc3339(-1) == "1969-12-31T23:59:59.999999999Z"
    assert rfc3339(250_000_000) == "1970-01-01T00:00:00.250Z"
    assert rfc3339(1_000) == "1970-01-01T00:00:00.000001Z"
    assert rfc3339(-SECOND) == "1969-12-31T23:59:59Z"
    told = [age(span * SECOND) for span in (0, 59, 61, 3_725, 100_000)]
    assert told == ["0s", "59s", "1min 01s", "1h 02min", "1d 03h"]
