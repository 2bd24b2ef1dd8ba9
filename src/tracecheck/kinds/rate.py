"""rate: the share of events that match keeps a limit (contract, section 7)."""

from __future__ import annotations

from ..model import KindSpec, Parameter

SPEC = KindSpec(
    name="rate",
    about="Of the events `over`, the share that is `of` is at least, or at most, a percentage.",
    classes=("below", "above"),
    parameters=(
        Parameter("of", "selector", "The events that count, asked of `over` only.", required=True),
        Parameter("over", "selector", "The events that are judged.", required=True),
        Parameter("at_least", "percent", "The smallest share that holds."),
        Parameter("at_most", "percent", "The largest share that holds."),
        Parameter("min_events", "count", "Fewer events than this are not judged.",
                  default=1, at_least=1),
    ),
    one_of=(("at_least", "at_most"),),
)
