"""Verdicts to report on: as rich as a real go-live run, made by hand."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from tracecheck.model.rules import Percent, RuleSpec
from tracecheck.model.verdict import (
    Evidence,
    Finding,
    Input,
    Measure,
    Outcome,
    Totals,
    Unseen,
    Verdict,
)


def rule(id_: str = "a-rule", kind: str = "forbid", **more: Any) -> RuleSpec:
    given = {"severity": "high", "parameters": {}, "key": ("conv", "idem")}
    more = {**given, "path": "rules.yaml", "line": 7, **more}
    return RuleSpec(id=id_, kind=kind, **more)


def outcome(of: RuleSpec, name: str = "pass", **more: Any) -> Outcome:
    defaults: dict[str, Any] = {
        "reason": None,
        "subjects": 9,
        "violations": 0,
        "unattributed": 0,
        "weak": 0,
        "never_seen": (),
        "classes": {},
        "measure": None,
        "findings": (),
        "findings_omitted": 0,
    }
    return Outcome(rule=of, outcome=name, **(defaults | more))  # type: ignore[arg-type]


def verdict(*outcomes: Outcome, totals: Totals | None = None, files: int = 1) -> Verdict:
    counted = [one.outcome for one in outcomes if one.counted]
    name = next((word for word in ("fail", "inconclusive") if word in counted), "pass")
    name = name if counted else "inconclusive"
    inputs = tuple(Input(f"app-{number}.log", 14, 1873) for number in range(1, files + 1))
    totals = totals or Totals(lines=14, events=9, plain=5)
    return Verdict(name, inputs, totals, outcomes)  # type: ignore[arg-type]


def finding(class_: str, message: str, *lines: tuple[int, str], **key: str | None) -> Finding:
    evidence = tuple(Evidence("app.log", number, text) for number, text in lines)
    return Finding(class_, key, message, evidence)


def percent(text: str) -> Percent:
    return Percent(Fraction(text.rstrip("%")) / 100, text)


NOON = 1_766_059_200 * 10**9  # 2025-12-18
PLANNER = "INFO:app.core.outbox:OUTBOX_TRACE|phase=planner|conv=conv_{0}|idem=unknown"
PLANNED = PLANNER + "|state_id=140{1}|outbox_id=99{1}|count=1"
DELIVERED = PLANNED.replace("planner", "delivery")

HANDOFF = rule(
    "every-plan-is-delivered",
    "handoff",
    severity="critical",
    title="Every planned message is delivered",
    why="A plan without a delivery is a customer who never gets an answer.",
    remedy="Look for the conversation around the planner line; set the delivery kill switch if "
    "it repeats.",
    parameters={
        "within": 30_000_000_000,
        "orphan": "allow",
        "duplicate": percent("0.1%"),
    },
)
CONSISTENT = rule(
    "ids-stay-the-same",
    "consistent",
    severity="critical",
    title="state_id and outbox_id are the same when planned and when delivered",
    why="Two ids are two objects: what was planned is not what is delivered.",
    remedy="Pass the outbox on; do not build it anew between the phases.",
    parameters={"fields": ("state_id", "outbox_id")},
)
SEQUENCE = rule(
    "every-message-goes-all-the-way",
    "sequence",
    title="Every message is planned, delivered, sent and answered for",
    remedy="The first missing step names the component to look at.",
)
FORBID = rule(
    "no-default-or-thread-instance",
    "forbid",
    severity="critical",
    title="No message goes out through a default or thread instance",
    why="It reaches the wrong customer, or none.",
    remedy="Find where the instance is resolved; set the expected one.",
    parameters={"allow": 0},
)
RATE = rule(
    "deliveries-succeed",
    "rate",
    title="At least 95 % of deliveries succeed",
    parameters={"at_least": percent("95%"), "min_events": 1},
)
REQUIRE = rule(
    "the-service-started", "require", severity="low", parameters={"at_least": 1, "at_most": 3}
)
WELLFORMED = rule(
    "lines-are-well-formed",
    "wellformed",
    severity="medium",
    title="Every trace line can be read",
    remedy="A cut line is most often a full disk or two writers of one file.",
    parameters={"at_most": 1, "count": ("malformed", "undecodable", "too_long", "duplicate_field")},
)

HANDOFFS = outcome(
    HANDOFF,
    "fail",
    subjects=700_000,
    violations=1_238,
    weak=3,
    classes={"lost": 1_236, "open": 0, "mismatch": 1, "late": 1, "orphan": 2, "duplicate": 3},
    findings=(
        replace(
            finding(
                "lost",
                "the planner line is not directly followed by a delivery line",
                (4, PLANNED.format("A3", 7)),
                conv="conv_A3",
                idem="unknown",
            ),
            time=NOON,
        ),
        replace(
            finding(
                "mismatch",
                "expected to.count >= 1, but to.count is 0",
                (6, PLANNED.format("客户", 1)),
                (9, DELIVERED.format("客户", 1)[:-1] + "0 😀 text=" + "客户没有收到答复。" * 9),
                conv="conv_客户",
                idem=None,
            ),
            time=NOON + 250_000_000,
        ),
        finding(
            "late",
            "delivered after 41.5 s, the limit is 30 s",
            (12, PLANNED.format("B", 2)),
            (1_234_567, DELIVERED.format("B", 2)),
            conv="a b",
            idem="",
        ),
    ),
    findings_omitted=1_235,
)
DRIFT = outcome(
    CONSISTENT,
    "fail",
    violations=1,
    classes={"drift": 1},
    findings=(
        Finding(
            "drift",
            {"conv": "conv_A1", "idem": "i1"},
            "state_id was 1407 and is 1408",
            (
                Evidence(
                    "/var/log/pods/assistant_app-7d9f/app/app.log.2.gz", 118, "…|state_id=1407"
                ),
                Evidence("/var/log/pods/assistant_app-7d9f/app/app.log.1", 7, "…|state_id=1408"),
            ),
        ),
    ),
)
ORDER = outcome(
    SEQUENCE,
    "fail",
    violations=3,
    classes={"missing": 1, "out_of_order": 1, "late": 1},
    counted=False,
    findings=(
        finding("missing", "step 3 (sent) never comes", (5, "A|x=1"), conv="c", idem="i"),
        finding("out_of_order", "step 2 comes before step 1", (7, "B|x=2"), conv="c", idem="j"),
        finding("late", "95 s from step 1 to step 4", (8, "A|x=1"), (11, "D|"), conv="c", idem="k"),
    ),
)
FORBIDDEN = outcome(
    FORBID,
    "fail",
    violations=2,
    classes={"forbidden": 2},
    findings=(
        replace(
            finding(
                "forbidden",
                "instance is invalid_pattern_thread_55",
                (
                    3,
                    "\x1b[31mINSTANCE_TRACE|source=meta|instance=invalid_pattern_thread_55\x07\u202e",
                ),
            ),
            time=NOON,
        ),
        finding("forbidden", "instance is default", (10, "::error::##vso[task.x]\t[red]hot[/red]")),
    ),
)
RATED = outcome(
    RATE,
    "fail",
    subjects=3_000,
    violations=1,
    classes={"below": 1, "above": 0},
    measure=Measure(2_849, 3_000, "95%"),
    findings=(finding("below", "2,849 of 3,000 is 94.97%, at least 95% required"),),
)
REQUIRED = outcome(
    REQUIRE,
    "fail",
    violations=1,
    classes={"too_few": 1, "too_many": 0},
    findings=(finding("too_few", "none found, at least 1 is required"),),
)
MALFORMED = outcome(
    WELLFORMED,
    "fail",
    subjects=3_675_140,
    violations=4,
    classes={"malformed": 1, "undecodable": 1, "too_long": 1, "duplicate_field": 1},
    findings=(
        finding("malformed", "OUTBOX_TRACE without a field", (13, "INFO:x:OUTBOX_TRACE|")),
        finding("undecodable", "not UTF-8", (14, "A|x=\ufffd")),
        finding("too_long", "cut at 1 MiB", (15, "A|text=" + "lorem ipsum " * 90_000)),
        finding("duplicate_field", "conv stands twice", (16, "A|conv=1|conv=2")),
    ),
)
PASSED = outcome(
    rule("no-memory-checkpointer", parameters={"allow": 0}),
    subjects=3_675_140,
    classes={"forbidden": 0},
)
UNATTRIBUTED = outcome(
    CONSISTENT, "inconclusive", reason="unattributed", unattributed=12, classes={"drift": 0},
    reason_evidence=Evidence(
        "app.log", 17, "INFO:app.core.outbox:OUTBOX_TRACE|phase=planner|count=1"
    ),
)  # fmt: skip
NO_EVIDENCE = outcome(
    HANDOFF,
    "inconclusive",
    reason="no_evidence",
    subjects=0,
    never_seen=(
        Unseen("tag", "OUTBOX_TRACES", "OUTBOX_TRACE"),
        Unseen("field", "phase_name", None),
        Unseen("attribute", "@level", None),
        Unseen("value", "approved", None, of="phase"),
    ),
)
TOO_FEW = outcome(
    rule("deliveries-succeed", "rate",
         parameters={"at_least": percent("95%"), "min_events": 1_000}),
    "inconclusive", reason="too_few", subjects=19, measure=Measure(19, 19, "95%"),
)  # fmt: skip
INCOMPARABLE = outcome(
    rule("answers-are-quick", "forbid", parameters={"allow": 2}),
    "inconclusive",
    reason="incomparable",
    reason_evidence=Evidence("app.log", 21, "ANSWER|took=soon"),
)
NO_TIME = outcome(
    SEQUENCE, "inconclusive", reason="no_time",
    reason_evidence=Evidence("/var/log/pods/assistant_app-7d9f/app/app.log.2.gz", 118, "A|count=1"),
)  # fmt: skip
NO_ORDER = outcome(
    CONSISTENT, "inconclusive", reason="no_order", subjects=700_000, classes={"drift": 0}
)
OPEN = outcome(
    HANDOFF,
    "inconclusive",
    reason="open",
    subjects=700_000,
    classes={"lost": 0, "open": 2, "mismatch": 0, "late": 0, "orphan": 0, "duplicate": 3},
    reason_evidence=Evidence("app.log", 4, PLANNED.format("A3", 7)),
)
GUARD = outcome(
    rule("no-handoff-guard", parameters={"allow": 0}),
    never_seen=(Unseen("tag", "OUTBOX_GUARD", None),),
)
MISSPELT = replace(GUARD, never_seen=(Unseen("tag", "OUTBOX_GUARDS", "OUTBOX_GUARD"),))
HEALTHY = (
    outcome(
        HANDOFF,
        subjects=700_000,
        classes={"lost": 0, "mismatch": 0, "late": 0, "orphan": 2, "duplicate": 0},
    ),
    outcome(CONSISTENT, subjects=700_000, classes={"drift": 0}),
    outcome(SEQUENCE, subjects=700_000, unattributed=2),
    outcome(RATE, subjects=100, measure=Measure(95, 100, "95%")),
    outcome(REQUIRE, classes={"too_few": 0, "too_many": 0}),
    outcome(WELLFORMED, subjects=3_675_140),
    GUARD,
)

BIG = Totals(
    lines=3_675_140, events=3_500_000, plain=175_139, malformed=1,
    undecodable=1, too_long=1, duplicate_field=4_000, second_event=2, time_goes_back=12,
)  # fmt: skip

FAILING = replace(
    verdict(
        HANDOFFS, DRIFT, ORDER, FORBIDDEN, RATED, REQUIRED, MALFORMED, PASSED, UNATTRIBUTED,
        totals=BIG, files=2,
    ),
    judged_by=("golive",),
    untimed=Evidence("app-2.log", 3, "OUTBOX_TRACE|phase=delivery|conv=conv_B|idem=unknown"),
    order="unknown",
    span=(NOON, NOON + 4 * 10**9),
)  # fmt: skip
PASSING = replace(
    verdict(*HEALTHY, totals=Totals(lines=3_675_140, events=3_500_000, plain=175_140)),
    judged_by=("tracecheck.yaml", "./extra.yaml"),
)
UNCLEAR = replace(
    verdict(
        UNATTRIBUTED, NO_EVIDENCE, TOO_FEW, INCOMPARABLE, NO_TIME, NO_ORDER, OPEN, PASSED,
        *(replace(NO_EVIDENCE, rule=one, never_seen=()) for one in (CONSISTENT, SEQUENCE)),
    ),
    judged_by=("golive",),
)  # fmt: skip
NOTHING = replace(
    verdict(
        *(replace(NO_EVIDENCE, rule=one) for one in (HANDOFF, CONSISTENT, SEQUENCE, FORBID, RATE)),
        PASSED,
        totals=Totals(lines=12, plain=12),
    ),
    judged_by=("golive",),
)
EVERY = {"fail": FAILING, "pass": PASSING, "inconclusive": UNCLEAR, "nothing": NOTHING}
