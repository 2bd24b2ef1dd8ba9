"""sequence: each event of the first step is followed by the others in order (section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import KindSpec, Parameter


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    first, *later = parameters["steps"]
    same = [step for step in later if (step.tag, step.where) == (first.tag, first.where)]
    if same:
        return [("steps", "a later step is written like step 1, which opens a run: it never matches")]
    return []


SPEC = KindSpec(
    name="sequence",
    about="Each run that step 1 opens goes through the other steps in order.",
    classes=("missing", "out_of_order", "late"),
    parameters=(
        Parameter("steps", "selectors", "The steps, in order.", required=True, at_least=2),
        Parameter("within", "duration", "The longest time from step 1 to the last step."),
    ),
    keyed=True,
    check=_check,
)
