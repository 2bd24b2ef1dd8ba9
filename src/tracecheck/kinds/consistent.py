"""consistent: named fields are equal on both sides of each handoff (contract, section 7)."""

from __future__ import annotations

from ..model import KindSpec, Parameter

SPEC = KindSpec(
    name="consistent",
    about="In each pair of `from` and directly following `to`, the named fields are equal.",
    classes=("drift",),
    parameters=(
        Parameter("from", "selector", "The events that hand over.", required=True),
        Parameter("to", "selector", "The events that take over.", required=True),
        Parameter("fields", "fields", "The fields that must not change.", required=True, at_least=1),
    ),
    keyed=True,
)
