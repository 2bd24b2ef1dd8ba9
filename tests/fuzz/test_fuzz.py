"""The fuzz run as a test: no violation passes in silence, however its line is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from random import Random
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


@pytest.mark.guard
def test_a_damaged_tag_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "damaged_tags", lambda *_: ())
    assert _finds("silent")


@pytest.mark.guard
def test_a_second_event_that_is_passed_over_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "has_second_event", lambda *_: False)
    assert _finds("silent")


@pytest.mark.guard
def test_a_second_event_that_lost_its_pipe_and_is_passed_over_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(damaged, "_is_parted", lambda *_: False)
    assert _finds("silent", 6_000)


@pytest.mark.guard
def test_what_stands_beside_a_message_and_is_passed_over_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "hide_events", lambda *_: [])
    assert _finds("silent")


@pytest.mark.guard
def test_the_head_of_an_envelope_that_is_passed_over_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wrapped, "damaged_tags", lambda *_: ())
    assert _finds("silent", 6_000)


@pytest.mark.guard
def test_the_rest_of_an_envelope_in_a_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "goes_on_as_envelope", lambda *_: False)
    assert _finds("silent")


@pytest.mark.guard
def test_a_line_end_that_stays_in_a_value_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decoding, "texts_without_written_ends", lambda texts, **_: texts)
    assert _finds("silent")


@pytest.mark.guard
def test_a_word_that_begins_with_a_tag_and_is_called_damage_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(damaged, "_is_another_word", lambda *_: False)
    assert _finds("alarms", 2_000)


@pytest.mark.guard
def test_a_value_that_holds_the_rest_of_a_line_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quoted, "cut", lambda text, _: f"{text} ")
    assert _finds("silent")


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
