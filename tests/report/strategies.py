"""Text as hostile as a log can be, and verdicts that are full of it."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import get_args

from hypothesis import strategies as st

from tracecheck.kinds import KINDS
from tracecheck.model.rules import RuleSpec
from tracecheck.model.verdict import (
    Evidence,
    Finding,
    Input,
    Measure,
    Order,
    Outcome,
    Reason,
    Totals,
    Unseen,
    Verdict,
)

from .verdicts import outcome, percent, rule, verdict

_PIECES = (
    "::", "##", "#", ":", "[", "]", "vso[", "TeamCity[", "error", "::error::", " ", "  ", "|", "-",
    "\n", "\r", "\t", "\x1b[2J", "\x00", "\x85", "\x9b", "\u00a0", "\u3000", "\u202e", "\u200d",
    "\u2028", "\ufeff", "\ud800", "\ue000", "客户", "😀", "❤\ufe0f", "\ufe0f", "e\u0301", "\u0301",
    "[red]", "[/]", ":smile:", "\\", "a", "conv=1", "longword" * 12, "A_TAG|x=", "x" * 70,
)  # fmt: skip
_REASONS: tuple[Reason, ...] = get_args(Reason)
_ORDERS: tuple[Order, ...] = get_args(Order)
_TIMES = st.integers(-(2**63), 2**63 - 1)
_COUNTS = st.integers(0, 10**9)


def nasty_text(most: int = 12) -> st.SearchStrategy[str]:
    return st.lists(st.sampled_from(_PIECES), max_size=most).map("".join)


_TEXT = nasty_text()


def _rules() -> st.SearchStrategy[RuleSpec]:
    kinds = st.sampled_from(list(KINDS))
    return st.builds(
        lambda id_, kind, title, why, remedy, limit, allowed, path: rule(
            id_, kind, title=title, why=why, remedy=remedy, path=path, line=7,
            parameters={
                "at_least": percent(limit) if kind == "rate" else 1, "min_events": 5,
                "lost": allowed,
            },
        ),
        _TEXT, kinds | _TEXT, _TEXT, _TEXT, _TEXT, st.sampled_from(["95%", "0.01%", "100%"]),
        st.sampled_from(["violate", "allow", 3]) | st.builds(percent, st.just("0.1%")), _TEXT,
    )  # fmt: skip


_EVIDENCE = st.builds(Evidence, _TEXT, st.integers(1, 10**9), nasty_text(40))
_FINDINGS = st.builds(
    Finding,
    _TEXT,
    st.dictionaries(_TEXT, st.none() | _TEXT, max_size=2),
    _TEXT,
    st.lists(_EVIDENCE, max_size=2).map(tuple),
    st.none() | _TIMES,
)
_UNSEEN = st.builds(
    Unseen, st.sampled_from(["tag", "field", "attribute"]), _TEXT, st.none() | _TEXT
) | st.builds(
    Unseen, st.just("value"), _TEXT, st.none() | _TEXT, _TEXT,
    st.lists(_TEXT, max_size=2).map(tuple), st.booleans(),
)  # fmt: skip


_INPUTS = st.builds(Input, _TEXT, _COUNTS, _COUNTS, st.booleans(), st.just(0) | _COUNTS)


@st.composite
def outcomes(draw: st.DrawFn) -> Outcome:
    name = draw(st.sampled_from(["pass", "fail", "inconclusive"]))
    over = draw(st.integers(0, 10**6))
    of = draw(st.integers(0, over))
    return outcome(
        draw(_rules()),
        name,
        reason=draw(st.sampled_from(_REASONS)) if name == "inconclusive" else None,
        subjects=draw(_COUNTS),
        violations=draw(_COUNTS) if name == "fail" else 0,
        unattributed=draw(_COUNTS),
        weak=draw(_COUNTS),
        never_seen=tuple(draw(st.lists(_UNSEEN, max_size=2))),
        classes=draw(st.dictionaries(_TEXT | st.just("lost"), _COUNTS, max_size=3)),
        measure=draw(st.none() | st.builds(Measure, st.just(of), st.just(over), _TEXT)),
        findings=tuple(draw(st.lists(_FINDINGS, max_size=2))),
        findings_omitted=draw(st.sampled_from([0, 1, 1_234])),
        counted=draw(st.booleans()),
        reason_evidence=draw(st.none() | _EVIDENCE) if name == "inconclusive" else None,
    )


def verdicts() -> st.SearchStrategy[Verdict]:
    totals = st.builds(Totals, *[_COUNTS] * len(fields(Totals)))
    return st.builds(
        lambda some, total, files, untimed, order, span, inputs: replace(
            verdict(*some, totals=total),
            judged_by=files,
            untimed=untimed,
            order=order,
            span=span,
            inputs=inputs,
        ),
        st.lists(outcomes(), max_size=3) | outcomes().map(lambda one: [one, one]),
        totals | st.just(Totals()),
        st.lists(_TEXT, max_size=2).map(tuple),
        st.none() | _EVIDENCE,
        st.sampled_from(_ORDERS),
        st.none() | st.tuples(_TIMES, _TIMES),
        st.lists(_INPUTS, max_size=2).map(tuple),
    )
