"""The families of metrics, out of how a run stands: one row of a table is one family.

Every rule has its series from the start, at zero, so that an alert on an increase sees the first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import get_args

from prometheus_client.core import CounterMetricFamily as Counter
from prometheus_client.core import GaugeMetricFamily as Gauge
from prometheus_client.core import Metric

from ..model.live import Snapshot
from ..model.verdict import DEFECTS, Outcome, OutcomeName
from ..text.amounts import SECOND

_Family = type[Counter] | type[Gauge]
_Values = Iterable[tuple[tuple[str, ...], float]]

_NAMES: tuple[OutcomeName, ...] = get_args(OutcomeName)

_LATE = "Events that came after their time had been judged."
_SPEED = "Lines read a second, over the last seconds by the clock of the machine."
_TROUBLES = "What stands in the way of reading, storing or telling."
_BACK = "Events whose time is less than that of an earlier event of their source."
_OF_THE_RUN: tuple[tuple[_Family, str, str, Callable[[Snapshot], float]], ...] = (
    (Counter, "lines", "Lines that were read.", lambda run: run.verdict.totals.lines),
    (Counter, "events", "Lines that are events.", lambda run: run.verdict.totals.events),
    (Counter, "time_goes_back", _BACK, lambda run: run.verdict.totals.time_goes_back),
    (Counter, "late_arrivals", _LATE, lambda run: run.late_arrivals),
    (Gauge, "lag_bytes", "Bytes of the log that are there and not yet read.", lambda run: run.lag),
    (Gauge, "lines_per_second", _SPEED, lambda run: run.lines_per_second),
    (Gauge, "troubles", _TROUBLES, lambda run: len(run.troubles)),
)

_EVICTED = "Subjects of a rule that were given up to bound the memory."
_OPEN = "Subjects of a rule that are not settled yet."
_OVERDUE = "Subjects of a rule that are overdue by the clock of the machine."
_OF_A_RULE: tuple[tuple[_Family, str, str, Callable[[Snapshot, Outcome], float]], ...] = (
    (Counter, "violations", "Violations of a rule.", lambda _, rule: rule.violations),
    (Counter, "subjects", "Subjects that a rule has judged.", lambda _, rule: rule.subjects),
    (Counter, "evicted", _EVICTED, lambda _, rule: rule.evicted),
    (Gauge, "open_subjects", _OPEN, lambda _, rule: rule.open),
    (Gauge, "overdue_subjects", _OVERDUE, lambda run, rule: run.overdue.get(rule.rule.id, 0)),
)


def families(
    snapshot: Snapshot, failures: Mapping[str, int], dropped: Mapping[str, int]
) -> Iterator[Metric]:
    """All families of one snapshot; `failures` and `dropped` are by channel."""
    outcomes = snapshot.verdict.outcomes
    for make, name, about, of_the_run in _OF_THE_RUN:
        yield _family(make, name, about, [((), of_the_run(snapshot))])
    if snapshot.log_time is not None:
        seconds = snapshot.log_time / SECOND
        about = "The latest time that the log has reached, since the epoch."
        yield _family(Gauge, "log_time_seconds", about, [((), seconds)])
    for make, name, about, of_a_rule in _OF_A_RULE:
        values = [((outcome.rule.id,), of_a_rule(snapshot, outcome)) for outcome in outcomes]
        yield _family(make, name, about, values, "rule")
    yield from _by_class(snapshot)
    yield from _states(snapshot)
    for name, about, counts in (
        ("telling_failures", "Findings that a channel failed to tell.", failures),
        ("telling_dropped", "Findings that a channel did not try to tell.", dropped),
    ):
        each = [((channel,), count) for channel, count in counts.items()]
        yield _family(Counter, name, about, each, "channel")


def _by_class(snapshot: Snapshot) -> Iterator[Metric]:
    totals = snapshot.verdict.totals
    defects = [((name,), getattr(totals, name)) for name in DEFECTS]
    yield _family(Counter, "defects", "Defective lines.", defects, "class")
    findings = [
        ((outcome.rule.id, name), count)
        for outcome in snapshot.verdict.outcomes
        for name, count in outcome.classes.items()
    ]
    about = "Findings of a rule by their class."
    # No counter: what is `lost` so far may turn out to be `late`.
    yield _family(Gauge, "findings", about, findings, "rule", "class")


def _states(snapshot: Snapshot) -> Iterator[Metric]:
    """One series a possible outcome, 1 for the one it is: so it can be summed and joined."""
    verdict = snapshot.verdict
    now = [((name,), float(name == verdict.verdict)) for name in _NAMES]
    about = "The verdict of what is settled so far: 1 for what it is."
    yield _family(Gauge, "verdict", about, now, "outcome")
    each = [
        ((outcome.rule.id, name), float(name == outcome.outcome))
        for outcome in verdict.outcomes
        for name in _NAMES
    ]
    about = "The outcome of a rule so far: 1 for what it is."
    yield _family(Gauge, "outcome", about, each, "rule", "outcome")


def _family(make: _Family, name: str, about: str, values: _Values, *labels: str) -> Metric:
    made = make(f"tracecheck_{name}", about, labels=labels)
    for key, value in values:
        made.add_metric(key, value)
    return made
