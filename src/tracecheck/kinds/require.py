"""require: enough, and not too many, events or lines must match (contract, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..model import KindSpec, Parameter


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "at_most" in parameters and parameters["at_most"] < parameters["at_least"]:
        return [("at_most", "at_most is below at_least: no log can hold")]
    return []


SPEC = KindSpec(
    name="require",
    about="At least (and at most) so many events (where) or lines (text) match.",
    classes=("too_few", "too_many"),
    parameters=(
        Parameter("where", "selector", "The events that match."),
        Parameter("text", "regex", "A pattern searched in the text of every line, plain ones too."),
        Parameter("at_least", "count", "The fewest matches that hold.", default=1),
        Parameter("at_most", "count", "The most matches that hold."),
    ),
    one_of=(("where", "text"),),
    check=_check,
)
