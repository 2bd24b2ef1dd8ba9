"""What was measured is shown exactly, and never on the wrong side of its limit."""

from __future__ import annotations

from typing import Any

import pytest

from tracecheck.model.verdict import Measure
from tracecheck.report.layout import ASCII, UNICODE
from tracecheck.report.measured import measured

from .verdicts import outcome, percent, rule


@pytest.mark.parametrize(
    ("kind", "parameters", "more", "expected"),
    [
        ("rate", {"at_least": percent("95%")}, {"measure": Measure(95, 100, "95%")},
         "95.0% of 100, limit ≥ 95%"),
        ("rate", {"at_most": percent("0.5%")}, {"measure": Measure(1, 1_000, "0.5%")},
         "0.1% of 1,000, limit ≤ 0.5%"),
        ("rate", {"min_events": 1_000}, {"measure": Measure(19, 20, "95%"), "reason": "too_few"},
         "19 of 20, 1,000 needed"),
        ("rate", {}, {"measure": Measure(0, 0, "95%")}, "nothing to judge"),
        ("handoff", {}, {"classes": {"lost": 1, "mismatch": 1, "late": 0}}, "1 lost, 1 mismatch"),
        ("handoff", {"orphan": "allow"}, {"classes": {"lost": 0, "orphan": 2}}, "2 orphan allowed"),
        ("handoff", {"lost": percent("0.1%")}, {"classes": {"lost": 2}}, "2 lost of at most 0.1%"),
        ("handoff", {"lost": 1_000}, {"classes": {"lost": 2_000}}, "2,000 lost of at most 1,000"),
        ("handoff", {"open": "violate"}, {"classes": {"open": 2}}, "2 open"),
        ("handoff", {}, {"reason": "no_order"}, "the order is unknown"),
        ("handoff", {"within": 30_000_000_000}, {}, "all handed over, within 30s"),
        ("consistent", {}, {}, "all equal"),
        ("consistent", {}, {"subjects": 0}, "nothing to judge"),
        ("sequence", {}, {"unattributed": 2}, "all in order, 2 without a key"),
        ("forbid", {"allow": 0}, {}, "0 found, limit 0"),
        ("forbid", {"allow": 2}, {}, "within limit 2"),
        ("forbid", {"allow": 2}, {"violations": 3}, "5 found, limit 2"),
        ("require", {"at_least": 1}, {}, "enough, limit ≥ 1"),
        ("require", {"at_least": 2, "at_most": 3}, {"classes": {"too_few": 0, "too_many": 1}},
         "too many, limit ≥ 2 and ≤ 3"),
        ("wellformed", {"at_most": 0}, {}, "0 found, limit 0"),
        ("wellformed", {"at_most": percent("0.1%")}, {}, "within limit 0.1%"),
        ("wellformed", {"at_most": 1}, {"violations": 3, "classes": {"malformed": 3}},
         "3 malformed, limit 1"),
        ("handoff", {}, {"reason": "unattributed", "unattributed": 1_200}, "1,200 without a key"),
        ("handoff", {}, {"reason": "no_evidence"}, "nothing to judge"),
        ("forbid", {}, {"reason": "incomparable"}, "a value is no number"),
        ("handoff", {}, {"reason": "no_time"}, "times are missing"),
        ("a kind of tomorrow", {}, {"classes": {"odd": 1}}, "1 odd"),
    ],
)  # fmt: skip
def test_each_kind_says_what_it_measured(
    kind: str, parameters: dict[str, Any], more: dict[str, Any], expected: str
) -> None:
    assert measured(outcome(rule("r", kind, parameters=parameters), **more), UNICODE) == expected


def test_an_ascii_output_spells_the_limit_in_ascii() -> None:
    rated = outcome(
        rule("r", "rate", parameters={"at_least": percent("95%")}), measure=Measure(95, 100, "95%")
    )
    assert measured(rated, ASCII) == "95.0% of 100, limit >= 95%"
