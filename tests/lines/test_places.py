"""Places: file and line in one integer, for one and for many."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tracecheck.lines.places import file_and_line, file_of, line_of, place_of

lines = st.tuples(st.integers(0, 1 << 20), st.integers(1, (1 << 40) - 1))


@given(lines)
def test_a_place_gives_back_its_file_and_its_line(line: tuple[int, int]) -> None:
    assert file_and_line(place_of(*line)) == line


@given(lines, lines)
def test_places_are_in_the_order_of_files_and_of_their_lines(
    one: tuple[int, int], other: tuple[int, int]
) -> None:
    assert (place_of(*one) < place_of(*other)) == (one < other)


@given(st.lists(lines, min_size=1))
def test_many_places_are_read_as_one_is(many: list[tuple[int, int]]) -> None:
    places = pl.Series("place", [place_of(*line) for line in many], dtype=pl.UInt64)
    assert list(zip(file_of(places), line_of(places), strict=True)) == many
    frame = places.to_frame().select(file=file_of(pl.col("place")), line=line_of(pl.col("place")))
    assert frame.rows() == many
