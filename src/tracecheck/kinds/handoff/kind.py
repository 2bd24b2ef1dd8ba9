"""handoff: every `from` is directly followed by its `to` under one key (contract, section 7)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ...conditions.compiler import View, Views, evaluate
from ...engine.chains import (
    FROM,
    Paired,
    chain_events,
    column_of,
    elapsed,
    merged_rows,
    never_paired,
    open_rows,
    pair_up,
)
from ...engine.expiry import expired, still_open
from ...engine.findings import findings_table, first_findings, first_reasons, reason_lines
from ...engine.kind import Context, Judgement, Kind, Message
from ...engine.projection import ProjectedBatch
from ...engine.state import State, added, tables_of
from ...model.condition import Condition, names_in
from ...model.rules import KindSpec, Parameter
from ...model.verdict import Reason
from ...text.amounts import duration
from ...text.wording import quoted
from .completed import COLUMNS, compacted, orphans_and_duplicates

CLASSES = ("lost", "mismatch", "late", "orphan", "duplicate")


def _check(parameters: Mapping[str, Any]) -> list[tuple[str, str]]:
    return never_paired(parameters, "every handoff is lost")


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
            Parameter(
                name,
                "choice",
                f"Whether `{name}` violates or is only counted.",
                default="violate",
                choices=("violate", "allow"),
            )
            for name in CLASSES
        ),
    ),
    keyed=True,
    check=_check,
)


LOST, MISMATCH, LATE, ORPHAN, DUPLICATE = range(len(CLASSES))


def prepare(context: Context, projected: ProjectedBatch) -> State:
    """Take the `from` and `to` events; count the subjects."""
    parameters = context.parameters
    names = [column_of(name) for name in names_in(parameters.get("expect"))]
    if "within" in parameters:
        names.append("@time")
    chained = chain_events(context, projected, [parameters["from"], parameters["to"]], names)
    is_subject = chained.rows["@role"] == FROM
    return State(
        {
            "subjects": int(is_subject.sum()),
            "weak": int((is_subject & chained.rows["@weak"]).sum()),
            "unattributed": chained.unattributed,
            "incomparable": chained.incomparable,
        },
        {"rows": open_rows(chained.rows), "reasons": chained.reason_evidence},
    )


def merge(context: Context, states: Sequence[State]) -> State:
    """Join neighbouring parts of the log and settle what now has both neighbours."""
    return _settled(context, states, closed=False)


def judge(context: Context, state: State, *, closed: bool) -> Judgement:
    """Count by class what violates or is allowed; what is overdue counts as lost so far."""
    end = _settled(context, [state], closed=True) if closed else state
    rows = end.tables["rows"]
    waiting = rows.filter(_opens(rows))
    classes = {name: end.tally(name) for name in CLASSES}
    classes["lost"] += int(waiting["@overdue"].sum())
    return Judgement(
        subjects=end.tally("subjects"),
        classes=classes,
        violations=sum(classes[name] for name in CLASSES if not _allows(context, name)),
        findings=end.tables["findings"],
        message=_message(context),
        unattributed=end.tally("unattributed"),
        weak=end.tally("weak"),
        incomparable=end.tally("incomparable") > 0,
        reason_evidence=end.tables["reasons"],
        no_time=end.tally("no_time") > 0,
        evicted=end.tally("evicted"),
        late_arrivals=end.tally("late_arrivals"),
        **still_open(context, waiting, certain=_is_certain(context)),
    )


def expire(context: Context, state: State, log_time: int | None) -> State:
    """Mark as overdue what is lost or late for certain; keep to the bounds."""
    return expired(
        context,
        state,
        _opens(state.tables["rows"]),
        log_time if _is_certain(context) else None,
        lambda rows: _settled(
            context, [State(tables={"rows": rows}, anchored=state.anchored)], closed=True
        ),
    )


def _is_certain(context: Context) -> bool:
    """Whether a handoff violates once its time limit is over, whatever follows."""
    return not (_allows(context, "lost") or _allows(context, "late"))


def _opens(rows: pl.DataFrame) -> pl.Series:
    """Which chain events are a `from` of which it is unknown what follows."""
    return (rows["@role"] == FROM) & rows["@right_open"]


def _settled(context: Context, states: Sequence[State], *, closed: bool) -> State:
    anchored = states[0].anchored
    paired = pair_up(merged_rows(states), anchored=anchored, closed=closed)
    unmatched = [*tables_of(states, "unmatched"), paired.unmatched]
    recent = [*tables_of(states, "recent"), paired.rows[COLUMNS][paired.to_at]]
    discharges, forgotten = compacted(
        tables_of(states, "completed"), recent, context.bounds.closed_keys
    )
    found, tallies, reason_evidence = _judged_pairs(context, paired)
    tallies["forgotten"] = forgotten
    found[LOST] = _found(context, LOST, paired.lost, details=[paired.lost["@followed"]])
    tables = {
        "rows": paired.kept,
        **discharges,
        "reasons": first_reasons([*tables_of(states, "reasons"), *reason_evidence]),
    }
    if anchored:
        orphans, duplicates = orphans_and_duplicates(pl.concat(unmatched), **discharges)
        so_far = added([*states, State(tallies)])
        if so_far.get("evicted"):
            # Their `from` may have been let go of: nothing can be said of them.
            orphans, duplicates = orphans.clear(), duplicates.clear()
        elif so_far["forgotten"] and _allows(context, "orphan") != _allows(context, "duplicate"):
            # Perhaps they were completed too long ago to be remembered.
            tallies["evicted"] = orphans.height
            orphans = orphans.clear()
        found[ORPHAN] = _found(context, ORPHAN, orphans)
        found[DUPLICATE] = _found(context, DUPLICATE, duplicates)
    else:
        tables["unmatched"] = pl.concat(unmatched)
    tallies |= {CLASSES[class_]: table.height for class_, table in found.items()}
    violating = [t for class_, t in found.items() if not _allows(context, CLASSES[class_])]
    tables["findings"] = first_findings(
        [*tables_of(states, "findings"), *violating], context.max_findings
    )
    return State(added([*states, State(tallies)]), tables, anchored=anchored)


def _judged_pairs(
    context: Context, paired: Paired
) -> tuple[dict[int, pl.DataFrame], dict[str, int], list[pl.DataFrame]]:
    """Mismatched and late pairs, and what is counted and shown of those not to be called."""
    found: dict[int, pl.DataFrame] = {}
    tallies: dict[str, int] = {}
    reason_evidence: list[pl.DataFrame] = []

    def add_reasons(at: pl.Series, pairs: pl.Series, reason: Reason) -> None:
        tallies[reason] = int(pairs.sum())
        reason_evidence.append(reason_lines(paired.rows[at.filter(pairs)], reason))

    expect, within = context.parameters.get("expect"), context.parameters.get("within")
    if expect is not None:
        truth, values = _expected(context, expect, paired)
        add_reasons(paired.to_at, truth.is_null(), "incomparable")
        found[MISMATCH] = _found_pairs(context, MISMATCH, paired, ~truth, values)
    if within is not None:
        times = paired.rows["@time"]
        took = elapsed(times[paired.from_at], times[paired.to_at])
        lacks = paired.from_at.zip_with(times[paired.from_at].is_null(), paired.to_at)
        add_reasons(lacks, took.is_null(), "no_time")
        late = (took > within).fill_null(value=False)
        tallies["late_arrivals"] = int((paired.rows["@overdue"][paired.from_at] & ~late).sum())
        found[LATE] = _found_pairs(
            context, LATE, paired, late, pl.DataFrame({"took": took}).filter(late)
        )
    return found, tallies, reason_evidence


def _expected(
    context: Context, expect: Condition, paired: Paired
) -> tuple[pl.Series, pl.DataFrame]:
    """Of each pair the truth of the expectation; of each false one the values of its names."""
    names = list(dict.fromkeys(names_in(expect)))
    sides = {"from": paired.from_at, "to": paired.to_at}
    pairs = pl.DataFrame(
        paired.rows[column][sides[side]].alias(f"{side}:{column}")
        for side, column in {(name.side, column_of(name)): None for name in names}
    )
    views: Views = {
        "from": View(context.vocabulary, "from:"),
        "to": View(context.vocabulary, "to:"),
    }
    truth = pairs.select(evaluate(expect, views).alias("truth")).to_series()
    if truth.all():
        return truth, pairs.clear()
    values = pairs.filter(~truth).select(
        views[name.side].text(name).alias(str(at)) for at, name in enumerate(names)
    )
    return truth, values


def _found_pairs(
    context: Context, class_: int, paired: Paired, pairs: pl.Series, details: pl.DataFrame
) -> pl.DataFrame:
    before, after = (paired.rows[at.filter(pairs)] for at in (paired.from_at, paired.to_at))
    return _found(context, class_, before, after, details.get_columns())


def _found(
    context: Context,
    class_: int,
    rows: pl.DataFrame,
    second: pl.DataFrame | None = None,
    details: Sequence[pl.Series] = (),
) -> pl.DataFrame:
    key = context.rule.key or ()
    return findings_table(rows, class_=class_, key=key, second=second, details=details)


def _allows(context: Context, class_: str) -> bool:
    return bool(context.parameters[class_] == "allow")


def _message(context: Context) -> Message:
    from_, to = context.parameters["from"].text, context.parameters["to"].text
    expect: Condition | None = context.parameters.get("expect")
    within: int = context.parameters.get("within", 0)
    names = list(dict.fromkeys(names_in(expect)))

    def message(finding: Mapping[str, Any]) -> str:
        details = finding["details"]
        class_ = finding["class"]
        if class_ == LOST:
            follows = f"another {from_}" if details[0] == "true" else "nothing"
            return f"{from_} is followed by {follows}, not by {to}"
        if class_ == MISMATCH and expect is not None:
            values = ", ".join(
                f"{name.side}.{name.name} is {context.shown(name.name, value)}"
                for name, value in zip(names, details, strict=True)
            )
            return f"expected {quoted(expect.text)}: {values}"
        if class_ == LATE:
            return f"took {duration(int(details[0]))}, allowed {duration(within)}"
        if class_ == ORPHAN:
            return f"{to} without a {from_} directly before it"
        return f"{to} again, after an earlier handoff was complete"

    return message


HANDOFF = Kind(SPEC, prepare, merge, judge, expire)
