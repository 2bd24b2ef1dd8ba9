"""forbid: no event, or no line, may match (contract, section 7)."""

from __future__ import annotations

from ..model import KindSpec, Parameter

SPEC = KindSpec(
    name="forbid",
    about="No event (where) or line (text) may match, but for the first `allow`.",
    classes=("forbidden",),
    parameters=(
        Parameter("where", "selector", "The events that match."),
        Parameter("text", "regex", "A pattern searched in the text of every line, plain ones too."),
        Parameter("allow", "count", "How many matches are tolerated.", default=0),
    ),
    one_of=(("where", "text"),),
)
