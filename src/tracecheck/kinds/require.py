"""require: enough, and not too many, events or lines must match (contract, section 7)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..engine.findings import none_found
from ..engine.kind import Context, End, Judgement
from ..engine.state import State
from ..engine.tallies import WHERE_OR_TEXT, prepare_matches, tally_kind, together
from ..model.rules import KindSpec, Parameter


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    if "at_most" in parameters and parameters["at_most"] < parameters["at_least"]:
        return [("at_most", "at_most is below at_least: no log can hold")]
    return []


SPEC = KindSpec(
    name="require",
    about="At least (and at most) so many events (where) or lines (text) match.",
    classes=("too_few", "too_many"),
    parameters=(
        *WHERE_OR_TEXT,
        Parameter("at_least", "count", "The fewest matches that hold.", default=1),
        Parameter("at_most", "count", "The most matches that hold."),
    ),
    one_of=(("where", "text"),),
    check=_check,
)


def judge(context: Context, state: State, end: End | None) -> Judgement:
    """One violation if the matches are too few, which more of them may mend, or too many."""
    matches = state.counts["matches"]
    at_least: int = context.parameters["at_least"]
    at_most: int | None = context.parameters.get("at_most")
    pending = matches < at_least and end is None
    too_few = matches < at_least and end is not None
    too_many = at_most is not None and matches > at_most
    findings = none_found()
    if too_few:
        findings = together(none_found(), class_=0)
    elif too_many:
        findings = together(state.findings.slice(at_most or 0), class_=1)
    limit = f"at least {at_least:,}" if too_few else f"at most {at_most:,}" if too_many else ""
    return Judgement(
        subjects=state.counts["subjects"],
        classes={"too_few": int(too_few), "too_many": int(too_many)},
        findings=findings,
        message=lambda _: f"{context.wanted} is found {matches:,} times, {limit} required",
        counts=state.counts,
        reasons=state.reasons,
        pending=pending,
    )


def _kept(context: Context) -> int | None:
    """The matches that may be over `at_most`, and those before them."""
    at_most = context.parameters.get("at_most")
    if at_most is None:
        return 0
    return None if context.max_findings is None else int(context.max_findings + at_most)


REQUIRE = tally_kind(SPEC, prepare_matches, judge, _kept, gathers=True)
