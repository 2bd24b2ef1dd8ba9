"""consistent: named fields are equal on both sides of each handoff (contract, section 7)."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from ..engine.chain_kind import chain_kind
from ..engine.chains import FROM_AND_TO, PAIRING, chain_events, joined_rows, never_paired, pair_up
from ..engine.findings import findings_table, first_findings
from ..engine.kind import Context, End
from ..engine.projection import ProjectedBatch
from ..engine.state import Chain
from ..model.rules import KindSpec, Parameter

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
        *FROM_AND_TO,
        Parameter(
            "fields", "fields", "The fields that must not change.", required=True, at_least=1
        ),
    ),
    keyed=True,
    check=_check,
)


def prepare(context: Context, projected: ProjectedBatch) -> Chain:
    """Take the `from` and `to` events with the fields to compare."""
    parameters = context.parameters
    roles = [parameters["from"], parameters["to"]]
    return chain_events(context, projected, roles, parameters["fields"], PAIRING)


def settle(context: Context, states: Sequence[Chain], end: End | None) -> Chain:
    """Compare the pairs that came about: what stays alone is no subject, at no time."""
    paired = pair_up(joined_rows(states), anchored=states[0].anchored, closed=end is not None)
    rows, from_at, to_at = paired.rows, paired.from_at, paired.to_at
    fields = context.parameters["fields"]
    compared = _compared(context, [(rows[name][from_at], rows[name][to_at]) for name in fields])
    judged = compared["@judged"]
    found = []
    for minor, name in enumerate(fields):
        drifts = compared[f"@drifts{minor}"]
        if not drifts.any():
            continue
        before, after = from_at.filter(drifts), to_at.filter(drifts)
        found.append(
            findings_table(
                rows[before],
                class_=0,
                key=context.key,
                minor=minor,
                second=rows[after],
                details=[rows[name][before], rows[name][after]],
            )
        )
    return Chain(
        counts=Counter(
            subjects=int(judged.sum()),
            weak=int((judged & rows["@weak"][from_at]).sum()),
            drift=sum(table.height for table in found),
        ),
        findings=first_findings(found, context.max_findings),
        rows=paired.kept,
    )


def _compared(context: Context, fields: Sequence[tuple[pl.Series, pl.Series]]) -> pl.DataFrame:
    """Of each pair whether some field of it is `@judged`, and which drift (`@drifts0`…).

    `fields` are the two sides of each field.
    """
    pairs = pl.DataFrame(
        side.alias(f"{name}{at}")
        for at, sides in enumerate(fields)
        for name, side in zip(("from", "to"), sides, strict=True)
    )
    return pairs.select(_comparisons(len(fields), context.vocabulary.void))


@functools.lru_cache(_MOST_FIELDS)
def _comparisons(fields: int, void: frozenset[str]) -> tuple[pl.Expr, ...]:
    comparable, drifts = [], []
    for at in range(fields):
        before, after = pl.col(f"from{at}"), pl.col(f"to{at}")
        both = ~(before.is_in(sorted(void)) | after.is_in(sorted(void))).fill_null(value=True)
        comparable.append(both)
        drifts.append((both & (before != after)).alias(f"@drifts{at}"))
    return pl.any_horizontal(comparable).alias("@judged"), *drifts


def message(context: Context, finding: Mapping[str, Any]) -> str:
    """Which field changes, and how."""
    name = context.parameters["fields"][finding["minor"]]
    before, after = (context.shown(name, value) for value in finding["details"])
    return f"{name} changes from {before} to {after}"


CONSISTENT = chain_kind(SPEC, prepare, settle, message)
