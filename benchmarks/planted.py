"""Compare what a contender says about a log with what was planted in it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the shipped rules must say: rule, place in its outcome, and the planted counts whose sum it
# must be. A rule that is renamed is renamed here.
DELIVERED = "every-plan-is-delivered"
SURVIVE = "ids-survive-the-handoff"
ALL_THE_WAY = "every-plan-goes-all-the-way"
SUCCEED = "deliveries-succeed"
RULES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (DELIVERED, "subjects", ("handoffs",)),
    (DELIVERED, "weak", ("handoffs_weak",)),
    (DELIVERED, "unattributed", ("unattributed_handoff",)),
    (DELIVERED, "classes.lost", ("lost",)),
    (DELIVERED, "classes.mismatch", ("mismatch",)),
    (DELIVERED, "classes.orphan", ("orphan",)),
    (DELIVERED, "classes.duplicate", ("duplicate",)),
    (SURVIVE, "subjects", ("pairs",)),
    (SURVIVE, "weak", ("pairs_weak",)),
    (SURVIVE, "unattributed", ("unattributed_handoff",)),
    (SURVIVE, "violations", ("drift_state_id", "drift_outbox_id")),
    ("no-handoff-violation", "violations", ("outbox_guard",)),
    ("no-invalid-instance-pattern", "violations", ("instance_guard",)),
    ("no-default-or-thread-instance", "violations", ("forbidden_instance",)),
    (SUCCEED, "measure.of", ("results_ok",)),
    (SUCCEED, "measure.over", ("results_total",)),
    (ALL_THE_WAY, "subjects", ("handoffs",)),
    (ALL_THE_WAY, "weak", ("handoffs_weak",)),
    (ALL_THE_WAY, "unattributed", ("unattributed_sequence",)),
    (ALL_THE_WAY, "classes.missing", ("sequence_missing",)),
    (ALL_THE_WAY, "classes.out_of_order", ("sequence_out_of_order",)),
    ("no-unresolved-template", "violations", ("template_text",)),
    ("no-memory-checkpointer", "violations", ("memory_checkpointer",)),
    ("no-failure-rate-alert", "violations", ("failure_alert",)),
    ("trace-lines-are-wellformed", "violations", ("malformed",)),
)
TOTALS = ("lines", "events", "plain", "malformed")

# What the peers must print.
PEER_COUNTS = (
    "lost",
    "mismatch",
    "drift_state_id",
    "drift_outbox_id",
    "forbidden_instance",
    "results_total",
    "results_ok",
)


def check_report(printed: str, counts: Mapping[str, int]) -> list[str]:
    """Compare the JSON report of tracecheck with the planted counts, rule by rule."""
    report = json.loads(printed)
    outcomes = {outcome["id"]: outcome for outcome in report["rules"]}
    complaints = []
    for rule, place, names in RULES:
        if rule not in outcomes:
            complaints.append(f"no rule {rule} in the report, only {', '.join(outcomes)}")
            continue
        planted = sum(counts[name] for name in names)
        complaints += differ(f"{rule}, {place}", value_at(outcomes[rule], place), planted)
    for name in TOTALS:
        complaints += differ(f"totals, {name}", report["totals"].get(name), counts[name])
    return complaints


def check_peer(printed: str, counts: Mapping[str, int]) -> list[str]:
    """Compare what a peer printed, `name<TAB>count` lines, with the planted counts."""
    found = {name: int(number) for name, number in map(str.split, printed.splitlines())}
    complaints = []
    for name in PEER_COUNTS:
        complaints += differ(name, found.get(name), counts[name])
    return complaints


def check_literal(printed: str, counts: Mapping[str, int]) -> list[str]:
    """Compare the number of lines with one literal; nothing is printed where there is none."""
    return differ("lines of the outbox guard", int(printed or "0"), counts["outbox_guard"])


def check_lines(printed: str, counts: Mapping[str, int]) -> list[str]:
    """Compare the number of lines, the first that is printed, of who makes no check."""
    return differ("lines", printed.partition("\n")[0], f"lines\t{counts['lines']}")


def value_at(outcome: Mapping[str, Any], place: str) -> object:
    """Return the value at a dotted place of an outcome, None if there is none."""
    value: Any = outcome
    for name in place.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def differ(what: str, found: object, planted: object) -> list[str]:
    """Return one complaint if a number is not the planted one, else none."""
    return [] if found == planted else [f"{what}: {found}, planted were {planted}"]
