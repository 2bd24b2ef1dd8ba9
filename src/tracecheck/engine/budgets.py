"""Budgets: what a rule tolerates of each class of what it finds (contract, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ..model.rules import Parameter, Percent, within_budget
from .kind import Context


def budget_parameters(classes: Iterable[str]) -> tuple[Parameter, ...]:
    """What a kind asks a rule for: a budget of each class. What is `open` has none by itself."""
    return tuple(
        Parameter(
            name,
            "budget",
            f"Whether `{name}` violates, is only counted, or so beyond a number, or a share.",
            default=None if name == "open" else "violate",
        )
        for name in classes
    )


class Tolerated(NamedTuple):
    """The classes that do not violate so far, and whether a share of them is beyond its limit."""

    classes: tuple[str, ...]
    beyond: bool


def tolerated(
    context: Context, classes: Mapping[str, int], subjects: int, *, settled: bool
) -> Tolerated:
    """What a rule tolerates of what it found, by class, among so many subjects.

    A number that is exceeded stays so. A share may be mended by the subjects that follow, unless
    all are `settled`.
    """
    names, beyond = [], False
    for name, count in classes.items():
        budget = context.budget(name)
        if budget is None or within_budget(budget, count, subjects):
            names.append(name)
        elif isinstance(budget, Percent) and not settled:
            names.append(name)
            beyond = True
    return Tolerated(tuple(names), beyond)
