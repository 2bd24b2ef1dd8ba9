"""What a tail gives: the bytes of files, and where each of them begins and ends."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Begin:
    """A file of the source begins, from its first byte; `path` is as given or found."""

    path: str


@dataclass(frozen=True, slots=True)
class End:
    """Nothing more of the file that began last will come."""


Piece = Begin | End | bytes
"""Bytes are the next ones of the file that began last, inflated."""
