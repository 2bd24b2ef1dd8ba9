"""Places: which file of the run a line stands in, and its number there, in one integer.

A file has its number for good, so places grow in line order and never move. A run over whole logs
numbers its files one after the other. A run that follows does not know how many files a source
will have: there the number of a file is that of its source and of the file within it.
"""

from __future__ import annotations

from typing import TypeVar

import polars as pl

from ...errors import SourceError

_LINE_BITS = 36
_FILE_BITS = 16  # of a followed source; 12 bits are left for the sources
_LINES = 1 << _LINE_BITS
_FILES = 1 << _FILE_BITS
_SOURCES = 1 << (64 - _LINE_BITS - _FILE_BITS)

Place = TypeVar("Place", int, pl.Series, pl.Expr)
"""One place, or many (UInt64)."""


def file_number(source: int, file: int) -> int:
    """The number of a followed source's file, both counted from 0. Raises SourceError."""
    if source >= _SOURCES:
        raise SourceError(f"a run follows at most {_SOURCES:,} logs; start another for the rest")
    if file >= _FILES:
        raise SourceError(
            f"a log that is followed may be rotated {_FILES:,} times; start the run anew"
        )
    return source * _FILES + file


def place_of(file: int, line: int) -> int:
    """The place of a line, which is counted from 1."""
    return file * _LINES + line


def next_place(place: int, lines: int) -> int:
    """The place so many lines further in the same file. Raises SourceError if it has no room."""
    if line_of(place) + lines >= _LINES:
        raise SourceError(f"a file may have {_LINES - 1:,} lines; start the run anew")
    return place + lines


def file_of(place: Place) -> Place:
    """The file of a place: its number in the run."""
    return place // _LINES


def line_of(place: Place) -> Place:
    """The line of a place: its number in the file, from 1."""
    return place % _LINES


def file_and_line(place: int) -> tuple[int, int]:
    """Both, of one place."""
    return file_of(place), line_of(place)
