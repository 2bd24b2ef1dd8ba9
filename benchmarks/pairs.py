"""Ratios of what was measured in turn: of each round one, so that a slow moment hits both."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from measure import Measured, Sample


@dataclass(frozen=True)
class Ratio:
    """The median of the ratios of all rounds, and how far they lie apart."""

    middle: float
    least: float
    most: float

    def __str__(self) -> str:
        return f"{self.middle:.2f} ({self.least:.2f} to {self.most:.2f})"


def ratio(of: Measured, to: Measured, cost: Callable[[Sample], float]) -> Ratio:
    """What one cost in multiples of the other, round by round."""
    ratios = [cost(one) / cost(other) for one, other in zip(of.samples, to.samples, strict=True)]
    return Ratio(median(ratios), min(ratios), max(ratios))


def seconds(sample: Sample) -> float:
    """The wall clock."""
    return sample.seconds


def cpu_seconds(sample: Sample) -> float:
    """User and system time together."""
    return sample.cpu_seconds


def pairs(measured: Sequence[Measured]) -> list[tuple[Measured, Measured]]:
    """The measured jobs, two by two as they were given."""
    return list(zip(measured[::2], measured[1::2], strict=True))
