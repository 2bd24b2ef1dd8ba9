"""rate: the share of events that match keeps a limit (contract, section 7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from ..engine.findings import findings_table, none_found, reason_lines
from ..engine.kind import Context, End, Judgement
from ..engine.projection import ProjectedBatch
from ..engine.state import State
from ..engine.tallies import tally_kind, together
from ..model.rules import KindSpec, Parameter
from ..model.verdict import Measure
from ..text.amounts import share


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    of, over = parameters["of"].tag, parameters["over"].tag
    if of is None or over is None or of == over:
        return []
    why = f"no event is both {of} and {over}"
    return [("of", f"`of` is asked of the events of `over` only, and {why}: it never matches")]


SPEC = KindSpec(
    name="rate",
    about="Of the events `over`, the share that is `of` is at least, or at most, a percentage.",
    classes=("below", "above"),
    parameters=(
        Parameter("of", "selector", "The events that count, asked of `over` only.", required=True),
        Parameter("over", "selector", "The events that are judged.", required=True),
        Parameter("at_least", "percent", "The smallest share that holds."),
        Parameter("at_most", "percent", "The largest share that holds."),
        Parameter(
            "min_events", "count", "Fewer events than this are not judged.", default=1, at_least=1
        ),
    ),
    one_of=(("at_least", "at_most"),),
    check=_check,
)


def prepare(context: Context, projected: ProjectedBatch) -> State:
    """Count `over` and `of`; the findings are the events that count against the limit."""
    over = projected.selected(context.parameters["over"])
    of = projected.selected(context.parameters["of"]) & over
    is_of = of.fill_null(value=False)
    against = over & ~is_of if "at_least" in context.parameters else is_of
    incomparable = projected.unknown(over, of)
    return State(
        counts=Counter(over=int(over.sum()), of=int(is_of.sum()), incomparable=incomparable.height),
        findings=findings_table(projected.where(against), class_=0),
        reasons=reason_lines(incomparable, "incomparable"),
    )


def judge(context: Context, state: State, end: End | None) -> Judgement:
    """One violation if the share is beyond the limit; none if there are too few events.

    As long as the log goes on, more events may mend it.
    """
    over, of = state.counts["over"], state.counts["of"]
    is_least = "at_least" in context.parameters
    limit = context.parameters["at_least" if is_least else "at_most"]
    too_few = over < context.parameters["min_events"]
    beyond = of < limit.share * over if is_least else of > limit.share * over
    violates = beyond and not too_few and end is not None
    findings = none_found()
    if violates:
        findings = together(state.findings, class_=0 if is_least else 1)
    bound = "at least" if is_least else "at most"
    percent = share(of, over, [limit.share]) if over else "0"
    return Judgement(
        subjects=over,
        classes={"below": int(violates and is_least), "above": int(violates and not is_least)},
        findings=findings,
        message=lambda _: f"{of:,} of {over:,} is {percent}%, {bound} {limit.text} required",
        counts=state.counts,
        reasons=state.reasons,
        too_few=too_few,
        measure=Measure(of, over, limit.text),
        pending=beyond and not too_few and end is None,
    )


RATE = tally_kind(SPEC, prepare, judge, gathers=True)
