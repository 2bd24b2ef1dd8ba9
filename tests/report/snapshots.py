"""How a run that follows may stand: by hand, and as hostile as a log can make it."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from tracecheck.model.live import Changed, Notice, Overdue, Snapshot, Trouble, Violation, Window
from tracecheck.model.verdict import Finding

from .strategies import nasty_text, outcomes, verdicts
from .verdicts import (
    BIG,
    FORBIDDEN,
    HANDOFF,
    HANDOFFS,
    HEALTHY,
    PASSED,
    RATE,
    RATED,
    finding,
    outcome,
    rule,
    verdict,
)

SECOND = 10**9
NOW = 1_778_312_125 * SECOND + 5

PENDING = outcome(
    rule("plans-are-sent", "handoff", parameters={"within": 30 * SECOND}),
    "inconclusive",
    reason="pending",
    subjects=1_235,
    open=17,
    oldest_open=NOW - 75 * SECOND - 1,
    classes={"lost": 0},
)
EVICTED = outcome(
    rule("nobody-waits", "handoff"), "inconclusive", reason="evicted", subjects=81, evicted=13
)
LATE = outcome(
    rule("steps-in-order", "sequence"),
    "inconclusive",
    reason="late_arrivals",
    subjects=82,
    late_arrivals=14,
)
ELEVEN = replace(
    verdict(
        HANDOFFS, FORBIDDEN, RATED, PENDING, EVICTED, LATE, PASSED, *HEALTHY[4:],
        *(replace(PASSED, rule=rule(f"holds-{number}")) for number in range(1)), totals=BIG,
    ),
    judged_by=("golive",),
)  # fmt: skip
LOST = Violation(HANDOFF, HANDOFFS.findings[0])
MISMATCH = Violation(HANDOFF, HANDOFFS.findings[1])
HOSTILE = Violation(FORBIDDEN.rule, FORBIDDEN.findings[1], more=12)
RECENT = (LOST, MISMATCH, HOSTILE)
TROUBLE = Trouble("app-2.log", "permission denied")
STANDING = Snapshot(
    ELEVEN,
    log_time=NOW,
    lag=4_200_131,
    lines_per_second=12_345.6,
    windows=tuple(
        Window(minutes, minutes * 1_000 + 7, {RATE.id: (94 * minutes, 100 * minutes)})
        for minutes in (1, 5, 15)
    ),
    volume=(0, 1, 60, 30, 44),
    overdue={HANDOFF.id: 4},
    late_arrivals=6,
    recent=RECENT,
    troubles=(TROUBLE,),
)
TURNED = Changed(replace(HANDOFFS, outcome="inconclusive", reason="pending"), HANDOFFS)


def found(text: str) -> Violation:
    """A finding that says the same hostile thing wherever it can."""
    return Violation(rule(text), replace(finding(text, text, (1, text)), key={text: text}))


_TEXT = nasty_text()
_FINDINGS = st.builds(
    Finding,
    _TEXT,
    st.dictionaries(_TEXT, st.none() | _TEXT, max_size=2),
    _TEXT,
    verdicts().map(lambda one: (one.untimed,) if one.untimed else ()),
)
FOUND = st.builds(Violation, outcomes().map(lambda one: one.rule), _FINDINGS, st.integers(0, 10**6))
TROUBLES = st.builds(Trouble, _TEXT, _TEXT, st.booleans())


def notices() -> st.SearchStrategy[Notice]:
    turned = outcomes().flatmap(lambda one: outcomes().map(lambda was: Changed(was, one)))
    overdue = st.builds(Overdue, outcomes().map(lambda one: one.rule), st.integers(0, 10**6))
    return FOUND | turned | overdue | TROUBLES


@st.composite
def snapshots(draw: st.DrawFn) -> Snapshot:
    of = draw(verdicts())
    time = draw(st.none() | st.integers(-(2**63), 2**63 - 1))
    some = tuple(
        replace(
            one,
            open=draw(st.integers(0, 10**6)),
            oldest_open=draw(st.none() | st.integers(-(2**63), 2**63 - 1)),
            evicted=draw(st.integers(0, 2)),
            late_arrivals=draw(st.integers(0, 2)),
            since=draw(st.sampled_from((0, 1, 10**6))),
        )
        for one in of.outcomes
    )
    ids = [one.rule.id for one in some]
    over = draw(st.integers(0, 10**6))
    shares = dict.fromkeys(ids[:2], (over // 3, over))
    return Snapshot(
        replace(of, outcomes=some),
        log_time=time,
        lag=draw(st.integers(0, 10**12)),
        lines_per_second=draw(st.floats(0, 10**7)),
        windows=tuple(Window(minutes, over, shares) for minutes in draw(st.just((1, 5, 15)))),
        volume=tuple(draw(st.lists(st.integers(0, 10**6), max_size=20))),
        overdue=dict.fromkeys(ids[:1], draw(st.integers(0, 5))),
        late_arrivals=draw(st.integers(0, 10**6)),
        recent=tuple(draw(st.lists(FOUND, max_size=4))),
        troubles=tuple(draw(st.lists(TROUBLES, max_size=3))),
    )
