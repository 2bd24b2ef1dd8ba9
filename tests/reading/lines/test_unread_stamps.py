"""Stamps that are no time are called by what they look like."""

from __future__ import annotations

import pytest

from tracecheck.reading.lines.unread_stamps import unread_forms


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
        ("2025-12-18 21:00:00.123 UTC+3", "2025-12-18 21:00:00 UTC (a zone"),
        ("2025-02-30 21:00:00", "2025-13-41 21:00:00 (no such"),
    ],
)
def test_a_stamp_that_is_no_time_is_called_by_its_form(text, form):
    (found,) = unread_forms([text])
    assert found.startswith(form)


def test_what_holds_no_stamp_has_no_form():
    assert not unread_forms(["", "INFO:app.planner:", "x" * 10_000 + "21:00:00", "1.2.3.4:80 - "])
