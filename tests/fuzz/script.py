"""The run: inputs are drawn, judged many at a time, and what passes in silence is told."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from random import Random
from types import MappingProxyType

from laws import engine
from reading.judging import judged

from fuzz import encoding, garble, inputs, zoned
from fuzz.inputs import Input, Spec
from fuzz.planted import VOCABULARIES
from tracecheck.errors import TracecheckError
from tracecheck.model.rules import RuleSet
from tracecheck.model.tuning import Tuning

try:
    from compression import zstd
except ImportError:
    from backports import zstd

START = b"INFO:app:the log begins\n"
"""The first line of each log, so that what is no UTF-8 comes later."""

AT_ONCE = 64
"""Inputs of one log: to judge a log of a few lines costs as much as one of a thousand."""

BLOCKS = (8 << 20, 8 << 20, 8 << 20, 20_000, 5_000)
"""Bytes that are read at a time."""

ENOUGH = 10
"""Complaints after which a run ends."""

PACKED: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        "": lambda data: data,
        "gz": gzip.compress,
        "bz2": bz2.compress,
        "xz": lzma.compress,
        "zst": zstd.compress,
        "without its last line feed": lambda data: data[:-1],
        "BOM": lambda data: b"\xef\xbb\xbf" + data,
    }
)
REFUSED: Mapping[str, Callable[[bytes], bytes]] = MappingProxyType(
    {
        **{
            name: (lambda data, name=name: data.decode("utf-8", "replace").encode(name))
            for name in encoding.WIDE
        },
        "gz, cut": lambda data: gzip.compress(data)[:-5],
        "zst, cut": lambda data: zstd.compress(data)[:-3],
        "gz, with something behind": lambda data: gzip.compress(data) + b"OUTBOX_TRACE|",
    }
)
"""What is done to a whole log that must then be refused."""


@dataclass
class Report:
    """What came of a run."""

    seed: int
    inputs: int = 0
    exact: int = 0
    sorts: Counter[str] = field(default_factory=Counter)
    silent: list[str] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    crashes: list[str] = field(default_factory=list)

    @property
    def complaints(self) -> list[str]:
        return [*self.silent, *self.alarms, *self.crashes]

    def __str__(self) -> str:
        sorts = ", ".join(f"{name} {count:,}" for name, count in sorted(self.sorts.items()))
        whole = (
            f"{self.inputs:,} inputs, {self.exact:,} of them to be read as if bare: "
            f"{len(self.silent)} silent passes, {len(self.alarms)} false alarms, "
            f"{len(self.crashes)} crashes"
        )
        return "\n".join([f"seed {self.seed}: {sorts}", *self.complaints, whole])


Told = Mapping[int, frozenset[str]]
"""The rules that found something on a line, by its number."""


@cache
def _rules(vocabulary: int) -> RuleSet:
    return engine.loaded(VOCABULARIES[vocabulary].rules)


def _told(data: bytes, rules: RuleSet, tuning: Tuning = engine.ONE_THREAD) -> Told:
    """What a check tells of each line. Raises what it raises."""
    found: dict[int, set[str]] = {}
    for outcome in judged(data, rules, tuning).outcomes:
        for finding in outcome.findings:
            for line in finding.evidence:
                found.setdefault(line.line, set()).add(outcome.rule.id)
    return {line: frozenset(by) for line, by in found.items()}


def run(seed: int, count: int) -> Report:
    """Judge at least so many inputs; stop early where much is wrong."""
    report = Report(seed)
    rng = Random(seed)
    while report.inputs < count and len(report.complaints) < ENOUGH:
        at = rng.choice((0, 0, 0, 1, 2, 3))
        group = [inputs.drawn(VOCABULARIES[at], f"k{n}", rng) for n in range(AT_ONCE)]
        report.inputs += len(group)
        for one in group:
            report.exact += one.is_exact
            _count(one.spec, report.sorts)
        if rng.random() < 0.05:
            _refused(group[:3], at, rng, report)
        if rng.random() < 0.2:
            report.sorts["logs garbled"] += 1
            _crashed(garble.garbled(_log(group), rng), at, report)
        if rng.random() < 0.3:
            report.sorts["logs of zones"] += 1
            _misread(zoned.wrong(rng), report)
        tuning = replace(engine.ONE_THREAD, block=rng.choice(BLOCKS))
        _judge(group, at, rng.choice(("",) * 6 + tuple(PACKED)), tuning, report)
    return report


def _count(spec: Spec, sorts: Counter[str]) -> None:
    sorts[spec.plant.kind] += 1
    sorts.update(one.name for one in spec.damages)
    sorts[f"{len(spec.layers)} formats deep"] += 1
    if spec.glued:
        sorts["glued"] += 1
    if spec.encoded:
        sorts[spec.encoded] += 1


def _log(group: Sequence[Input]) -> bytes:
    return START + b"".join(one.data for one in group)


def _refused(group: Sequence[Input], at: int, rng: Random, report: Report) -> None:
    name = rng.choice(list(REFUSED))
    data = REFUSED[name](_log(group))
    report.sorts[name] += 1
    try:
        judged(data, _rules(at))
    except TracecheckError:
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
        report.crashes.append(f"seed {report.seed}: {_error(error)}: {name}: {_short(data)}")
        return
    report.silent.append(f"seed {report.seed}: not refused: {name}: {_short(data[:400])}")


def _crashed(data: bytes, at: int, report: Report) -> None:
    """Judge a log of which nothing is promised but that it is judged, or refused."""

    def error(data: bytes) -> str:
        try:
            totals = judged(data, _rules(at)).totals
        except TracecheckError:
            return ""
        except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
            return _error(error)
        is_whole = totals.lines == totals.events + totals.plain + totals.malformed
        return "" if is_whole else "the totals are not those of all lines"

    if said := error(data):
        small = garble.smallest(data, lambda part: bool(error(part)))
        report.crashes.append(f"seed {report.seed}: {error(small) or said}: {_short(small)}")


def _misread(wrong: str, report: Report) -> None:
    if wrong:
        found = report.silent if wrong.startswith("silent pass") else report.alarms
        found.append(f"seed {report.seed}: {wrong}")


def _judge(group: Sequence[Input], at: int, packed: str, tuning: Tuning, report: Report) -> None:
    """Judge a log of many inputs, and those that seem to pass in silence alone."""
    rules = _rules(at)
    try:
        told = _told(PACKED[packed](_log(group)), rules, tuning)
    except Exception:  # noqa: BLE001 - one by one it is seen whose it is
        told = None
    begins = START.count(b"\n") + 1
    for one in group:
        is_wrong = told is None or _wrong(one, told, begins)
        if is_wrong and len(report.complaints) < ENOUGH:
            _complain(one, at, report, is_told=told is not None)
        begins += one.lines


def _wrong(one: Input, told: Told, begins: int) -> str:
    """What is wrong with what is told of an input, whose first line has this number."""
    kind = one.spec.plant.kind
    planted = range(begins + one.planted.start, begins + one.planted.stop)
    shown = {rule for line in planted for rule in told.get(line, ())}
    if not shown:
        return "silent pass"
    if one.is_exact:
        if kind not in shown:
            return "not found"
        everywhere = {
            rule for line in range(begins, begins + one.lines) for rule in told.get(line, ())
        }
        if everywhere != {kind}:
            return "false alarm"
    return ""


def _alone(one: Input, at: int) -> str:
    """What is wrong with an input in a log of its own."""
    try:
        return _wrong(one, _told(_log([one]), _rules(at)), START.count(b"\n") + 1)
    except TracecheckError:
        return "refused" if one.is_exact else ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not be
        return _error(error)


def _complain(one: Input, at: int, report: Report, *, is_told: bool) -> None:
    """Tell of an input that is judged wrongly, as small as can be.

    `is_told`: it was seen among others that it is wrong; else one of several may be.
    """
    wrong = _alone(one, at)
    if not wrong and not is_told:
        return
    if not wrong:
        wrong = "wrong among others only"
    else:
        one, wrong = _shrunk(one, wrong, at)
    text = (
        f"seed {report.seed}: {wrong}: {one.spec}\n    {_short(one.data)}\n    {VOCABULARIES[at]}"
    )
    if wrong in {"silent pass", "not found"}:
        report.silent.append(text)
    elif wrong in {"false alarm", "refused"}:
        report.alarms.append(text)
    else:
        report.crashes.append(text)


def _error(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _short(data: bytes) -> str:
    """Bytes as Python writes them, of a long run only its length."""
    return re.sub(r"((?:\\x00|x ){20,})", lambda run: f"[{len(run[0])} characters]", repr(data))


def _shrunk(one: Input, wrong: str, at: int) -> tuple[Input, str]:
    """The simplest input that is wrong in the same way."""
    for spec in one.spec.simpler():
        if spec != one.spec:
            simpler = inputs.made(spec)
            if simpler is not None and _alone(simpler, at) == wrong:
                return _shrunk(simpler, wrong, at)
    return one, wrong
