"""Places: which file of the run a line stands in, and its number there, in one integer."""

from __future__ import annotations

from typing import TypeVar

import polars as pl

_LINES = 1 << 40
"""More than any file has; `file * _LINES + line` grows in line order."""

Place = TypeVar("Place", int, pl.Series, pl.Expr)
"""One place, or many (UInt64)."""


def place_of(file: int, line: int) -> int:
    """The place of a line, which is counted from 1."""
    return file * _LINES + line


def file_of(place: Place) -> Place:
    """The file of a place: its number in the run, from 0."""
    return place // _LINES


def line_of(place: Place) -> Place:
    """The line of a place: its number in the file, from 1."""
    return place % _LINES


def file_and_line(place: int) -> tuple[int, int]:
    """Both, of one place."""
    return file_of(place), line_of(place)


def with_file_inserted_before(place: int, file: int) -> int:
    """A place when a file takes a number, and those from it on move."""
    return place + _LINES if place >= place_of(file, 0) else place


def with_file_inserted(places: pl.Series, file: int) -> pl.Series:
    """The places, or lists of them, when a file takes a number, and those from it on move."""
    if places.dtype == pl.List:
        inserted = with_file_inserted(places.explode(), file)
        frame = pl.DataFrame({"row": pl.int_range(len(places), eager=True), "at": places})
        rows = frame.explode("at").with_columns(inserted.alias("at"))
        lists = rows.group_by("row", maintain_order=True).agg(pl.col("at").drop_nulls())
        return lists["at"].alias(places.name)
    moved = places + _LINES
    return moved.zip_with(places >= place_of(file, 0), places).alias(places.name)
