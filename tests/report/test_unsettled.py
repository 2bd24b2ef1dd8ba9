"""What only a run that follows knows of a rule is told in words, and nothing is called too soon."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tracecheck.model.verdict import Measure, Outcome
from tracecheck.report import Style, text
from tracecheck.report import sentences as words
from tracecheck.report.layout import UNICODE
from tracecheck.report.measured import measured

from .snapshots import EVICTED, LATE, PENDING
from .verdicts import HANDOFFS, RATE, REQUIRE, outcome, verdict


def _flat(*some: Outcome) -> str:
    return " ".join(text.render(verdict(*some), Style(100)).split())


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        (PENDING, "nothing wrong so far"),
        (replace(PENDING, classes={"lost": 0, "orphan": 2}), "2 orphan"),
        (EVICTED, "13 evicted"),
        (LATE, "14 late arrivals"),
        (replace(LATE, late_arrivals=1), "1 late arrival"),
        (replace(EVICTED, late_arrivals=2), "13 evicted, 2 late arrivals"),
        (
            outcome(RATE, "inconclusive", reason="pending", measure=Measure(94, 100, "95%")),
            "94.0% of 100, limit ≥ 95%",
        ),
        (outcome(REQUIRE, "inconclusive", reason="pending"), "nothing wrong so far"),
    ],
)
def test_the_table_tells_what_is_known_so_far(of: Outcome, expected: str) -> None:
    assert measured(of, UNICODE) == expected


def test_a_rule_that_fails_tells_what_it_may_have_missed() -> None:
    failed = replace(HANDOFFS, open=3, evicted=2, late_arrivals=1)
    assert measured(failed, UNICODE).startswith("2 evicted, 1 late arrival, 1,236 lost")
    assert "3 still open · 2 evicted · 1 late arrival" in _flat(failed)


def test_each_reason_is_told_with_its_count_and_what_to_do() -> None:
    assert "17 are still open: what the log says next decides." in _flat(PENDING)
    assert "1 is still open" in _flat(replace(PENDING, open=1))
    assert "The log goes on" in _flat(replace(PENDING, open=0))
    assert "13 subjects were forgotten while still open" in _flat(EVICTED)
    assert "1 subject was forgotten" in _flat(replace(EVICTED, evicted=1))
    assert "14 events came after" in _flat(LATE)
    for one in (PENDING, EVICTED, LATE):
        assert "What to do: " in _flat(one)


def test_a_batch_tells_nothing_of_it() -> None:
    assert words.unsettled(HANDOFFS) == []
