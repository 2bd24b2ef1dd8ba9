"""The fuzz run as a test: no violation passes in silence, however its line is written."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from random import Random
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from hypothesis import settings

from fuzz import damage, encoding, planted, zoned
from fuzz.script import run
from tracecheck.events.trace_line import damage as damaged
from tracecheck.events.trace_line import finding, quoted, reader, wrapped
from tracecheck.reading.lines import behind_stamps, decoding, iso_stamps

SEED = 1
INPUTS = 100 * settings().max_examples


@pytest.mark.deep
def test_no_violation_passes_in_silence(capsys: pytest.CaptureFixture[str]) -> None:
    report = run(SEED, INPUTS)
    with capsys.disabled():
        print(f"\n{report}")
    assert not report.complaints
    assert report.inputs >= INPUTS
    assert report.exact >= INPUTS // 10
    assert {*planted.KINDS, *damage.DONE, *encoding.ENCODED, "logs of zones"} - {
        ""
    } <= report.sorts.keys()


def test_a_seed_makes_the_same_inputs_again() -> None:
    assert str(run(7, 64)) == str(run(7, 64))


# And it can fail: each of these is a defect that it must find.


def _finds(sort: str, inputs: int = 1_000) -> bool:
    """Whether a run over so many inputs finds complaints of a sort: it ends with the first."""
    return any(getattr(run(seed, 250), sort) for seed in range(SEED, SEED + inputs // 250))


DEFECTS: Mapping[str, tuple[ModuleType, str, Callable[..., Any], str, int]] = {
    "a damaged tag that is passed over": (finding, "damaged_tags", lambda *_: (), "silent", 1_000),
    "a second event that is passed over": (
        finding,
        "has_second_event",
        lambda *_: False,
        "silent",
        1_000,
    ),
    "a second event that lost its pipe and is passed over": (
        damaged,
        "_is_parted",
        lambda *_: False,
        "silent",
        6_000,
    ),
    "what stands beside a message and is passed over": (
        reader,
        "hide_events",
        lambda *_: [],
        "silent",
        1_000,
    ),
    "the head of an envelope that is passed over": (
        wrapped,
        "damaged_tags",
        lambda *_: (),
        "silent",
        6_000,
    ),
    "the rest of an envelope in a value": (
        finding,
        "goes_on_as_envelope",
        lambda *_: False,
        "silent",
        1_000,
    ),
    "a line end that stays in a value": (
        decoding,
        "texts_without_written_ends",
        lambda texts, **_: texts,
        "silent",
        1_000,
    ),
    "a word that begins with a tag and is called damage": (
        damaged,
        "_is_another_word",
        lambda *_: False,
        "alarms",
        2_000,
    ),
    "a value that holds the rest of a line": (
        quoted,
        "cut",
        lambda text, _: f"{text} ",
        "silent",
        1_000,
    ),
}
"""By what it is: what is broken, and how; the sort of complaint, and over how many inputs."""


@pytest.mark.guard
@pytest.mark.parametrize("defect", DEFECTS.values(), ids=DEFECTS)
def test_a_defect_is_found(
    defect: tuple[ModuleType, str, Callable[..., Any], str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    module, name, broken, sort, inputs = defect
    monkeypatch.setattr(module, name, broken)
    assert _finds(sort, inputs)


@pytest.mark.guard
def test_a_prose_line_that_is_called_malformed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    may_be, damaged_tags = finding.may_be_damaged, finding.damaged_tags

    def prose_too(text: pl.Expr, tags: Collection[str]) -> pl.Expr:
        return may_be(text, tags) | text.str.contains("fine")

    def odd(text: str, *asked: Any) -> Iterable[Any]:
        return ("odd",) if "fine" in text else damaged_tags(text, *asked)

    monkeypatch.setattr(finding, "may_be_damaged", prose_too)
    monkeypatch.setattr(finding, "damaged_tags", odd)
    assert _finds("alarms")


@pytest.mark.guard
def test_a_zone_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = "^(?P<half>x)?(?P<sign>x)?(?P<hours>x)?(?P<minutes>x)?(?P<late>x)?(?P<other>x)?"
    monkeypatch.setattr(behind_stamps, "_PATTERN", f"{nothing}(?P<utc>Z)?(?P<word>x)?")
    iso_stamps._parts.cache_clear()  # noqa: SLF001 - so that it is made of the broken pattern
    found = {zoned.wrong(Random(seed)).partition(":")[0] for seed in range(100)}
    iso_stamps._parts.cache_clear()  # noqa: SLF001
    assert found == {"", "silent pass", "false alarm"}


@pytest.mark.guard
def test_a_crash_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise ValueError("a bug")

    monkeypatch.setattr(finding, "damaged_tags", broken)
    assert _finds("crashes")
