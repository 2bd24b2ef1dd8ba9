"""Places: file and line in one integer, for one and for many."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.errors import SourceError
from tracecheck.reading.lines.places import (
    file_and_line,
    file_number,
    file_of,
    line_of,
    next_place,
    place_of,
)

lines = st.tuples(st.integers(0, (1 << 28) - 1), st.integers(1, (1 << 36) - 1))
files = st.tuples(st.integers(0, (1 << 12) - 1), st.integers(0, (1 << 16) - 1))


@given(lines)
def test_a_place_gives_back_its_file_and_its_line(line: tuple[int, int]) -> None:
    assert file_and_line(place_of(*line)) == line


@given(lines, lines)
def test_places_are_in_the_order_of_files_and_of_their_lines(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    assert (place_of(*one) < place_of(*other)) == (one < other)


@given(files, files)
def test_followed_files_are_numbered_by_source_and_then_as_they_began(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    assert (file_number(*one) < file_number(*other)) == (one < other)
    assert place_of(file_number(*one), (1 << 36) - 1) < 1 << 64


def test_what_has_no_number_is_refused_and_takes_no_other_place() -> None:
    with pytest.raises(SourceError, match="at most 4,096 logs"):
        file_number(1 << 12, 0)
    with pytest.raises(SourceError, match="rotated 65,536 times"):
        file_number(0, 1 << 16)
    last = place_of(3, (1 << 36) - 1)
    assert next_place(last - 1, 1) == last
    with pytest.raises(SourceError, match="68,719,476,735 lines"):
        next_place(last, 1)


@given(st.lists(lines, min_size=1))
def test_many_places_are_read_as_one_is(many: list[tuple[int, int]]) -> None:
    places = pl.Series("place", [place_of(*line) for line in many], dtype=pl.UInt64)
    assert list(zip(file_of(places), line_of(places), strict=True)) == many
    frame = places.to_frame().select(file=file_of(pl.col("place")), line=line_of(pl.col("place")))
    assert frame.rows() == many
