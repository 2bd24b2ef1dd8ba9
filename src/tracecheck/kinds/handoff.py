"""handoff: every `from` is directly followed by its `to` under one key (contract, section 7)."""

from __future__ import annotations

from ..model import KindSpec, Parameter

CLASSES = ("lost", "mismatch", "late", "orphan", "duplicate")

SPEC = KindSpec(
    name="handoff",
    about="Each `from` event is handed to the next event of its key, which must be a `to`.",
    classes=CLASSES,
    parameters=(
        Parameter("from", "selector", "The events that hand over.", required=True),
        Parameter("to", "selector", "The events that take over.", required=True),
        Parameter("expect", "expectation", "What must be true of from.x and to.x in a pair."),
        Parameter("within", "duration", "The longest time from `from` to `to`."),
        *(
            Parameter(name, "choice", f"Whether `{name}` violates or is only counted.",
                      default="violate", choices=("violate", "allow"))
            for name in CLASSES
        ),
    ),
    keyed=True,
)
