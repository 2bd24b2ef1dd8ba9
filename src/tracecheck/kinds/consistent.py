"""consistent: named fields are equal on both sides of each handoff (contract, section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..chains import chain_events, merged_rows, never_paired, open_rows, pair_up
from ..doubts import first_doubts
from ..findings import findings_table, first_findings
from ..kind import Context, Judgement, Kind, Message, Reading, State, added, tables_of
from ..model import KindSpec, Parameter
from ..retiring import retired

_MOST_FIELDS = 64


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    if len(parameters["fields"]) > _MOST_FIELDS:
        return [("fields", f"at most {_MOST_FIELDS} fields are compared")]
    return never_paired(parameters, "there is never a pair")


SPEC = KindSpec(
    name="consistent",
    about="In each pair of `from` and directly following `to`, the named fields are equal.",
    classes=("drift",),
    parameters=(
        Parameter("from", "selector", "The events that hand over.", required=True),
        Parameter("to", "selector", "The events that take over.", required=True),
        Parameter(
            "fields", "fields", "The fields that must not change.", required=True, at_least=1
        ),
    ),
    keyed=True,
    check=_check,
)


def prepare(context: Context, reading: Reading) -> State:
    """Take the `from` and `to` events with the fields to compare."""
    parameters = context.parameters
    chained = chain_events(
        context, reading, [parameters["from"], parameters["to"]], parameters["fields"]
    )
    return State(
        {"unattributed": chained.unattributed, "incomparable": chained.incomparable},
        {"rows": open_rows(chained.rows), "doubts": chained.doubts},
    )


def merge(context: Context, states: Sequence[State]) -> State:
    """Join neighbouring stretches, and compare the pairs that came about."""
    anchored = states[0].anchored
    paired = pair_up(merged_rows(states), anchored=anchored, closed=False)
    rows, from_at, to_at = paired.rows, paired.from_at, paired.to_at
    void = sorted(context.vocabulary.void)
    judged = pl.repeat(value=False, n=len(from_at), dtype=pl.Boolean, eager=True)
    found = []
    for minor, name in enumerate(context.parameters["fields"]):
        sides = rows[name].gather(from_at), rows[name].gather(to_at)
        comparable = ~(sides[0].is_in(void) | sides[1].is_in(void)).fill_null(value=True)
        judged |= comparable
        drifts = comparable & (sides[0] != sides[1])
        found.append(
            findings_table(
                rows[from_at.filter(drifts)],
                class_=0,
                key=context.rule.key or (),
                minor=minor,
                second=rows[to_at.filter(drifts)],
                details=[side.filter(drifts) for side in sides],
            )
        )
    tallies = {
        "subjects": int(judged.sum()),
        "weak": int((judged & rows["@weak"].gather(from_at)).sum()),
        "drift": sum(table.height for table in found),
    }
    findings = first_findings([*tables_of(states, "findings"), *found], context.most)
    return State(
        added([*states, State(tallies)]),
        {
            "rows": paired.kept,
            "findings": findings,
            "doubts": first_doubts(tables_of(states, "doubts")),
        },
        anchored=anchored,
    )


def judge(context: Context, state: State, *, closed: bool) -> Judgement:
    """Count the drifts: an end of the log makes no further pair."""
    end = merge(context, [state]) if closed else state
    return Judgement(
        subjects=end.tally("subjects"),
        classes={"drift": end.tally("drift")},
        violations=end.tally("drift"),
        findings=end.tables["findings"],
        message=_message(context),
        unattributed=end.tally("unattributed"),
        weak=end.tally("weak"),
        incomparable=end.tally("incomparable") > 0,
        doubts=end.tables["doubts"],
        evicted=end.tally("evicted"),
    )


def retire(context: Context, state: State, until: int | None) -> State:
    """Keep to the bounds: a pair that has not come about is no subject, and never overdue."""
    rows = state.tables["rows"]
    opens = pl.repeat(value=False, n=rows.height, dtype=pl.Boolean, eager=True)
    return retired(
        context,
        state,
        opens,
        until,
        lambda rows: merge(context, [State(tables={"rows": rows}, anchored=True)]),
    )


def _message(context: Context) -> Message:
    def message(finding: Mapping[str, Any]) -> str:
        name = context.parameters["fields"][finding["minor"]]
        before, after = (context.shown(name, value) for value in finding["details"])
        return f"{name} changes from {before} to {after}"

    return message


CONSISTENT = Kind(SPEC, prepare, merge, judge, retire)
