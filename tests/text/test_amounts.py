"""Shares and durations are shown exactly, and never on the wrong side of a limit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.conditions.quantities import parse_duration
from tracecheck.text.amounts import duration, share


@pytest.mark.parametrize(
    ("of", "over", "limit", "expected"),
    [
        (95, 100, "95", "95.0"),
        (9_496, 10_000, "95", "94.96"),
        (949_999, 1_000_000, "95", "94.9999"),
        (999_999, 1_000_000, "95", "99.9999"),
        (1, 1_000_000, "1", "0.0001"),
        (9_506, 10_000, "95.08", "95.06"),
        (2, 3, "95", "66.7"),
        (3, 3, "95", "100.0"),
        (0, 3, "95", "0.0"),
    ],
)
def test_a_share_has_as_many_decimals_as_it_needs(
    of: int, over: int, limit: str, expected: str
) -> None:
    assert share(of, over, [Fraction(limit) / 100]) == expected


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
    ("nanoseconds", "expected"),
    [
        (0, "0s"),
        (1, "1ns"),
        (1_500, "1.5us"),
        (800_000_000, "800ms"),
        (2_000_100_000, "2.0001s"),
        (90_000_000_000, "90s"),
        (300_000_000_000, "5min"),
        (300_000_000_001, "300.000000001s"),
        (7_200_000_000_000, "2h"),
        (86_400_000_000_000, "1d"),
    ],
)
def test_a_duration_is_written_in_its_largest_whole_unit_or_with_decimals(
    nanoseconds: int, expected: str
) -> None:
    assert duration(nanoseconds) == expected


@given(st.integers(0, 2**63 - 1))
def test_a_duration_reads_as_what_it_was(nanoseconds: int) -> None:
    assert parse_duration(duration(nanoseconds)) == nanoseconds
