"""forbid: no event, or no line, may match (contract, section 7)."""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.kind import Context, Judgement, Kind
from ..engine.projection import ProjectedBatch
from ..engine.state import State
from ..engine.tallies import merge_tallies, prepare_matches
from ..model.rules import KindSpec, Parameter

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


def prepare(context: Context, projected: ProjectedBatch) -> State:
    """Count the matches; of their findings, keep the tolerated ones too."""
    return prepare_matches(context, projected, _kept(context))


def merge(context: Context, states: Sequence[State]) -> State:
    """Add up."""
    return merge_tallies(states, _kept(context))


def judge(context: Context, state: State, *, closed: bool) -> Judgement:
    """Each match over the first `allow` is a violation, whatever follows."""
    del closed
    allowed = context.parameters["allow"]
    violations = max(0, state.tally("matches") - allowed)
    after = f" after the first {allowed}" if allowed else ""
    return Judgement(
        subjects=state.tally("subjects"),
        classes={"forbidden": violations},
        violations=violations,
        findings=state.tables["findings"].slice(allowed),
        excused=state.tables["findings"].head(allowed),
        message=lambda _: f"{context.wanted} is forbidden{after}",
        incomparable=state.tally("incomparable") > 0,
        reason_evidence=state.tables.get("reasons"),
    )


def _kept(context: Context) -> int | None:
    allowed: int = context.parameters["allow"]
    return None if context.max_findings is None else context.max_findings + allowed


FORBID = Kind(SPEC, prepare, merge, judge, kept=_kept)
