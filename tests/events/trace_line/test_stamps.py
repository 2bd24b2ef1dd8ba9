"""The time of a line that is no event is what stands before the first tag in it."""

from __future__ import annotations

import polars as pl
import pytest

from tracecheck.events.trace_line.stamps import line_times

NINE_PM = 1766091600 * 10**9


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2025-12-18 21:00:00 hello", NINE_PM),
        ("2025-12-18 21:00:00 AA hello", NINE_PM),
        ("AA 2025-12-18 21:00:00", None),
        ("BB 2025-12-18 21:00:00", NINE_PM),
        ("BB|2025-12-18 21:00:00", None),
        ("xAA 2025-12-18 21:00:00", NINE_PM),
        ("AA_B 2025-12-18 21:00:00", NINE_PM),
    ],
)
def test_what_stands_before_the_first_tag_counts(text, time):
    assert line_times(pl.Series([text]), {"AA"}).to_list() == [time]


def test_thousands_of_tags_make_no_large_pattern():
    tags = {f"SERVICE_{number:05d}_{'X' * 90}" for number in range(4000)}
    text = f"{min(tags)} 2025-12-18 21:00:00"
    assert line_times(pl.Series([text]), tags).to_list() == [None]
