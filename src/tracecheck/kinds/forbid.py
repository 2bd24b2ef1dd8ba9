"""forbid: no event, or no line, may match (contract, section 7)."""

from __future__ import annotations

from ..engine.kind import Context, End, Judgement
from ..engine.state import State
from ..engine.tallies import WHERE_OR_TEXT, prepare_matches, tally_kind
from ..model.rules import KindSpec, Parameter

SPEC = KindSpec(
    name="forbid",
    about="No event (where) or line (text) may match, but for the first `allow`.",
    classes=("forbidden",),
    parameters=(
        *WHERE_OR_TEXT,
        Parameter("allow", "count", "How many matches are tolerated.", default=0),
    ),
    one_of=(("where", "text"),),
)


def judge(context: Context, state: State, end: End | None) -> Judgement:
    """Each match over the first `allow` is a violation, whatever follows."""
    del end
    allowed = context.parameters["allow"]
    violations = max(0, state.counts["matches"] - allowed)
    after = f" after the first {allowed}" if allowed else ""
    return Judgement(
        subjects=state.counts["subjects"],
        classes={"forbidden": violations},
        findings=state.findings.slice(allowed),
        excused=state.findings.head(allowed),
        message=lambda _: f"{context.wanted} is forbidden{after}",
        counts=state.counts,
        reasons=state.reasons,
    )


def _kept(context: Context) -> int | None:
    """The matches that are tolerated are kept too."""
    allowed: int = context.parameters["allow"]
    return None if context.max_findings is None else context.max_findings + allowed


FORBID = tally_kind(SPEC, prepare_matches, judge, _kept)
