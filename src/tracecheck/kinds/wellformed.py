"""wellformed: few enough lines are defective (contract, section 7)."""

from __future__ import annotations

from ..model import DEFECTS, KindSpec, Parameter

SPEC = KindSpec(
    name="wellformed",
    about="Lines that should have been events, or are damaged, stay within a limit.",
    classes=DEFECTS,
    parameters=(
        Parameter("at_most", "count_or_percent", "How many lines, or what share, may be.", default=0),
        Parameter("count", "choices", "The defects that count.", default=DEFECTS, choices=DEFECTS),
    ),
)
