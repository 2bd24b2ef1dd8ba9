"""Stamps that are no time are called by what they look like."""

from __future__ import annotations

import pytest

import tracecheck
from tracecheck.reading.lines.unread_stamps import unread_forms
from tracecheck.report import REPORTERS, Style


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Dec 18 21:00:00 host app[7]: ", "Dec 18 21:00:00 (no year)"),
        ("<13>Dec  8 21:00:00 host app: ", "Dec 18 21:00:00 (no year)"),
        ("12-18 21:00:00.123  7  8 I app: ", "12-18 21:00:00 (no year)"),
        ('1.2.3.4 - - [18/Dec/2025:21:00:00 +0000] "', "18/Dec/2025:21:00:00"),
        ("Thu, 18 Dec 2025 21:00:00 +0000", "18 Dec 2025 21:00:00"),
        ("Thu Dec 18 21:00:00 2025 x", "18 Dec 2025 21:00:00"),
        ("[Thu Dec 18 21:00:00.123456 2025] x", "18 Dec 2025 21:00:00"),
        ("Dec 18, 2025 9:00:00 PM", "18 Dec 2025 21:00:00"),
        ("12/18/2025 21:00:00", "12/18/2025 21:00:00"),
        ("18.12.2025 21:00:00,123", "12/18/2025 21:00:00"),
        ("2025-12-18 21:00 x", "2025-12-18 21:00 (no seconds)"),
        ("2025-12-18 9:00:00 x", "2025-12-18 9:00:00 (one digit"),
        ("1766091600000000000 x", "a number of 19 digits"),
        ("21:00:00,123 INFO", "21:00:00 (no date)"),
        ("2025-12-18 21:00:00 CET [7] ", "2025-12-18 21:00:00 CET (a zone"),
        ("[2025-12-18 21:00:00 (cet)] ", "2025-12-18 21:00:00 cet (a zone"),
        ("2025-12-18 21:00:00 CAT started", "2025-12-18 21:00:00 CAT (a zone"),
        ("2025-12-18 21:00:00 PM CET/CEST", "2025-12-18 21:00:00 CET (a zone"),
        ("2025-12-18 21:00:00 MST7MDT", "2025-12-18 21:00:00 MST7MDT (a zone"),
        ("2025-12-18 21:00:00.123 UTC+3", "2025-12-18 21:00:00 UTC+3 (an offset"),
        ("2025-12-18T21:00:00Z+03:00", "2025-12-18 21:00:00 UTC+3 (an offset"),
        ("20251218T210000 [GMT3]", "2025-12-18 21:00:00 UTC+3 (an offset"),
        ("2025-12-18 21:00:00 [+03:00]", "2025-12-18 21:00:00 UTC+3 (an offset"),
        ("2025-12-18 21:00:00[America/Sao_Paulo]", "2025-12-18 21:00:00 Europe/Berlin (a zone"),
        ("2025-12-18 21:00:00 W. Europe Standard Time", "2025-12-18 21:00:00 Central European"),
        ("2025-12-18 09:00:00 Pm", "2025-12-18 09:00:00 Pm (half of a day"),
        ("2025-12-18 09:00:00 午後", "2025-12-18 09:00:00 Pm (half of a day"),
        ("2025-12-18 09:00:00 +0100 PM", "2025-12-18 09:00:00 Pm (half of a day"),
        ("2025-12-18 09:00:00 UTC a.m.", "2025-12-18 09:00:00 Pm (half of a day"),
        ("2025-12-18 21:00:00 +24:00", "2025-13-41 21:00:00 (no such"),
        ("2025-02-30 21:00:00", "2025-13-41 21:00:00 (no such"),
    ],
)
def test_a_stamp_that_is_no_time_is_called_by_its_form(text, form):
    (found,) = unread_forms([text])
    assert found.startswith(form)


def test_what_holds_no_stamp_has_no_form():
    assert not unread_forms(["", "INFO:app.planner:", "x" * 10_000 + "21:00:00", "1.2.3.4:80 - "])


RULES = """
version: 1
key: [order]
rules:
  - id: shipped
    handoff: {from: ORDER where at == "placed", to: ORDER where at == "shipped", within: 5min}
"""


@pytest.mark.parametrize(
    ("line", "form"),
    [
        ("Dec 18 21:00:00 h app[7]: ORDER|at={}|order=1\n", "Dec 18 21:00:00 (no year)"),
        ('{{"time":"12/18/2025 21:00:00","msg":"ORDER|at={}|order=1"}}\n', "12/18/2025 21:00:00"),
        ('Dec 18 21:00:00 h: {{"msg":"ORDER|at={}|order=1"}}\n', "Dec 18 21:00:00 (no year)"),
    ],
)
def test_a_report_that_misses_times_says_which_stamps_it_saw_and_which_are_read(
    tmp_path, line, form
):
    log, rules = tmp_path / "app.log", tmp_path / "rules.yaml"
    log.write_text(line.format("placed") + line.format("shipped"), encoding="utf-8")
    rules.write_text(RULES, encoding="utf-8")
    verdict = tracecheck.check(log, rules=rules)
    told = " ".join(REPORTERS["text"].render(verdict, Style()).split())
    assert verdict.outcomes[0].reason == "no_time"
    assert f"What was seen: {form}" in told
    assert "What is read: 2025-12-18T21:00:00" in told
