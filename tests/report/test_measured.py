"""What was measured is shown exactly, and never on the wrong side of its limit."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.model import Measure
from tracecheck.report.measured import duration, measured
from tracecheck.report.page import ASCII, UNICODE
from tracecheck.shares import share

from .verdicts import outcome, percent, rule


@pytest.mark.parametrize(
    ("of", "over", "limit", "expected"),
    [
        (95, 100, "95%", "95.0"),
        (9_496, 10_000, "95%", "94.96"),
        (949_999, 1_000_000, "95%", "94.9999"),
        (999_999, 1_000_000, "95%", "99.9999"),
        (1, 1_000_000, "1%", "0.0001"),
        (9_506, 10_000, "95.08%", "95.06"),
        (2, 3, "95%", "66.7"),
        (3, 3, "95%", "100.0"),
        (0, 3, "95%", "0.0"),
    ],
)
def test_a_share_has_as_many_decimals_as_it_needs(
    of: int, over: int, limit: str, expected: str
) -> None:
    assert share(of, over, [percent(limit).share]) == expected


LIMITS = st.decimals(0, 100, places=4).map(Fraction).map(lambda percents: percents / 100)


@given(st.integers(1, 10**9), st.data(), LIMITS)
def test_a_share_is_never_shown_on_the_wrong_side_of_a_limit(
    over: int, data: st.DataObject, limit: Fraction
) -> None:
    near = round(limit * over)
    of = data.draw(st.integers(0, over) | st.sampled_from([near, max(near - 1, 0)]))
    seen, exact = Fraction(share(of, over, [limit])) / 100, Fraction(of, over)
    for anchor in (limit, Fraction(0), Fraction(1)):
        assert (seen > anchor, seen < anchor) == (exact > anchor, exact < anchor)


@pytest.mark.parametrize(
    ("kind", "parameters", "more", "expected"),
    [
        ("rate", {"at_least": percent("95%")}, {"measure": Measure(95, 100, "95%")},
         "95.0 % of 100, limit ≥ 95%"),
        ("rate", {"at_most": percent("0.5%")}, {"measure": Measure(1, 1_000, "0.5%")},
         "0.1 % of 1,000, limit ≤ 0.5%"),
        ("rate", {"min_events": 1_000}, {"measure": Measure(19, 20, "95%"), "reason": "too_few"},
         "19 of 20, 1,000 needed"),
        ("rate", {}, {"measure": Measure(0, 0, "95%")}, "nothing to judge"),
        ("handoff", {}, {"classes": {"lost": 1, "mismatch": 1, "late": 0}}, "1 lost, 1 mismatch"),
        ("handoff", {"orphan": "allow"}, {"classes": {"lost": 0, "orphan": 2}}, "2 orphan allowed"),
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
    assert measured(rated, ASCII) == "95.0 % of 100, limit >= 95%"


@pytest.mark.parametrize(
    ("nanoseconds", "expected"),
    [(0, "0s"), (1, "1ns"), (1_500, "1500ns"), (800_000_000, "800ms"), (90_000_000_000, "90s"),
     (300_000_000_000, "5min"), (7_200_000_000_000, "2h"), (86_400_000_000_000, "1d")],
)  # fmt: skip
def test_a_time_limit_is_written_in_its_largest_whole_unit(nanoseconds: int, expected: str) -> None:
    assert duration(nanoseconds) == expected
